/* SPDX-License-Identifier: BSD-3-Clause */
/* Filters of zones: a policy owns them, a zone without any spends nothing, and each zone has its own. */
#include "policy_rig.h"

#include "frame.h"
#include "pipeline.h"

#define IN(zone, frame) "eth ip4:src=203.0.113.5,dst=192.0." zone ".1 " frame

START_TEST(only_zones_with_filters_are_asked)
{
	struct seki_policy *policy;
	struct seki_spec spec;

	spec_init(&spec);
	add_zone(&spec, "with 192.0.2.0/24");
	add_filter(&spec, "udp src port 53");
	add_zone(&spec, "without 192.0.3.0/24");
	add_zone(&spec, "off 192.0.4.0/24");
	add_filter(&spec, "udp src port 53");
	spec.zone[2].cm_mode[CM_FILTER] = CM_MODE_OFF;
	policy = create_good(&spec, NULL);
	ck_assert_uint_ne(policy->posture[1].enforce >> CM_FILTER & 1, 0);
	ck_assert_uint_eq(policy->posture[2].active >> CM_FILTER & 1, 0);
	ck_assert_uint_eq(policy->posture[2].enforce >> CM_FILTER & 1, 0);
	ck_assert_uint_eq(policy->posture[3].active >> CM_FILTER & 1, 0);
	ck_assert_ptr_nonnull(policy->cm[1].filter);
	ck_assert_ptr_null(policy->cm[2].filter);
	seki_policy_put(policy);
	spec_done(&spec);
}
END_TEST

START_TEST(each_mistake_has_its_line)
{
	struct seki_spec spec;

	spec_init(&spec);
	add_zone(&spec, "good 192.0.2.0/24");
	add_filter(&spec, "udp");
	add_zone(&spec, "bad 192.0.3.0/24");
	add_filter(&spec, "tcp");
	add_filter(&spec, "udp and"); /* lib/conf would have said so */
	check_refused(&spec, NULL, 1, 26, "zones.bad.filter: \"udp and\": can't parse filter expression: syntax error");
	spec_done(&spec);
}
END_TEST

static struct seki_snapshot *
make_snapshot(void)
{
	struct seki_snapshot *snap;
	struct seki_policy *policy;
	struct seki_spec spec;

	spec_init(&spec);
	add_zone(&spec, "dns 192.0.2.0/24");
	add_filter(&spec, "udp src port 53");
	add_zone(&spec, "none 192.0.3.0/24");
	add_zone(&spec, "short 192.0.4.0/24");
	add_filter(&spec, "greater 1000");
	add_filter(&spec, "tcp[tcpflags] = tcp-rst");
	add_zone(&spec, "watched 192.0.5.0/24");
	add_filter(&spec, "udp src port 53");
	spec.zone[3].cm_mode[CM_FILTER] = CM_MODE_OBSERVE;
	policy = create_good(&spec, NULL);
	snap = seki_snapshot_create(policy, 1);
	seki_policy_put(policy);
	spec_done(&spec);
	return snap;
}

/* In this order, again and again. */
static const struct {
	const char *frame;
	bool dropped, observed;
} mixed[] = {
	{IN("2", "udp:sport=53 data:900"), true, false},
	{IN("2", "udp:sport=54 data:1100"), false, false},
	{IN("3", "udp:sport=53 data:1100"), false, false},
	{IN("4", "udp:sport=53 data:900"), false, false},
	{IN("4", "udp:sport=54 data:1100"), true, false},
	{IN("4", "tcp:flags=R"), true, false},
	{IN("4", "tcp:flags=RA"), false, false},
	{IN("5", "udp:sport=53"), false, true},
	{"eth ip4:src=203.0.113.5,dst=198.51.100.9 udp:sport=53", false, false}, /* of no zone */
	{IN("2", "udp:sport=53"), true, false},
};

START_TEST(zones_are_told_apart_in_a_burst)
{
	static uint8_t data[N(mixed)][2000], frame[FRAME_MAX], scratch[PKT_BURST][PKT_HEADERS_MAX];
	struct seki_snapshot *snap = make_snapshot();
	struct seki_pipeline pipe = {.budget = calloc(1, seki_pipeline_budget_bytes())};
	struct pkt pkt[PKT_BURST];
	struct pkt_sum sum;

	for (unsigned i = 0; i < PKT_BURST; i++) {
		unsigned row = i % N(mixed);
		uint32_t n = frame_build(mixed[row].frame, frame);

		memcpy(data[row], frame, n);
		pkt[i] = (struct pkt){.data = data[row], .len = n, .linear = (uint16_t)n, .flags = PKT_F_REAL_DIR};
		pkt[i].direction = SEKI_DIR_INBOUND;
	}
	pkt_parse_burst(pkt, PKT_BURST, scratch);
	seki_place_burst(&pipe, snap, pkt, PKT_BURST);
	ck_assert_uint_eq(seki_classify_burst(&pipe, snap, pkt, 0, PKT_BURST, &sum), PKT_BURST);
	seki_decide_burst(&pipe, snap, pkt, PKT_BURST, &sum);
	for (unsigned i = 0; i < PKT_BURST; i++) {
		unsigned row = i % N(mixed);

		ck_assert_msg((pkt[i].reason == SEKI_REASON_FILTERED) == mixed[row].dropped, "%u: %s: %s", i,
			mixed[row].frame, seki_reason_name(pkt[i].reason));
		ck_assert_msg((pkt[i].verdict == SEKI_VERDICT_DROP) == mixed[row].dropped, "%u", i);
		ck_assert_msg((pkt[i].observed == SEKI_REASON_FILTERED) == mixed[row].observed, "%u", i);
	}
	free(pipe.budget);
	seki_snapshot_destroy(snap);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("policy_filters");

	test_eal_start(POLICY_MEMORY_MB);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, only_zones_with_filters_are_asked);
	tcase_add_test(tests, each_mistake_has_its_line);
	tcase_add_test(tests, zones_are_told_apart_in_a_burst);
	return suite_run("policy_filters", tests);
}
