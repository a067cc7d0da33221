/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Whether what is over its limit is an attack. Most of it is. But packets of which connections become known are none:
 * SYNs that many sources send and whose handshakes complete; segments of connections that are older than Seki, or came
 * another way before. Beyond what the zone can carry as a whole they are one all the same.
 *
 * A handshake takes as long as its client is far away. So at first a few that complete will do, and what looked like an
 * attack turns out to be a crowd if they come later.
 */
#include "watch.h"

#include <math.h>

/* How long handshakes of a crowd may take; and until when they tell. */
#define YOUNG_NS UINT64_C(500000000)
#define OLD_NS UINT64_C(2000000000)

/* Who was taken for a crowd once is not so again for so long. */
#define AGAIN_NS UINT64_C(300000000000)

/*
 * Connections that become known, in percent of the packets that may have begun them: below it is a flood; and while it
 * is young.
 */
#define KNOWN_PCT 50
#define KNOWN_YOUNG_PCT 10

/* Where much is usual, what becomes known of it varies: so many standard deviations less are chance. */
#define DEVIATIONS 4
#define YOUNG_DEVIATIONS 1.5

/* Of what comes, in percent: where less passes it tells nothing of the rest. */
#define TELLING_PCT 10

/* One source of so many of the last SYNs, in percent, is a flood. */
#define LATELY_NS UINT64_C(1000000000)
#define CONCENTRATED_PCT 40

/* Of the last second, beyond what is usual: packets that came and passed, connections that became known. */
struct evidence {
	uint64_t came, passed, known;
	double deviation; /* of what became known, by chance */
};

static uint64_t
beyond(uint64_t n, uint64_t usual)
{
	return n > usual ? n - usual : 0;
}

static const struct became_known *
known_of(const struct watch *w, unsigned vector)
{
	switch (seki_ladder_of(vector)) {
	case SEKI_LADDER_SYN:
		return &w->completed;
	case SEKI_LADDER_STRAY:
		return &w->picked_up;
	default:
		return NULL;
	}
}

static struct evidence
gather(const struct seki_detect *d, uint16_t zone, unsigned vector, const struct became_known *known)
{
	const struct watch *w = d->zone[zone];
	const struct cell *cell = d->collect.tree.zone[zone]->cell[vector];
	uint64_t came = cell != NULL ? cell->packets.in_second : 0; /* none: memory ran out */
	uint64_t usual = watch_calm(w, vector), stopped = 0, n = 0;

	for (unsigned i = 0; i < SPAN_TICKS_A_SECOND; i++) {
		n += known->in[(d->collect.tick - i) % SPAN_SLOTS];
		/* What a zone that observes holds back arrives all the same. */
		stopped += w->observes ? 0 : w->stopped_in[(d->collect.tick - i) % SPAN_SLOTS][vector];
	}
	usual = usual < came ? usual : 0; /* there is nothing else: then all of it tells */
	/* Usual SYNs complete; of usual strays nobody knows. */
	return (struct evidence){beyond(came, usual), beyond(beyond(came, stopped), usual),
		seki_ladder_of(vector) == SEKI_LADDER_SYN ? beyond(n, usual) : n, sqrt((double)n)};
}

/* Or what becomes known of it says nothing. */
static bool
passes_enough(const struct evidence *e)
{
	return e->passed * 100 >= e->came * TELLING_PCT;
}

/* As far as the samples of the last second tell, with 95 % of certainty. */
static bool
few_sources_ask(const struct seki_detect *d, const struct watch *w)
{
	unsigned n;
	double top = pool_top_source(w, SEKI_VECTOR_TCP_SYN, d->now_ns - LATELY_NS, &n);
	unsigned others = n - (unsigned)lround(top * n);

	return (1 - seki_share_upper(others, n)) * 100 > CONCENTRATED_PCT;
}

bool
evidence_is_certain(const struct seki_detect *d, uint16_t zone, unsigned vector)
{
	return d->collect.zone[zone].largest == vector ||
	       (seki_ladder_of(vector) == SEKI_LADDER_SYN && few_sources_ask(d, d->zone[zone]));
}

const char *
evidence_tells(const struct seki_detect *d, uint16_t zone, unsigned vector)
{
	enum seki_ladder ladder = seki_ladder_of(vector);

	if (d->collect.zone[zone].largest == vector)
		return "; the zone is over its capacity";
	if (ladder == SEKI_LADDER_SYN)
		return few_sources_ask(d, d->zone[zone]) ? "; one source asks for most of it"
							 : "; few of the handshakes complete";
	return ladder == SEKI_LADDER_STRAY ? "; little of it is of connections that the inside has" : "";
}

static uint64_t
since(const struct seki_detect *d, const struct track *t)
{
	if (t->state == TRACK_IDLE)
		return 0;
	return d->now_ns - (t->state == TRACK_ALERT ? t->state_ns : t->start_ns);
}

bool
evidence_is_young(const struct seki_detect *d, uint16_t zone, unsigned vector)
{
	return seki_ladder_of(vector) == SEKI_LADDER_SYN && !evidence_is_certain(d, zone, vector) &&
	       since(d, &d->zone[zone]->track[vector]) < YOUNG_NS;
}

bool
evidence_is_attack(const struct seki_detect *d, uint16_t zone, unsigned vector)
{
	const struct became_known *known = known_of(d->zone[zone], vector);
	bool young = evidence_is_young(d, zone, vector);
	struct evidence e;
	uint64_t of;

	if (known == NULL || evidence_is_certain(d, zone, vector))
		return true;
	e = gather(d, zone, vector, known);
	of = passes_enough(&e) ? e.passed : e.came;
	return (double)e.known + (young ? YOUNG_DEVIATIONS : DEVIATIONS) * e.deviation <
	       (double)of * (young ? KNOWN_YOUNG_PCT : KNOWN_PCT) / 100;
}

bool
evidence_is_mistaken(const struct seki_detect *d, uint16_t zone, unsigned vector)
{
	const struct watch *w = d->zone[zone];
	const struct track *t = &w->track[vector];
	const struct became_known *known = known_of(w, vector);
	uint64_t age = since(d, t), before = w->pauses[vector].mistaken_ns;
	struct evidence e;

	if (known == NULL || age < YOUNG_NS || age > OLD_NS || (before != 0 && d->now_ns - before < AGAIN_NS))
		return false;
	/* Other steps let pass who is likely to be no attacker, of whom many handshakes complete whatever the others
	 * do. */
	if (t->step != SEKI_STEP_NONE && t->step != SEKI_STEP_BUDGET && t->step != SEKI_STEP_FLOOD)
		return false;
	e = gather(d, zone, vector, known);
	return passes_enough(&e) && !evidence_is_attack(d, zone, vector);
}
