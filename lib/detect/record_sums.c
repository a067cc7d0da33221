/* SPDX-License-Identifier: BSD-3-Clause */

/* What the estimates of an incident are made of, tick by tick: how much of the attack passed, and of the rest was lost.
 */
#include "watch.h"

/* Packets that were offered in one tick are in part stopped in the next: so much of what passed at least did. */
#define LEAK_LOW 0.85

static double
positive(double x)
{
	return x > 0 ? x : 0;
}

/* What came of a vector in a tick, in packets. */
struct came {
	double offered, stopped, calm;
	double crowd;      /* passed, beyond what is usual, and was no attack: handshakes completed */
	bool by_signature; /* who is usual is told from the attack */
	bool alike;        /* of a crowd as much passes as of the attack */
};

/* Of SYNs that passed, those whose handshakes completed are a crowd; unless it is connections that attack. */
static double
crowd_of(const struct seki_detect *d, uint16_t zone, unsigned vector, double calm, double passed)
{
	double known = d->zone[zone]->completed.in[d->collect.tick % SPAN_SLOTS], crowd = positive(known - calm);

	if (seki_ladder_of(vector) != SEKI_LADDER_SYN || evidence_is_certain(d, zone, vector))
		return 0;
	return crowd < passed ? crowd : passed;
}

/* What was read as stopped before it was read as offered is of the next tick. */
static struct came
came_of(const struct seki_detect *d, struct watch *w, uint16_t zone, unsigned vector)
{
	struct track *t = &w->track[vector];
	struct flow_rate rate = watch_rate(d, w, zone, vector);
	enum seki_step step = watch_step(d, zone, vector);
	double offered = (double)rate.offered / SPAN_TICKS_A_SECOND;
	double stopped = (double)rate.stopped / SPAN_TICKS_A_SECOND + t->over_stopped;
	double calm = watch_calm_in_tick(w, vector);

	t->over_stopped = positive(stopped - offered);
	return (struct came){.offered = offered,
		.stopped = stopped - t->over_stopped,
		.calm = calm,
		.crowd = crowd_of(d, zone, vector, calm, offered - stopped + t->over_stopped),
		.by_signature = step == SEKI_STEP_SIGNATURE || step == SEKI_STEP_SOURCE,
		.alike = step == SEKI_STEP_BUDGET || step == SEKI_STEP_FLOOD};
}

/* As much of a crowd is lost as of all; where that is not so nobody knows how much. */
static double
crowd_lost(const struct came *x)
{
	double passed = x->offered - x->stopped;

	return passed <= 0 || !x->alike ? 0 : x->crowd * x->stopped / passed;
}

/* A tick's part in the sums of the estimates: see docs/incident.md. */
static void
add_leak(struct seki_incident_sums *s, const struct came *x)
{
	double passed = x->offered - x->stopped;
	double usual = x->by_signature || x->offered <= 0 ? x->calm : x->calm * passed / x->offered;

	double crowd = x->crowd + crowd_lost(x);

	s->attack += positive(x->offered - x->calm - crowd);
	s->attack_low += positive(x->offered - 2 * (x->calm + crowd));
	s->attack_high += x->offered;
	s->leaked += positive(passed - usual - x->crowd);
	s->leaked_low += positive(passed * LEAK_LOW - 2 * (x->calm + x->crowd) - 1);
	s->leaked_high += passed;
}

/* Who is usual has lost as much of his as came of all. */
static double
usual_lost(const struct came *x)
{
	return x->offered <= 0 ? 0 : (x->calm < x->offered ? x->calm : x->offered) * x->stopped / x->offered;
}

static void
add_loss(struct seki_incident_sums *s, const struct came *x, const struct track *t)
{
	double crowd = crowd_lost(x);
	double most = 2 * (x->calm + crowd) + 1;

	s->lost += x->by_signature ? x->calm * t->clean_share : usual_lost(x) + crowd;
	s->lost_high += x->by_signature ? 2 * x->calm * t->clean_upper : most < x->stopped ? most : x->stopped;
}

double
record_add_up(const struct seki_detect *d, uint16_t zone, unsigned vector)
{
	struct watch *w = d->zone[zone];
	struct came came = came_of(d, w, zone, vector);
	double attack = positive(came.offered - came.calm);

	add_leak(&w->incident->sums, &came);
	add_loss(&w->incident->sums, &came, &w->track[vector]);
	w->incident->vector[vector].packets += (uint64_t)(attack + 0.5);
	return attack;
}

void
record_leak_from_now(struct seki_incident *in)
{
	struct seki_incident_sums *s = &in->sums;

	s->attack = s->attack_low = s->attack_high = 0;
	s->leaked = s->leaked_low = s->leaked_high = 0;
}

void
record_guarded(const struct seki_detect *d, uint16_t zone, unsigned vector)
{
	struct watch *w = d->zone[zone];
	struct came came = came_of(d, w, zone, vector);

	if (came.offered <= w->raised.ration[vector])
		return; /* others have stopped it */
	w->incident->sums.lost += usual_lost(&came);
	w->incident->sums.lost_high += came.stopped;
}
