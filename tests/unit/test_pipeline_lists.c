/* SPDX-License-Identifier: BSD-3-Clause */
/* Flows and lists: what was checked under the lists in force is not asked again, and what changes is asked at once. */
#include "policy_rig.h"

#include "pipeline.h"

#define CLIENT "23.1.7.7"
#define SERVER "192.0.2.1"
#define CLIENT6 "2a00:1:2:3::9"
#define SERVER6 "2a0f::1"

#define N_FLOWS 1000

struct rig {
	struct seki_pipeline pipe;
	struct seki_digest digest;
	struct seki_flows flows;
	struct seki_sources sources;
	void *memory[2];
	struct seki_snapshot *snap;
	uint64_t now_ns;
};

static void *
zeroed(size_t bytes)
{
	void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);

	memset(memory, 0, bytes);
	return memory;
}

static void
rig_open(struct rig *rig)
{
	*rig = (struct rig){.now_ns = 1000000000};
	seki_digest_init(&rig->digest, &(struct seki_key){{5, 6}});
	rig->memory[0] = zeroed(seki_flows_bytes(N_FLOWS));
	rig->memory[1] = zeroed(seki_sources_bytes(N_FLOWS));
	seki_flows_init(&rig->flows, rig->memory[0], N_FLOWS, &rig->digest);
	seki_sources_init(&rig->sources, rig->memory[1], N_FLOWS, &rig->digest);
	rig->flows.sources = &rig->sources;
	rig->pipe.flows = &rig->flows;
	rig->pipe.sources = &rig->sources;
	rig->pipe.budget = calloc(1, seki_pipeline_budget_bytes());
}

static void
rig_close(struct rig *rig)
{
	seki_snapshot_destroy(rig->snap);
	free(rig->pipe.budget);
	free(rig->memory[0]);
	free(rig->memory[1]);
}

/* Another policy, with what is on its one list, or (NULL) another posture of the policy in force. */
static void
publish(struct rig *rig, const char *list)
{
	struct seki_policy *policy = rig->snap == NULL ? NULL : rig->snap->policy;
	struct seki_snapshot *snap;
	struct seki_spec spec;

	spec_init(&spec);
	add_zone(&spec, "a 192.0.2.0/24 2a0f::/48");
	add_list(&spec, list == NULL ? "" : list);
	spec.zone[0].deny_lists = 1;
	spec.zone[0].cm_mode[CM_DENY] = CM_MODE_ENFORCE;
	if (list != NULL)
		policy = create_good(&spec, policy);
	snap = seki_snapshot_create(policy, 1);
	if (list == NULL)
		snap->posture[1].active &= ~(1u << CM_ZONE_LIMIT);
	else
		seki_policy_put(policy);
	seki_snapshot_destroy(rig->snap);
	rig->snap = snap;
	spec_done(&spec);
}

/* A segment of one connection, from the client or from the server. */
static struct pkt
segment(struct rig *rig, bool ip6, bool inbound)
{
	static const uint8_t header[64];
	struct pkt p = {
		.data = header,
		.len = 100,
		.linear = sizeof(header),
		.arrival_ns = rig->now_ns,
		.l3 = ip6 ? PKT_L3_IP6 : PKT_L3_IP4,
		.proto = 6,
		.vector = SEKI_VECTOR_TCP_ACK,
		.tcp_flags = PKT_TCP_ACK,
		.flags = PKT_F_TCP | PKT_F_PORTS | PKT_F_REAL_DIR,
		.sport = inbound ? 4321 : 443,
		.dport = inbound ? 443 : 4321,
		.direction = inbound ? SEKI_DIR_INBOUND : SEKI_DIR_OUTBOUND,
		.in_port = !inbound,
	};
	struct seki_prefix client = prefix_of(ip6 ? CLIENT6 : CLIENT), server = prefix_of(ip6 ? SERVER6 : SERVER);

	memcpy(inbound ? p.src.b : p.dst.b, client.addr, 16);
	memcpy(inbound ? p.dst.b : p.src.b, server.addr, 16);
	rig->now_ns += 1000000;
	return p;
}

static struct pkt
play(struct rig *rig, bool ip6, bool inbound)
{
	struct pkt p = segment(rig, ip6, inbound);
	struct pkt_sum sum;

	seki_place_burst(&rig->pipe, rig->snap, &p, 1);
	seki_classify_burst(&rig->pipe, rig->snap, &p, 0, 1, &sum);
	seki_decide_burst(&rig->pipe, rig->snap, &p, 1, &sum);
	seki_settle_burst(&rig->pipe, &p);
	return p;
}

/* What is put on the list, and whether it holds the IPv4 and the IPv6 client. */
static const struct {
	const char *list;
	bool denies4, denies6;
} lists[] = {
	{CLIENT "\n", true, false}, {"23.1.7.0/24\n", true, false}, {CLIENT6 "\n", false, true},
	{"2a00:1:2:3::/64\n", false, true}, {"2a00:1:2::/48\n", false, true},
	{"2a00:1:2:3::/64\n2a00:1:2:3::8/125\n" CLIENT "\n", true, true},
	{"23.1.7.6\n23.1.7.8\n2a00:1:2:4::/64\n2a00:1:2:3::8\n", false, false},
	{"8.8.8.0/24\n", false, false}, /* no single address at all */
};

/* Lists that say nothing of the clients: with prefixes alone, with single addresses, with both in the clients' blocks.
 */
static const char *const quiet[] = {"", "8.8.8.0/24\n", "9.9.9.9\n2a00::9\n", "23.1.8.0/24\n2a00:2::/48\n9.9.9.9\n"};

START_TEST(newly_denied_is_dropped_at_once)
{
	const char *before = quiet[_i % N(quiet)], *list = lists[_i / N(quiet)].list;
	struct rig rig;

	rig_open(&rig);
	publish(&rig, before);
	for (int ip6 = 0; ip6 < 2; ip6++) {
		bool denied = ip6 ? lists[_i / N(quiet)].denies6 : lists[_i / N(quiet)].denies4;
		enum seki_reason expected = denied ? SEKI_REASON_DENIED : SEKI_REASON_CLEAN;

		play(&rig, ip6, false);
		for (unsigned i = 0; i < 3; i++)
			ck_assert_int_eq(play(&rig, ip6, true).reason, SEKI_REASON_CLEAN);
		publish(&rig, list);
		ck_assert_int_eq(play(&rig, ip6, true).reason, expected);
		ck_assert_int_eq(play(&rig, ip6, true).reason, expected);
		publish(&rig, before);
		ck_assert_int_eq(play(&rig, ip6, true).reason, SEKI_REASON_CLEAN);
	}
	rig_close(&rig);
}
END_TEST

/* The clients' blocks hold something, so the first packet of a flow is asked about, and those after it are not. */
START_TEST(checked_until_lists_change)
{
	const char *list = quiet[2 + _i];
	struct rig rig;

	rig_open(&rig);
	publish(&rig, list);
	for (int ip6 = 0; ip6 < 2; ip6++) {
		play(&rig, ip6, false);
		ck_assert(!(play(&rig, ip6, true).flow & PKT_FLOW_CHECKED));
		ck_assert(play(&rig, ip6, true).flow & PKT_FLOW_CHECKED);
		publish(&rig, NULL); /* another posture, the same lists */
		ck_assert(play(&rig, ip6, true).flow & PKT_FLOW_CHECKED);
		publish(&rig, list); /* the same lists, compiled anew */
		ck_assert(!(play(&rig, ip6, true).flow & PKT_FLOW_CHECKED));
		ck_assert(play(&rig, ip6, true).flow & PKT_FLOW_CHECKED);
	}
	rig_close(&rig);
}
END_TEST

/* A flow of a client that is listed is asked about every time: what the list means is the zone's affair. */
START_TEST(listed_is_never_checked)
{
	struct rig rig;

	rig_open(&rig);
	publish(&rig, CLIENT "\n");
	play(&rig, false, false);
	for (unsigned i = 0; i < 3; i++) {
		struct pkt p = play(&rig, false, true);

		ck_assert_int_eq(p.reason, SEKI_REASON_DENIED);
		ck_assert(p.flow & PKT_FLOW_KNOWN);
		ck_assert(!(p.flow & PKT_FLOW_CHECKED));
	}
	rig_close(&rig);
}
END_TEST

/* After 255 further policies the number of the lists is the same again; the sweep has forgotten it by then. */
START_TEST(numbers_of_lists_come_round)
{
	struct rig rig;

	rig_open(&rig);
	publish(&rig, quiet[3]);
	play(&rig, false, false);
	play(&rig, false, true);
	ck_assert(play(&rig, false, true).flow & PKT_FLOW_CHECKED);
	for (unsigned i = 0; i < 255; i++) {
		rig.snap->policy->generation++;
		seki_flows_use(&rig.flows, rig.snap->policy->flow_zone, 1, rig.snap->policy->generation);
		rig.now_ns += UINT64_C(1000000000);
		seki_pipeline_sweep(&rig.pipe, rig.now_ns);
	}
	ck_assert(!(play(&rig, false, true).flow & PKT_FLOW_CHECKED));
	rig_close(&rig);
}
END_TEST

/* Whom a list vouches for is no stranger to detection either, whether the zone observes or enforces. */
START_TEST(allowed_is_no_stranger)
{
	struct seki_policy *policy;
	struct seki_spec spec;
	struct rig rig;

	rig_open(&rig);
	spec_init(&spec);
	add_zone(&spec, "a 192.0.2.0/24 2a0f::/48");
	add_list(&spec, CLIENT "\n2a00:1:2::/48\n");
	spec.zone[0].allow_lists = 1;
	spec.zone[0].mode = _i == 0 ? CM_MODE_OBSERVE : CM_MODE_ENFORCE;
	spec.zone[0].cm_mode[CM_ALLOW] = CM_MODE_ENFORCE;
	policy = create_good(&spec, NULL);
	rig.snap = seki_snapshot_create(policy, 1);
	seki_policy_put(policy);
	for (int ip6 = 0; ip6 < 2; ip6++) {
		struct pkt p = play(&rig, ip6, true);

		ck_assert_int_eq(p.reason, SEKI_REASON_ALLOWED);
		ck_assert_int_eq(p.verdict, SEKI_VERDICT_PASS);
		ck_assert_uint_eq(rig.pipe.ends & SEKI_ENDS_ALLOWED, SEKI_ENDS_ALLOWED);
	}
	rig_close(&rig);
	spec_done(&spec);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("pipeline_lists");

	test_eal_start(POLICY_MEMORY_MB);
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, newly_denied_is_dropped_at_once, 0, N(lists) * N(quiet));
	tcase_add_loop_test(tests, checked_until_lists_change, 0, 2);
	tcase_add_test(tests, listed_is_never_checked);
	tcase_add_test(tests, numbers_of_lists_come_round);
	tcase_add_loop_test(tests, allowed_is_no_stranger, 0, 2);
	return suite_run("pipeline_lists", tests);
}
