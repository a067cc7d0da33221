/* SPDX-License-Identifier: BSD-3-Clause */
/* The reader of incident files on any bytes: what it accepts is bounded, and its first bytes say the same as all of it.
 */
#include "incident_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Not assert(): release builds leave that out. */
#define MUST(condition) ((condition) ? (void)0 : fail(#condition))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fail(const char *condition)
{
	fprintf(stderr, "broken promise: %s\n", condition);
	abort();
}

static void
check(const struct seki_summary *s, const char *text, size_t size)
{
	MUST(seki_incident_is_id(s->id, strlen(s->id), NULL));
	MUST(strchr(s->id, '/') == NULL && s->id[0] != '.');
	MUST(s->state <= SEKI_INCIDENT_INTERRUPTED);
	MUST(s->n_targets <= SEKI_TARGETS_MAX);
	MUST(s->state_at > 0 && s->state_at + s->state_len < size);
	MUST(text[s->state_at - 1] == '"' && text[s->state_at + s->state_len] == '"');
	MUST(memcmp(text + s->state_at, seki_incident_state_name(s->state), s->state_len) == 0);
	for (unsigned i = 0; i < s->n_targets; i++)
		MUST(s->target[i].len <= 64 && (s->target[i].net & ~seki_target_mask(s->target[i].len)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seki_summary whole, head;
	const char *text = (const char *)data;

	if (!seki_summary_read(text, size, true, &whole))
		return 0;
	check(&whole, text, size);
	MUST(seki_summary_read(text, size, false, &head));
	MUST(memcmp(&whole, &head, sizeof(whole)) == 0);
	return 0;
}
