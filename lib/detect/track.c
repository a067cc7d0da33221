/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The state machine of one vector in one zone.
 *
 *     idle ──over, and an attack──► mitigating ◄──too much again── cooling ──hold──► idle
 *       └──over, but ...──► alert ──an attack──┘ └──quiet──────────────┘
 *
 * Too much is what is over a limit, or, once it was, more than 0.7 of it: so a rate that plays around the limit does
 * not open and shut. An attack pauses for up to `quiet` without anybody noticing, and for `hold` without anything being
 * taken back: pulse waves have pauses of seconds, and what has come back once is waited for longer. Then all is taken
 * back at once.
 *
 * Which step is taken is choose.c's and climb.c's.
 */
#include "watch.h"

/* A pause of an attack is no longer; and twice the longest one what is raised is held. */
#define PAUSE_MAX_NS UINT64_C(20000000000)
#define PAUSE_TIMES 2

/* A vector that begins so long after another is not part of the same blow. */
#define ROTATES_NS UINT64_C(1000000000)

/* Of a limit, in percent: once it was exceeded, more than that is too much. */
#define HOT_PCT 70

/* An attack that has gone so often to others than its targets, who were found so many ticks later at most, goes to all.
 */
#define MOVES 3
#define MOVE_TICKS 2

static void
enter(struct seki_detect *d, struct watch *w, struct track *t, enum track_state state)
{
	w->n_busy += (t->state == TRACK_IDLE) - (state == TRACK_IDLE);
	t->state = (uint8_t)state;
	t->state_ns = d->now_ns;
}

/* Nothing is left of it, its targets least of all: the next attack has others. */
static void
forget(struct seki_detect *d, struct watch *w, struct track *t)
{
	enter(d, w, t, TRACK_IDLE);
	*t = (struct track){.state = TRACK_IDLE};
}

/* What is in force without any step, as a list or the zone's services, stops it already. */
static bool
is_stopped(struct flow_rate rate, unsigned vector)
{
	return watch_leak(rate) * 1000 <= watch_attack(rate) * choose_leak_max(vector);
}

/* Most of what passes goes to others than the targets: the attack moves. */
static void
watch_move(const struct seki_detect *d, uint16_t zone, unsigned vector)
{
	struct track *t = &d->zone[zone]->track[vector];
	struct flow_rate rate = watch_rate(d, d->zone[zone], zone, vector);

	if (!is_stopped(rate, vector) && 2 * watch_at(d, zone, vector, t->target, t->n_targets) < watch_attack(rate))
		t->moved_ns = d->now_ns;
}

/* What the finding says of who is attacked; those that were before still are. Where an attack has moved some times it
 * will move on: then what all of them have in common is attacked. */
static void
keep_targets(struct seki_detect *d, struct track *t, const struct finding *finding)
{
	struct target_item item[2 * SEKI_TARGETS_MAX];
	unsigned n = 0;
	bool covered = true;

	for (unsigned i = 0; i < finding->n_targets; i++) {
		bool in = false;

		for (unsigned k = 0; k < t->n_targets; k++)
			in |= seki_target_holds(t->target[k], finding->target[i]);
		covered &= in;
	}
	if (covered)
		return;
	for (unsigned k = 0; k < t->n_targets; k++)
		item[n++] = target_item_of(t->target[k]);
	for (unsigned i = 0; i < finding->n_targets; i++)
		item[n++] = target_item_of(finding->target[i]);
	t->moves += t->moves < MOVES && t->moved_ns != 0 && climb_ticks_since(d, t->moved_ns) <= MOVE_TICKS;
	t->n_targets = (uint8_t)target_merge(item, n, t->moves < MOVES ? SEKI_TARGETS_MAX : 2);
	for (unsigned i = 0; i < t->n_targets; i++)
		t->target[i] = item[i].prefix;
	d->changed = true;
}

/* How many hosts are attacked: when it is first seen, and once a second while it goes on. */
static void
count_hosts(const struct seki_detect *d, uint16_t zone, unsigned vector)
{
	struct track *t = &d->zone[zone]->track[vector];
	uint32_t tick = d->collect.tick;

	if (t->hosts == 0 || tick / SPAN_TICKS_A_SECOND != d->last_tick / SPAN_TICKS_A_SECOND)
		t->hosts = targets_count_hosts(&d->collect, zone, vector, t->target, t->n_targets);
}

/* A limit in packets of the size that those of the finding have, or all of the vector to the zone. Where none come,
 * what was last. */
static uint64_t
in_packets(const struct seki_detect *d, uint16_t zone, unsigned vector, struct seki_rate limit,
	const struct finding *finding)
{
	uint64_t pps, bps;

	if (finding != NULL && finding->bps != 0)
		return seki_rate_in_packets(limit, finding->pps, finding->bps);
	watch_sizes(d, zone, vector, &pps, &bps);
	return pps == 0 && limit.bps != 0 ? d->zone[zone]->track[vector].limit_pps
					  : seki_rate_in_packets(limit, pps, bps);
}

/* What has come back after a pause may do so again, after one that is not much longer; unless it is long ago. */
static void
note_pause(struct seki_detect *d, struct watch *w, unsigned vector)
{
	struct pauses *p = &w->pauses[vector];
	uint64_t pause = d->now_ns - p->hot_ns;

	if (p->hot_ns == 0 || pause > PAUSE_MAX_NS)
		p->longest_ns = 0;
	else if (pause > p->longest_ns)
		p->longest_ns = pause;
	p->hot_ns = d->now_ns;
}

/* Too much comes in this tick. */
static void
heat(struct seki_detect *d, uint16_t zone, unsigned vector)
{
	struct watch *w = d->zone[zone];
	struct track *t = &w->track[vector];
	uint64_t attack = watch_attack(watch_rate(d, w, zone, vector));

	if (t->state != TRACK_MITIGATING) {
		enter(d, w, t, TRACK_MITIGATING);
		w->turned_ns = t->hunt_ns = d->now_ns; /* samples of the pause are no attack's */
	}
	note_pause(d, w, vector);
	if (climb_ticks_since(d, t->hot_ns) > 1) {
		t->heat_ns = d->now_ns;
		t->peak_pps /= 2; /* of a new pulse; earlier ones count for less */
	}
	t->hot_ns = d->now_ns;
	t->peak_pps = attack > t->peak_pps ? attack : t->peak_pps;
}

/* How long what is raised outlasts the last of the attack, beside the time in which it may just pause. */
static uint64_t
hold_of(const struct seki_detect *d, const struct watch *w, unsigned vector)
{
	uint64_t hold = PAUSE_TIMES * w->pauses[vector].longest_ns;

	return hold > d->params.hold_ns ? hold : d->params.hold_ns;
}

/* As long as an attack changes its vector it may come back to any of them. */
static uint64_t
last_hot(const struct watch *w, const struct track *t)
{
	return w->rotates && w->turned_ns > t->hot_ns ? w->turned_ns : t->hot_ns;
}

/* Another vector has been mitigated for a while: the attack has changed its own, or has got one more. */
static void
watch_rotation(struct seki_detect *d, uint16_t zone, unsigned vector)
{
	struct watch *w = d->zone[zone];

	for (unsigned v = 0; v < SEKI_N_VECTORS && !w->rotates; v++)
		w->rotates = v != vector && w->track[v].state >= TRACK_MITIGATING &&
			     d->now_ns >= w->track[v].start_ns + ROTATES_NS;
	if (!w->rotates || w->guard_told || !raise_may_guard(d, w))
		return;
	w->guard_told = true;
	record_decision(d, zone, vector, SEKI_DECISION_GUARD, SEKI_STEP_NONE,
		"the attack changes its vector: what else comes to its targets is held to what would make it part of the attack");
}

static void
start(struct seki_detect *d, uint16_t zone, unsigned vector, const struct finding *finding)
{
	struct watch *w = d->zone[zone];
	struct track *t = &w->track[vector];
	/* What guards against a vector that may be next does not do for one that has come. */
	bool stopped = is_stopped(watch_rate(d, w, zone, vector), vector) && (w->raised.guarded >> vector & 1) == 0;
	enum seki_step step;
	bool enough;

	t->start_ns = t->hunt_from_ns = d->now_ns;
	t->limit = finding->limit;
	t->limit_pps = in_packets(d, zone, vector, t->limit, finding);
	t->follows = finding->follows;
	t->by_capacity = d->collect.zone[zone].largest == vector;
	t->limit_from = finding->limit_from;
	heat(d, zone, vector);
	if (w->incident == NULL)
		record_open(d, zone, finding);
	record_track(d, zone, finding);
	step = stopped ? SEKI_STEP_NONE : choose_first(d, w, zone, vector, &enough);
	climb_take(d, zone, vector, step == SEKI_STEP_NONE ? SEKI_DECISION_NONE : SEKI_DECISION_RAISE, step,
		stopped                    ? "what is in force already stops it"
		: step == SEKI_STEP_NONE   ? "no step of its ladder may be raised in this zone"
		: !enough                  ? "it is tried whether it is enough; milder steps would let more of it pass"
		: step == SEKI_STEP_SOURCE ? "nearly all of it comes from sources that are above their own limits"
		: step == SEKI_STEP_STRICT ? "milder steps would let too much of it pass"
					   : "it is the mildest step that can be expected to be enough");
	watch_rotation(d, zone, vector);
	d->changed |= pass_tick(d, zone, vector);
}

static void
end(struct seki_detect *d, uint16_t zone, unsigned vector, const char *why)
{
	struct watch *w = d->zone[zone];
	struct track *t = &w->track[vector];

	climb_take(d, zone, vector, SEKI_DECISION_END, SEKI_STEP_NONE, why);
	hunt_end(d, w, vector);
	forget(d, w, t);
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
		if (w->track[v].state >= TRACK_MITIGATING)
			return;
	w->rotates = w->guard_told = false;
	record_close(d, zone);
}

/* Too much still comes, and is no attack after all: it is watched on. */
static void
end_mistake(struct seki_detect *d, uint16_t zone, unsigned vector)
{
	struct watch *w = d->zone[zone];
	struct track *t = &w->track[vector];

	w->pauses[vector].mistaken_ns = d->now_ns;
	end(d, zone, vector, "connections come of it: it is a crowd and no attack");
	enter(d, w, t, TRACK_ALERT);
	t->hot_ns = d->now_ns;
}

/* What its targets get is still too much: of what is usual in the zone nobody knows how much is theirs, so all of it
 * may be. */
static bool
is_hot(const struct seki_detect *d, const struct watch *w, uint16_t zone, unsigned vector,
	const struct finding *finding)
{
	const struct track *t = &w->track[vector];
	uint64_t limit = t->follows && !watch_is_led(w, vector, true)
				 ? in_packets(d, zone, vector, w->limits->at[SEKI_LEVEL_HOST][vector], finding)
				 : t->limit_pps;
	uint64_t attack = watch_attack(watch_rate(d, w, zone, vector)), at;

	if (finding != NULL || limit == 0 || attack * 100 <= limit * HOT_PCT)
		return finding != NULL;
	at = watch_at(d, zone, vector, t->target, t->n_targets);
	return (at < attack ? at : attack) * 100 > limit * HOT_PCT;
}

static void
watch_idle(struct seki_detect *d, uint16_t zone, unsigned vector, const struct finding *finding)
{
	struct watch *w = d->zone[zone];
	struct track *t = &w->track[vector];

	if (finding == NULL) {
		if (t->state == TRACK_ALERT && d->now_ns - t->hot_ns > d->params.quiet_ns)
			forget(d, w, t);
		return;
	}
	t->hot_ns = d->now_ns;
	keep_targets(d, t, finding);
	count_hosts(d, zone, vector);
	if (evidence_is_attack(d, zone, vector))
		start(d, zone, vector, finding);
	else if (t->state == TRACK_IDLE)
		enter(d, w, t, TRACK_ALERT);
}

/* The attack may go on at a place that has less than where it began: then it is there that it does not pause. */
static uint64_t
least_limit(const struct seki_detect *d, uint16_t zone, unsigned vector, const struct finding *finding)
{
	uint64_t limit = d->zone[zone]->track[vector].limit_pps,
		 now = finding == NULL ? 0 : in_packets(d, zone, vector, finding->limit, finding);

	return now != 0 && now < limit ? now : limit;
}

/* What a zone that is over its capacity may have of a vector is what there is room for now; when it is within it again,
 * the vector is held to its own limit. */
static void
hold_to_capacity(const struct seki_detect *d, uint16_t zone, unsigned vector, const struct finding *finding)
{
	const struct watch *w = d->zone[zone];
	struct track *t = &d->zone[zone]->track[vector];

	if (d->collect.zone[zone].largest == vector) {
		t->by_capacity = true;
		if (finding != NULL)
			t->limit = finding->limit;
	} else if (t->by_capacity) {
		t->by_capacity = false;
		t->limit = w->limits->at[SEKI_LEVEL_ZONE][vector];
		t->limit_from = w->limits->from[vector];
	}
}

void
track_tick(struct seki_detect *d, uint16_t zone, unsigned vector, const struct finding *finding)
{
	struct watch *w = d->zone[zone];
	struct track *t = &w->track[vector];
	bool hot;

	t->excess = finding == NULL ? 0 : finding->excess;
	if (t->state == TRACK_IDLE || t->state == TRACK_ALERT) {
		watch_idle(d, zone, vector, finding);
		return;
	}
	climb_obey(d, zone, vector);
	hold_to_capacity(d, zone, vector, finding);
	t->limit_pps = in_packets(d, zone, vector, t->limit, finding);
	t->least_pps = least_limit(d, zone, vector, finding);
	hot = is_hot(d, w, zone, vector, finding);
	if (hot && t->state == TRACK_MITIGATING)
		watch_move(d, zone, vector);
	/* Who gets more when it has ended is not attacked. */
	if (finding != NULL && (finding->follows || finding->goes_on)) {
		keep_targets(d, t, finding);
		record_track(d, zone, finding);
	}
	if (hot) {
		heat(d, zone, vector);
		count_hosts(d, zone, vector);
	}
	if (t->state == TRACK_MITIGATING) {
		hunt_tick(d, zone, vector);
		if (hot && evidence_is_mistaken(d, zone, vector))
			end_mistake(d, zone, vector);
		else if (hot)
			climb_reconsider(d, zone, vector);
		if (t->state == TRACK_MITIGATING && d->now_ns - t->hot_ns > d->params.quiet_ns)
			enter(d, w, t, TRACK_COOLING);
	} else if (d->now_ns - last_hot(w, t) > d->params.quiet_ns + hold_of(d, w, vector)) {
		end(d, zone, vector, "it has not been over its limit again");
	}
	d->changed |= pass_tick(d, zone, vector);
}
