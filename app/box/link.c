/* SPDX-License-Identifier: BSD-3-Clause */
#include "link.h"

#include <string.h>

void
link_init(struct link_pair *pair, bool can_set0, bool can_set1)
{
	memset(pair, 0, sizeof(*pair));
	for (unsigned i = 0; i < 2; i++)
		pair->side[i].up = true;
	pair->side[0].can_set = can_set0;
	pair->side[1].can_set = can_set1;
}

/*
 * Takes what the port says, where it says something of its own: a side that is held down or still coming up keeps
 * `up` set, so that nothing follows from it. Returns true if `up` changed.
 */
static bool
look(struct link_side *side, bool up, uint64_t now_ns)
{
	bool was = side->up;

	if (side->forced)
		return false;
	if (side->settling && !up && now_ns < side->until_ns)
		return false;
	side->settling = false;
	side->up = up;
	return up != was;
}

void
link_step(struct link_pair *pair, const bool up[2], uint64_t now_ns, enum link_order order[2], bool changed[2])
{
	for (unsigned i = 0; i < 2; i++)
		changed[i] = look(&pair->side[i], up[i], now_ns);
	for (unsigned i = 0; i < 2; i++) {
		struct link_side *side = &pair->side[i];
		const struct link_side *peer = &pair->side[1 - i];

		order[i] = LINK_KEEP;
		if (side->can_set && !side->forced && side->up && !peer->up) {
			side->forced = true;
			side->settling = false;
			order[i] = LINK_FORCE_DOWN;
		} else if (side->forced && peer->up) {
			side->forced = false;
			side->settling = true;
			side->up = true;
			side->until_ns = now_ns + LINK_SETTLE_NS;
			order[i] = LINK_RELEASE;
		}
	}
}
