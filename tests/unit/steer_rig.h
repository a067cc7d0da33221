/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_STEER_RIG_H
#define SEKI_TEST_STEER_RIG_H

/* What tests of steering share: two cores with a ring from the first to the second, owners, clients. */
#include "app_rig.h"
#include "steer.h"

#include <netinet/in.h>

static struct rte_ring *hop;      /* holds 31 */
static struct seki_policy policy; /* one peer: 10.255.0.0/24 */

/* Toeplitz as its definition reads: bit by bit. */
static inline uint32_t
toeplitz_oracle(const uint8_t *key, const uint8_t *in, unsigned n)
{
	uint32_t hash = 0;

	for (unsigned bit = 0; bit < 8 * n; bit++) {
		uint32_t window = 0;

		if ((in[bit / 8] & (0x80 >> bit % 8)) == 0)
			continue;
		for (unsigned k = bit; k < bit + 32; k++)
			window = window << 1 | (key[k / 8] >> (7 - k % 8) & 1);
		hash ^= window;
	}
	return hash;
}

static const struct seki_key secret = {{0x0123456789abcdef, 0xfedcba9876543210}};

static inline void
random_bytes(struct seki_rng *rng, uint8_t *out, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		out[i] = (uint8_t)seki_rng_next(rng);
}

static inline void
make_owner(struct steer_owner *owner, unsigned n, bool rss, struct seki_rng *rng, uint8_t key[STEER_RSS_KEY_MAX])
{
	steer_owner_init(owner, n, &secret);
	random_bytes(rng, key, STEER_RSS_KEY_MAX);
	if (rss)
		steer_owner_use_rss(owner, key, STEER_RSS_KEY_MAX, 128);
}

/* Two cores, one ring from 0 to 1; sources 10.0.0.i. */
static inline void
make_steer(struct steer *steer, const struct steer_owner *owner)
{
	memset(steer, 0, 2 * sizeof(*steer));
	for (unsigned c = 0; c < 2; c++) {
		steer[c].owner = owner;
		steer[c].id = c;
		steer[c].stats = stats;
	}
	steer[0].to[1] = hop;
	steer[1].from[0] = hop;
}

static inline void
make_sources(unsigned n, unsigned first)
{
	make_burst(n, 1);
	for (unsigned i = 0; i < n; i++) {
		pkt[i].l3 = PKT_L3_IP4;
		pkt[i].proto = IPPROTO_UDP;
		pkt[i].flags = PKT_F_PORTS;
		pkt[i].in_port = 5;
		pkt[i].src.b[0] = 10;
		pkt[i].src.b[2] = (uint8_t)((first + i) >> 8);
		pkt[i].src.b[3] = (uint8_t)(first + i);
	}
}

/* Runs the tests that `add` names, each with counters at zero. Returns an exit code. */
static inline int
steer_rig_main(const char *name, void (*add)(TCase *tcase))
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner;
	int failed;

	rig_open();
	hop = rig_ring("hop", 32);
	policy.peer[0] = (struct seki_prefix){.family = 4, .len = 24, .addr = {10, 255}};
	policy.n_peers = 1;
	tcase_add_checked_fixture(tcase, rig_zero, NULL);
	add(tcase);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
