/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_SOURCE_RIG_H
#define SEKI_TEST_SOURCE_RIG_H

/* One core's sources, charged packet by packet as source_limit does. */
#include "flow_rig.h"
#include "hash.h"

#define WINDOW (UINT64_C(1) << SEKI_SOURCE_SHIFT)
#define START (1000 * WINDOW)

/* Packets that came, and those that passed. */
struct count {
	uint64_t came, passed;
	uint64_t of[SEKI_SOURCE_BLOCKED + 1]; /* by verdict */
};

struct sources {
	struct seki_digest digest;
	struct seki_sources s;
	void *memory;
	struct seki_source_limits limits;
	struct seki_rng rng;
	bool shared; /* a list says so of whoever comes */
	uint64_t now;
};

static inline struct sources *
sources_create(uint64_t n_sources, struct seki_source_limits limits)
{
	struct sources *t = zeroed(sizeof(*t));
	const struct seki_key secret = {{3, 4}};

	seki_digest_init(&t->digest, &secret);
	t->memory = zeroed(seki_sources_bytes(n_sources));
	seki_sources_init(&t->s, t->memory, n_sources, &t->digest);
	seki_sources_use(&t->s, N_ZONES, false);
	t->limits = limits;
	seki_rng_init(&t->rng, 7);
	t->now = START;
	return t;
}

static inline void
sources_destroy(struct sources *t)
{
	const char *wrong = seki_cuckoo_check(&t->s.rates);

	ck_assert_msg(wrong == NULL, "%s", wrong);
	wrong = seki_cuckoo_check(&t->s.known);
	ck_assert_msg(wrong == NULL, "%s", wrong);
	free(t->memory);
	free(t);
}

/* A packet from `client`, by itself. */
static inline struct pkt
packet_from(const char *client, uint16_t zone)
{
	return (struct pkt){
		.l3 = strchr(client, ':') != NULL ? PKT_L3_IP6 : PKT_L3_IP4,
		.direction = SEKI_DIR_INBOUND,
		.zone = zone,
		.src = addr_of(client),
		.vector = SEKI_VECTOR_UDP,
		.sport = 5000,
		.len = 100,
		.batch = 1,
		.batch_bytes = 100,
	};
}

static inline enum seki_source_verdict
charge(struct sources *t, struct pkt *p)
{
	p->arrival_ns = t->now;
	seki_source_weigh(&t->limits);
	seki_source_look_burst(&t->s, p, 1);
	return seki_source_charge(&t->s, p, &t->limits, t->shared);
}

static inline void
offer(struct sources *t, struct pkt *p, struct count *count)
{
	enum seki_source_verdict verdict = charge(t, p);

	count->came++;
	count->passed += verdict == SEKI_SOURCE_WITHIN;
	count->of[verdict]++;
}

/* Evenly over a window, and the sweep as it is due. `make` changes each packet; NULL: they are alike. */
static inline struct count
offer_window(struct sources *t, struct pkt p, unsigned n, void (*make)(struct sources *t, struct pkt *p, unsigned i))
{
	uint64_t begin = t->now;
	struct count count = {0};

	for (unsigned i = 0; i < n; i++) {
		t->now = begin + i * WINDOW / n;
		if (i % 64 == 0)
			seki_sources_sweep(&t->s, t->now, 64 * WINDOW / n);
		if (make != NULL)
			make(t, &p, i);
		offer(t, &p, &count);
	}
	t->now = begin + WINDOW;
	return count;
}

/* Within `percent` of `expected`. */
static inline void
check_near(uint64_t got, uint64_t expected, unsigned percent, const char *about)
{
	ck_assert_msg(got * 100 >= expected * (100 - percent) && got * 100 <= expected * (100 + percent), "%s: %llu, not %llu",
		about, (unsigned long long)got, (unsigned long long)expected);
}

/* The client of `p` has proven itself, `n` times. */
static inline void
verify(struct sources *t, struct pkt *p, unsigned n)
{
	p->arrival_ns = t->now;
	for (unsigned i = 0; i < n; i++)
		seki_source_verified(&t->s, p);
}

#endif
