/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_LINK_H
#define SEKI_LINK_H

/*
 * Link state of one side, passed on to the other: a router must see that the path behind the box is gone, or it
 * goes on sending into it. Where the port can set its link, Seki takes the peer's down, and up again with the other.
 *
 * Two traps. A side that Seki itself holds down must not hold the other side down in turn, or both stay down for
 * ever. And a side that has just been released needs time to negotiate: until it is seen up, or LINK_SETTLE_NS have
 * passed, its being down means nothing.
 *
 * A pure state machine with injected time; management carries its orders out.
 */

#include <stdbool.h>
#include <stdint.h>

#define LINK_SETTLE_NS UINT64_C(10000000000)

struct link_side {
	bool can_set;      /* set by the caller: its link can be forced down */
	bool up;           /* as last seen; stays set while forced or settling */
	bool forced;       /* Seki holds it down */
	bool settling;     /* released, not yet seen up */
	uint64_t until_ns; /* end of settling */
};

struct link_pair {
	struct link_side side[2];
};

enum link_order {
	LINK_KEEP,
	LINK_FORCE_DOWN,
	LINK_RELEASE,
};

/* Both sides as they are found at start: what is down then holds its peer down at the first step. */
void link_init(struct link_pair *pair, bool can_set0, bool can_set1);

/* Takes what both ports say now and gives an order for each. `changed[i]`: side i went up or down by itself. */
void link_step(struct link_pair *pair, const bool up[2], uint64_t now_ns, enum link_order order[2], bool changed[2]);

#endif
