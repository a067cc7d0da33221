/* SPDX-License-Identifier: BSD-3-Clause */
#include "tally.h"

#include <stdlib.h>

/* Tenths in a row that must be quiet. */
#define QUIET_TENTHS 10u

void
gen_tally_init(struct gen_tally *tally)
{
	*tally = (struct gen_tally){.first_attack_ns = UINT64_MAX};
}

void
gen_tally_fini(struct gen_tally *tally)
{
	free(tally->tenth);
}

enum gen_row
gen_row_of(char label)
{
	return label == GEN_ATTACK ? GEN_ROW_ATTACK : label == GEN_LEGIT ? GEN_ROW_LEGIT : GEN_ROW_OTHER;
}

static struct gen_tenth *
tenth_of(struct gen_tally *tally, uint64_t sent_ns)
{
	size_t i = (sent_ns - tally->first_attack_ns) / GEN_TENTH_NS;

	while (tally->n_tenths <= i) {
		tally->tenth = gen_grow(tally->tenth, tally->n_tenths, &tally->tenth_room, sizeof(*tally->tenth));
		tally->tenth[tally->n_tenths++] = (struct gen_tenth){0, 0};
	}
	return &tally->tenth[i];
}

void
gen_tally_sent(struct gen_tally *tally, char label, uint32_t bytes, uint64_t sent_ns)
{
	struct gen_count *count = &tally->offered[gen_row_of(label)];

	count->packets++;
	count->bytes += bytes;
	if (label != GEN_ATTACK)
		return;
	if (tally->first_attack_ns == UINT64_MAX)
		tally->first_attack_ns = sent_ns;
	tenth_of(tally, sent_ns)->offered++;
}

void
gen_tally_passed(struct gen_tally *tally, char label, uint32_t bytes, uint64_t sent_ns, uint64_t now_ns)
{
	enum gen_row row = gen_row_of(label);

	tally->passed[row].packets++;
	tally->passed[row].bytes += bytes;
	gen_hist_add(&tally->latency[row], now_ns - sent_ns);
	if (row == GEN_ROW_ATTACK)
		tenth_of(tally, sent_ns)->passed++;
}

uint64_t
gen_tally_mitigated(const struct gen_tally *tally)
{
	size_t since = 0;
	unsigned quiet = 0;

	for (size_t i = 0; i < tally->n_tenths; i++) {
		const struct gen_tenth *tenth = &tally->tenth[i];

		if (tenth->offered == 0)
			continue; /* between pulses: says nothing */
		if ((uint64_t)tenth->passed * 100 >= tenth->offered)
			quiet = 0;
		else if (quiet++ == 0)
			since = i;
		if (quiet == QUIET_TENTHS)
			return since * GEN_TENTH_NS;
	}
	return UINT64_MAX;
}

uint64_t
gen_tally_share(uint64_t part, uint64_t whole)
{
	return whole == 0 ? 0 : (uint64_t)(((unsigned __int128)part * 10000 + whole - 1) / whole);
}
