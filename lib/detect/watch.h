/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_WATCH_H
#define SEKI_WATCH_H

/* A zone as detection sees it, and the detector as a whole. Internal to lib/detect; management core. */

#include "carpet.h"
#include "detect.h"
#include "drops.h"
#include "find.h"
#include "override.h"
#include "posture.h"

/* What became of the search for signatures of a track. */
enum hunt {
	HUNT_ON,      /* samples are gathered */
	HUNT_SHADOW,  /* found, being tried on new samples */
	HUNT_READY,   /* may be raised */
	HUNT_FAILED,  /* nothing holds it, or what was found did not do */
};

/* What a step has done, in packets of its last ticks. */
struct effect {
	unsigned ticks;
	double attack, leaked, calm;
};

/* One vector of one zone. */
struct track {
	uint8_t state;     /* enum track_state */
	uint8_t step;      /* enum seki_step: what is raised */
	uint8_t hunt;      /* enum hunt */
	uint8_t hunts_lost; /* signatures that were used, and ended since the attack changed */
	bool follows;      /* it is held to a part of its limit, as long as another vector attacks */
	uint32_t tried;    /* SEKI_STEP_BIT */
	uint32_t failed;   /* of them, those that were not enough */
	uint64_t state_ns; /* since when it is in this state */
	uint64_t step_ns;  /* since when the step is raised */
	uint32_t mild_ticks; /* of attack, in a row, in which a milder one would have been enough */
	uint64_t hot_ns;   /* when too much came last, */
	uint64_t heat_ns;  /* and since when, without a pause */
	uint64_t hunt_ns;  /* when to look again */
	uint64_t hunt_from_ns; /* since when what comes is looked at */
	uint8_t hunts_failed;  /* signatures that were tried in vain */
	uint64_t start_ns; /* since when it is not idle */
	struct seki_rate limit; /* that was exceeded */
	uint64_t limit_pps;     /* what it allows, in packets of the size that they had last */
	uint64_t least_pps;     /* that, or less, where a place that is attacked now has less */
	uint8_t limit_from;     /* enum seki_limit_from */
	bool by_capacity;       /* it is what the zone's capacity leaves, for as long as that is exceeded */
	uint32_t hosts;
	uint64_t excess; /* of the last tick, a second, as its finding says */
	uint64_t peak_pps; /* of the attack */
	uint64_t proven_ns;     /* since when it is at SEKI_STEP_PROVEN, or was tried without */
	uint8_t proven_retries; /* how often */
	double over_stopped;    /* packets that were read as stopped before they were read as offered */
	uint16_t pass_q16; /* share of strangers that `flood` is to let pass */
	uint16_t ration;   /* packets that it, or what is strict, is to let pass of a core in a tick */
	uint16_t ration_proven; /* and of proven sources, where they have only a little */
	struct effect effect; /* of the step */
	double clean_share, clean_upper; /* what of clean traffic its signatures hold */
	uint64_t moved_ns; /* when most of it last went to others than its targets */
	uint8_t moves;     /* how often others have become targets since it went to them */
	uint8_t n_targets;
	struct seki_target target[SEKI_TARGETS_MAX];
};

/* Of a limit, in percent: what `flood` lets pass. */
#define THIN_PCT 90

/* Samples from which shares of sources are known. */
#define SAMPLES_ENOUGH 64

#define CLEAN_SAMPLES 1024  /* of a class */
#define ATTACK_SAMPLES 2048 /* of a zone */
#define FRESH_SAMPLES 16384  /* too young to tell whether they are clean */

#define CLEAN_FOR_S 3600     /* then one is no longer recent */

struct features_ring {
	uint32_t n; /* put in since start */
	struct seki_features at[CLEAN_SAMPLES];
	uint32_t second[CLEAN_SAMPLES]; /* when it came, mono */
};

/* What was cumulated of a zone when a second was last told. */
struct told {
	uint64_t offered_packets, offered_bytes;
	uint64_t drop_packets[SEKI_N_REASONS], drop_bytes[SEKI_N_REASONS];
	uint64_t observed_packets[SEKI_N_REASONS], observed_bytes[SEKI_N_REASONS];
};

/* Connections that became known: cumulated, and by ticks. */
struct became_known {
	uint64_t sum;
	uint32_t in[SPAN_SLOTS];
};

/* What is usual of a vector in quiet times, packets a second in 1/16. */
#define CALM_PART 16
#define CALM_SLOTS 6
struct calm {
	uint32_t now;             /* a mean over a quarter of a minute */
	uint32_t was[CALM_SLOTS]; /* what it was, every CALM_EVERY seconds; the largest number where that is not known */
};

/* How an attack of a vector comes and goes; of the last one, too. */
struct pauses {
	uint64_t hot_ns;     /* when too much came last; 0: never */
	uint64_t longest_ns; /* after which it came back */
	uint64_t mistaken_ns; /* when it was last taken for a crowd after all; 0: never */
};

struct watch {
	bool used;
	char name[32], domain[32];
	const struct seki_limits *limits;
	bool observes;
	uint32_t cms; /* countermeasures that may be raised */
	bool stale;   /* they are others than those of which `raised` was made */
	bool rotates; /* the attack changes its vector: see raise.c; */
	bool guard_told; /* and the incident says what is done about that */
	uint64_t turned_ns; /* when a vector last came, or came back */
	uint64_t budget_pps[SEKI_N_VECTORS];
	struct pauses pauses[SEKI_N_VECTORS];
	unsigned n_busy; /* tracks that are not idle */
	struct track track[SEKI_N_VECTORS];
	struct calm calm[SEKI_N_VECTORS];
	uint32_t calm_seconds;              /* that were learned from */
	uint64_t stopped[SEKI_N_VECTORS];   /* cumulated, at the last tick */
	uint32_t stopped_in[SPAN_SLOTS][SEKI_N_VECTORS]; /* ticks */
	struct became_known completed; /* by a handshake */
	struct became_known picked_up; /* as the inside is in the middle of them */
	struct features_ring *clean[SEKI_N_CLASSES];
	struct seki_sample *fresh; /* [FRESH_SAMPLES] */
	uint32_t fresh_head, fresh_tail;
	unsigned taken;            /* samples in this tick */
	struct seki_sample *attack; /* [ATTACK_SAMPLES]; of the incident */
	uint32_t n_attack;
	struct seki_raised raised;
	struct seki_incident *incident; /* NULL: there is none */
	struct told told;
	uint64_t began_mono_ns;
	int32_t next_second;
	double second_attack; /* of the second that is being gathered */
	uint32_t second_hosts;
	uint8_t second_step;
};

struct seki_detect {
	struct seki_detect_params params;
	struct seki_detect_core core[SEKI_DETECT_CORES];
	struct seki_step_cms cms[SEKI_N_LADDERS][SEKI_N_STEPS];
	struct collect collect;
	struct findings findings;
	struct watch *zone[SEKI_ZONES_MAX];
	uint32_t zone_end;
	uint64_t now_ns, wall_ns; /* of this tick */
	struct seki_find_scratch *scratch;
	struct seki_features *few;  /* [SEKI_FIND_ATTACK_MAX]: samples of one vector */
	struct seki_features *many; /* [SEKI_FIND_CLEAN_MAX] */
	struct seki_found found;
	bool hunted; /* in this tick: once is enough */
	unsigned n_incidents;
	struct seki_incident *incident[SEKI_INCIDENTS_MAX];
	uint64_t n_ever, samples;
	uint32_t last_tick, last_second; /* 0: there was none */
	bool changed; /* what is raised somewhere, since the last tick told of it */
	unsigned n_overrides;
	struct seki_override override[SEKI_OVERRIDES_MAX];
	struct drops drops;
};

/*
 * What came and went of a vector, a second, by the last tick. What is offered and what is stopped are read one after the
 * other: a little more may have been stopped than was offered, and as much less in the next tick.
 */
struct flow_rate {
	uint64_t offered, stopped; /* to the zone, of strangers */
	uint64_t passed;           /* the difference, or 0 */
	uint64_t calm;             /* of what was offered, usual */
};

/* calm.c: what is usual is learned, from when a zone is watched on. After so many seconds, in the tick that ends them. */
void calm_begin(struct watch *w);
void calm_learn(struct seki_detect *d, uint16_t zone, uint32_t seconds);

/* calm.c: packets a second of a vector that are usual. */
uint64_t watch_calm(const struct watch *w, unsigned vector);
double watch_calm_in_tick(const struct watch *w, unsigned vector); /* packets */

struct flow_rate watch_rate(const struct seki_detect *d, const struct watch *w, uint16_t zone, unsigned vector);

/* What passes of an attack that a step of its ladder lets pass is not leak but what its limit allows; more is. */
uint64_t watch_attack(struct flow_rate rate);
uint64_t watch_leak(struct flow_rate rate);

/* Steps that the zone allows against a vector; those of them that may be raised now, as signatures have to be found first. */
uint32_t watch_steps(const struct seki_detect *d, const struct watch *w, unsigned vector);
uint32_t watch_can(const struct seki_detect *d, const struct watch *w, unsigned vector);

/* override.c: the step that is in force, an operator's or the machine's, and the prefixes it is for (0: the whole zone). */
enum seki_step watch_step(const struct seki_detect *d, uint16_t zone, unsigned vector);
unsigned watch_targets(const struct seki_detect *d, uint16_t zone, unsigned vector, const struct seki_target **target);

/* Overrides of a zone begin, follow its targets and end. True: something else is to be raised. And: the zone is gone. */
bool override_tick(struct seki_detect *d, uint16_t zone);
void override_forget(struct seki_detect *d, uint16_t zone);

/*
 * evidence.c: whether what is over its limit is an attack; whether an attack has turned out to be none; and whether that is
 * too early to tell. After the tick was read.
 */
bool evidence_is_certain(const struct seki_detect *d, uint16_t zone, unsigned vector);

/* evidence.c: why what is over its limit is an attack, as the end of a sentence; "": as it is. */
const char *evidence_tells(const struct seki_detect *d, uint16_t zone, unsigned vector);
bool evidence_is_attack(const struct seki_detect *d, uint16_t zone, unsigned vector);
bool evidence_is_mistaken(const struct seki_detect *d, uint16_t zone, unsigned vector);
bool evidence_is_young(const struct seki_detect *d, uint16_t zone, unsigned vector);

/* choose.c: what may leak of an attack of the vector, in 1/1000. */
uint64_t choose_leak_max(unsigned vector);

/* choose.c: signatures may still be found, and the zone would use them. */
bool choose_may_hunt(const struct seki_detect *d, const struct watch *w, unsigned vector);

/*
 * choose.c: by what is known now, the step to begin with (and whether it can be expected to be enough), the next one
 * above the step in force, and one below it that would be enough by far. SEKI_STEP_NONE: there is none.
 */
enum seki_step choose_first(
	const struct seki_detect *d, const struct watch *w, uint16_t zone, unsigned vector, bool *enough);
enum seki_step choose_next(const struct seki_detect *d, const struct watch *w, uint16_t zone, unsigned vector);
enum seki_step choose_milder(const struct seki_detect *d, const struct watch *w, uint16_t zone, unsigned vector);

/* raise.c: vectors that may be next can be guarded against. */
bool raise_may_guard(const struct seki_detect *d, const struct watch *w);

/* raise.c: makes what is raised in a zone. */
void raise_zone(const struct seki_detect *d, uint16_t zone);

/* drops.c: keeps the sample, if it is of a packet that was dropped or held back. */
void drops_keep(struct seki_detect *d, const struct seki_sample *sample);

/* climb.c: takes a step, and says so in the incident. */
void climb_take(struct seki_detect *d, uint16_t zone, unsigned vector, enum seki_decision_action action,
	enum seki_step step, const char *why);

/* climb.c: in a tick in which too much comes, whether another step is to be taken. */
void climb_reconsider(struct seki_detect *d, uint16_t zone, unsigned vector);

/* climb.c: where a reload has taken the step in force away, another one is chosen. */
void climb_obey(struct seki_detect *d, uint16_t zone, unsigned vector);

/* climb.c: whole ticks since then; they are a little longer or shorter than they should be. */
uint64_t climb_ticks_since(const struct seki_detect *d, uint64_t ns);

/* track.c: one tick of a track. `finding` NULL: nothing is over its limit. */
void track_tick(struct seki_detect *d, uint16_t zone, unsigned vector, const struct finding *finding);

/* follow.c: another vector attacks the zone now; `by_leaders`: and not only as it follows one. */
bool watch_is_led(const struct watch *w, unsigned vector, bool by_leaders);

/* follow.c: what came of a vector to the zone within a second, packets and bits: how large the packets are. 0: none came. */
void watch_sizes(const struct seki_detect *d, uint16_t zone, unsigned vector, uint64_t *pps, uint64_t *bps);

/* follow.c: what of a vector came to some targets in the last tick, a second. */
uint64_t watch_at(const struct seki_detect *d, uint16_t zone, unsigned vector, const struct seki_target *target, unsigned n);

/*
 * follow.c: whether a vector of which nothing is over a limit is part of the attack on the zone all the same; then *finding says
 * of what.
 */
bool follow_find(const struct seki_detect *d, uint16_t zone, unsigned vector, struct finding *finding);

/* follow.c: so many packets of a vector in a tick are not yet more than what follow_find looks for. 0: none are too many. */
uint64_t follow_least(const struct seki_detect *d, uint16_t zone, unsigned vector);

/*
 * pass.c: what is to pass of strangers of a vector, after its part of the tick: of `flood` a share, and a ration; of what is strict
 * a ration in pauses. True: that is another than before.
 */
bool pass_tick(struct seki_detect *d, uint16_t zone, unsigned vector);

/* pass.c: packets that a core may let pass in a tick, if all of them are to let `per_tick` pass. */
uint16_t pass_ration(const struct seki_detect *d, uint64_t per_tick);

/* pass.c: so many as a ration; more than one can say is SEKI_RATION_ALL. */
uint16_t pass_as_ration(uint64_t n);

/* pool.c: samples come; and once a tick it is told which of the young ones are clean, or of an attack. */
void pool_add(struct seki_detect *d, const struct seki_sample *sample);
void pool_settle(struct seki_detect *d, struct watch *w);
size_t pool_bytes(const struct watch *w); /* of its samples */

/* How many samples of the attack there are in w->attack. */
unsigned pool_n_attack(const struct watch *w);

/*
 * Of the samples of a vector that are an attack's, or may be: the share that the countermeasures of SEKI_STEP_SOURCE would have
 * dropped; that of the source that has sent most since then. *n: how many they are.
 */
double pool_source_share(const struct watch *w, unsigned vector, unsigned *n);
double pool_top_source(const struct watch *w, unsigned vector, uint64_t since_ns, unsigned *n);

/* Tells the incident what the samples have in common, and how many sources they are from. */
void pool_tell(struct watch *w);

/* hunt.c: signatures of a track are looked for, tried, and, while they are used, tried again; what does not hold ends. */
void hunt_tick(struct seki_detect *d, uint16_t zone, unsigned vector);
void hunt_end(struct seki_detect *d, struct watch *w, unsigned vector);

/* Whether there are clean samples enough that signatures which are found may be used. */
bool hunt_may_find(const struct seki_detect *d, const struct watch *w, unsigned vector);

/* record.c: the incident of a zone. */
void record_open(struct seki_detect *d, uint16_t zone, const struct finding *finding);
void record_track(struct seki_detect *d, uint16_t zone, const struct finding *finding);
void record_decision(struct seki_detect *d, uint16_t zone, unsigned vector, enum seki_decision_action action,
	enum seki_step before, const char *why);
void record_tick(struct seki_detect *d, uint16_t zone);
void record_close(struct seki_detect *d, uint16_t zone);

/*
 * record_sums.c: a tick's part in the sums of the estimates. One vector's, of which it returns what was attack, in packets;
 * and what was held back of a vector that is guarded, all of which may have been clean.
 */
double record_add_up(const struct seki_detect *d, uint16_t zone, unsigned vector);
void record_leak_from_now(struct seki_incident *in);
void record_guarded(const struct seki_detect *d, uint16_t zone, unsigned vector);

/* record_targets.c: the targets of a track are among those of the incident; and what came to them in the last second. */
void record_targets_add(struct seki_incident *in, const struct watch *w, unsigned vector);
void record_targets_count(struct seki_detect *d, uint16_t zone);

/* "12.3 kpps", "940 pps". Returns `text`. */
#define RATE_TEXT 24
char *rate_text(uint64_t pps, char text[RATE_TEXT]);

#endif
