/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Signatures found, for floods of tools among the traffic of clients (detect_traffic.h). What is found is held against
 * packets that it was not made from: of the tool, of which it must hold nearly all, and of clients, of which it must
 * not hold more than it says.
 */
#include "detect_traffic.h"
#include "find.h"
#include "suite.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#define FRESH 20000

/* A mixture of two at most: `second` so many times in a hundred. */
struct traffic {
	struct seki_features (*first)(struct seki_rng *rng);
	struct seki_features (*second)(struct seki_rng *rng);
	unsigned second_percent;
};

static struct seki_features attack[SEKI_FIND_ATTACK_MAX + 1], clean[SEKI_FIND_CLEAN_MAX];

static struct seki_features
next(const struct traffic *t, struct seki_rng *rng)
{
	return chance(rng, t->second_percent) ? t->second(rng) : t->first(rng);
}

/* Fills attack[] and clean[], of which clean_percent of the first are clients. */
static void
sample(const struct traffic *tool, const struct traffic *client, unsigned clean_percent, unsigned n_attack,
	unsigned n_clean, struct seki_rng *rng)
{
	for (unsigned i = 0; i < n_attack; i++)
		attack[i] = next(chance(rng, clean_percent) ? client : tool, rng);
	for (unsigned i = 0; i < n_clean; i++)
		clean[i] = next(client, rng);
}

static int
find(unsigned n_attack, unsigned n_clean, unsigned clean_percent, struct seki_found *found)
{
	const struct seki_samples a = {attack, n_attack}, c = {clean, n_clean};
	struct seki_find_params params = SEKI_FIND_DEFAULTS;
	struct seki_find_scratch *scratch = malloc(seki_find_scratch_bytes());
	int rc;

	params.attack_share = (100.0 - clean_percent) / 100;
	memset(scratch, 0xa5, seki_find_scratch_bytes());
	rc = seki_signature_find(&a, &c, &params, scratch, found);
	free(scratch);
	return rc;
}

/* Share of fresh packets that any of the signatures holds. */
static double
held(const struct seki_found *found, const struct traffic *of, struct seki_rng *rng)
{
	unsigned hits = 0;

	for (unsigned i = 0; i < FRESH; i++) {
		struct seki_features f = next(of, rng);
		bool any = false;

		for (unsigned k = 0; k < found->n; k++)
			any |= seki_signature_match(&found->part[k].signature, &f);
		hits += any;
	}
	return (double)hits / FRESH;
}

static void
show(const char *what, const struct seki_found *found)
{
	char text[SEKI_SIGNATURE_TEXT];

	for (unsigned i = 0; i < found->n; i++)
		printf("%s: %s [%.3f, clean %u of %u]\n", what, seki_signature_text(&found->part[i].signature, text),
			found->part[i].coverage, found->part[i].clean_hits, found->clean_samples);
}

static const struct row {
	const char *description;
	struct traffic tool, client;
	unsigned clean_percent; /* of the attack's samples */
	unsigned n_attack, n_clean;
	int rc;
	unsigned n;       /* signatures; 0: one or more */
	double held;      /* share of the tool's fresh packets, at least */
	double hurt;      /* share of the clients' fresh packets, at most */
	const char *says; /* in the first signature; NULL: whatever */
} rows[] = {
	{"SYNs of hping3", {.first = hping_syn}, {.first = client_syn}, 10, 512, 1024, 0, 1, 0.999, 0, "tcp syn and "},
	{"SYNs of hping3, a third of them clients", {.first = hping_syn}, {.first = client_syn}, 30, 512, 1024, 0, 1,
		0.999, 0, NULL},
	{"SYNs of a bot that looks like Linux", {.first = bot_syn}, {.first = client_syn}, 10, 512, 1024, 0, 1, 0.92,
		0.003, "not window"},
	{"ACKs without DF", {.first = flood_ack}, {.first = client_ack}, 10, 512, 1024, 0, 1, 0.96, 0.003, NULL},
	{"UDP of Mirai", {.first = mirai_udp}, {.first = client_udp}, 10, 512, 1024, 0, 1, 0.999, 0.003, "len 540"},
	{"UDP of nine lengths", {.first = sized_udp}, {.first = client_udp}, 10, 512, 1024, 0, 1, 0.97, 0.003, NULL},
	{"UDP with everything random", {.first = random_udp}, {.first = client_udp}, 10, 512, 1024, 0, 1, 0.99, 0.003,
		"not dst port 53, 443, 27015"},
	{"the same among many clients", {.first = random_udp}, {.first = client_udp}, 30, 512, 1024, 0, 1, 0.99, 0.003,
		"not dst port 53, 443, 27015"},
	{"NTP reflection", {.first = reflected_ntp}, {.first = server_ntp}, 10, 512, 1024, 0, 0, 0.94, 0.003,
		"udp and src port 123 and len "},
	{"DNS reflection", {.first = reflected_dns}, {.first = server_dns}, 10, 512, 1024, 0, 0, 0.93, 0.003,
		"udp and src port 53 and len "},
	{"CLDAP reflection", {.first = reflected_cldap}, {.first = server_cldap}, 10, 512, 1024, 0, 1, 0.94, 0.003,
		"udp and src port 389 and "},
	{"echo requests of one size", {.first = flood_ping}, {.first = client_ping}, 10, 512, 1024, 0, 1, 0.999, 0.003,
		"len 1028"},
	{"fragments", {.first = flood_fragment}, {.first = client_fragment}, 10, 512, 1024, 0, 0, 0.97, 0.003, NULL},
	{"GRE", {.first = flood_gre}, {.first = client_gre}, 10, 512, 1024, 0, 1, 0.999, 0.003, NULL},
	{"two tools at once", {.first = mirai_udp, .second = sized_udp, .second_percent = 40}, {.first = client_udp},
		10, 512, 1024, 0, 2, 0.97, 0.003, NULL},
	{"two tools among many clients", {.first = mirai_udp, .second = sized_udp, .second_percent = 40},
		{.first = client_udp}, 30, 1024, 2048, 0, 2, 0.9, 0.003, NULL},
	{"a tool that cannot be told, and one that can",
		{.first = hidden_udp, .second = sized_udp, .second_percent = 40}, {.first = client_udp}, 10, 512, 1024,
		0, 1, 0.38, 0.006, NULL},
	{"what looks like the clients", {.first = client_udp}, {.first = client_udp}, 10, 512, 1024, -ENOENT, 0, 0, 0,
		NULL},
	{"SYNs that look like the clients'", {.first = client_syn}, {.first = client_syn}, 10, 512, 1024, -ENOENT, 0, 0,
		0, NULL},
	{"what looks like them but for random ports of its own", {.first = hidden_udp}, {.first = client_udp}, 10, 512,
		1024, -ENOENT, 0, 0, 0, NULL},
	{"pings as anybody sends them", {.first = client_ping}, {.first = client_ping}, 1, 1024, 4096, -ENOENT, 0, 0, 0,
		NULL},
	{"few of the attack", {.first = mirai_udp}, {.first = client_udp}, 10, SEKI_FIND_ATTACK_MIN, 1024, 0, 1, 0.999,
		0.003, NULL},
	{"too few of the attack", {.first = mirai_udp}, {.first = client_udp}, 10, SEKI_FIND_ATTACK_MIN - 1, 1024,
		-ENODATA, 0, 0, 0, NULL},
	{"few clean ones", {.first = mirai_udp}, {.first = client_udp}, 10, 512, 32, 0, 1, 0.96, 0.01, NULL},
	{"few clean ones of what looks alike", {.first = client_udp}, {.first = client_udp}, 10, 512, 32, -ENOENT, 0, 0,
		0, NULL},
	{"no clean ones, a tool", {.first = hping_syn}, {.first = client_syn}, 1, 512, 0, 0, 1, 0.96, 0.001,
		"window 512"},
	{"no clean ones, nothing in common", {.first = random_udp}, {.first = client_udp}, 10, 512, 0, -ENOENT, 0, 0, 0,
		NULL},
	{"more than are looked at", {.first = mirai_udp}, {.first = client_udp}, 10, SEKI_FIND_ATTACK_MAX + 1,
		SEKI_FIND_CLEAN_MAX, 0, 1, 0.999, 0.001, NULL},
};

START_TEST(rows_are_found)
{
	const struct row *row = &rows[_i];

	for (uint64_t seed = 1; seed <= 5; seed++) {
		char text[SEKI_SIGNATURE_TEXT];
		struct seki_found found;
		struct seki_rng rng;
		double of_tool, of_client;
		int rc;

		seki_rng_init(&rng, seed);
		sample(&row->tool, &row->client, row->clean_percent, row->n_attack, row->n_clean, &rng);
		rc = find(row->n_attack, row->n_clean, row->clean_percent, &found);
		show(row->description, &found);
		ck_assert_msg(rc == row->rc, "%s: %d", row->description, rc);
		ck_assert_uint_eq(rc == 0, found.n > 0);
		if (rc != 0)
			continue;
		of_tool = held(&found, &row->tool, &rng);
		of_client = held(&found, &row->client, &rng);
		ck_assert_msg(row->n == 0 || found.n == row->n, "%s: %u", row->description, found.n);
		ck_assert_msg(of_tool >= row->held, "%s: holds %f", row->description, of_tool);
		ck_assert_msg(of_client <= row->hurt, "%s: hurts %f", row->description, of_client);
		ck_assert_msg(
			row->says == NULL || strstr(seki_signature_text(&found.part[0].signature, text), row->says),
			"%s: %s", row->description, text);
	}
}
END_TEST

/* Equal samples give equal signatures, whatever the scratch held. */
START_TEST(equal_samples_give_equal_signatures)
{
	const struct traffic tool = {mirai_udp, sized_udp, 40}, client = {.first = client_udp};
	const struct seki_samples a = {attack, 512}, c = {clean, 1024};
	struct seki_find_scratch *scratch = malloc(seki_find_scratch_bytes());
	struct seki_find_params params = SEKI_FIND_DEFAULTS;
	struct seki_found found[2];
	struct seki_rng rng;

	seki_rng_init(&rng, 7);
	sample(&tool, &client, 10, 512, 1024, &rng);
	for (unsigned i = 0; i < 2; i++) {
		memset(scratch, i == 0 ? 0 : 0xff, seki_find_scratch_bytes());
		memset(&found[i], i == 0 ? 0 : 0xff, sizeof(found[i]));
		ck_assert_int_eq(seki_signature_find(&a, &c, &params, scratch, &found[i]), 0);
	}
	free(scratch);
	ck_assert_uint_eq(found[0].n, found[1].n);
	for (unsigned i = 0; i < found[0].n; i++) {
		char text[2][SEKI_SIGNATURE_TEXT];

		ck_assert_str_eq(seki_signature_text(&found[0].part[i].signature, text[0]),
			seki_signature_text(&found[1].part[i].signature, text[1]));
		ck_assert_uint_eq(found[0].part[i].attack_hits, found[1].part[i].attack_hits);
	}
}
END_TEST

/* Packets of another vector are neither attack nor clean. */
START_TEST(other_vectors_are_left_out)
{
	const struct traffic tool = {.first = mirai_udp}, client = {.first = client_udp};
	struct seki_found found;
	struct seki_rng rng;

	seki_rng_init(&rng, 8);
	sample(&tool, &client, 10, 512, 1024, &rng);
	for (unsigned i = 0; i < 512; i++) {
		clean[2 * i] = server_ntp(&rng);
		if (i % 2 == 1)
			attack[i] = reflected_ntp(&rng);
	}
	ck_assert_int_eq(find(512, 1024, 10, &found), 0);
	ck_assert_uint_eq(found.attack_samples, 256);
	ck_assert_uint_eq(found.clean_samples, 512);
}
END_TEST

START_TEST(parameters_out_of_range)
{
	static const struct seki_find_params bad[] = {{0, 0.97, 1e-3}, {1.1, 0.97, 1e-3}, {0.9, 0, 1e-3},
		{0.9, 1.5, 1e-3}, {0.9, 0.97, 0}, {0.9, 0.97, 2}, {NAN, 0.97, 1e-3}};
	const struct seki_samples a = {attack, 512}, c = {clean, 1024};
	struct seki_find_scratch *scratch = malloc(seki_find_scratch_bytes());
	struct seki_found found;

	for (size_t i = 0; i < N(bad); i++)
		ck_assert_int_eq(seki_signature_find(&a, &c, &bad[i], scratch, &found), -EINVAL);
	free(scratch);
}
END_TEST

START_TEST(upper_bounds)
{
	ck_assert_double_eq_tol(seki_share_upper(0, 1000), 0.003, 1e-5);
	ck_assert_double_eq_tol(seki_share_upper(1, 1000), 0.00474, 1e-5);
	ck_assert_double_eq_tol(seki_share_upper(10, 1000), 0.01696, 1e-4); /* tables of the Poisson distribution */
	ck_assert_double_eq_tol(seki_share_upper(50, 1000), 0.06329, 2e-4);
	ck_assert(seki_share_upper(0, 0) == 1);
	ck_assert(seki_share_upper(0, 2) == 1);
	ck_assert(seki_share_upper(100, 100) == 1);
	for (unsigned hits = 0; hits < 100; hits++)
		ck_assert(seki_share_upper(hits, 1000) < seki_share_upper(hits + 1, 1000));
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("find");

	tcase_add_loop_test(tests, rows_are_found, 0, N(rows));
	tcase_add_test(tests, equal_samples_give_equal_signatures);
	tcase_add_test(tests, other_vectors_are_left_out);
	tcase_add_test(tests, parameters_out_of_range);
	tcase_add_test(tests, upper_bounds);
	tcase_set_timeout(tests, 120);
	return suite_run("find", tests);
}
