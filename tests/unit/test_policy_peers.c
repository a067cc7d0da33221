/* SPDX-License-Identifier: BSD-3-Clause */
/* Whose routed control traffic goes first: between which addresses. */
#include "policy_rig.h"

static const struct {
	const char *src, *dst;
	bool peers;
} ends[] = {
	{"192.0.2.1", "192.0.2.2", true},
	{"192.0.2.2", "192.0.2.1", true},
	{"192.0.2.1", "192.0.2.3", false},
	{"192.0.2.3", "192.0.2.1", false},
	{"192.0.2.0", "192.0.2.1", false},
	{"10.5.0.0", "10.5.255.255", true},
	{"10.4.255.255", "10.5.0.0", false},
	{"10.6.0.0", "10.5.0.0", false},
	{"192.0.2.1", "224.0.0.5", true},
	{"192.0.2.9", "224.0.0.5", false},
	{"192.0.2.1", "224.0.1.5", false},
	{"224.0.0.5", "192.0.2.1", false},
	{"2001:db8::1", "2001:db8::2", true},
	{"2001:db8::1", "2001:db8::3", false},
	{"2001:db8::3", "2001:db8::1", false},
	{"fe80::1", "ff02::5", true},
	{"fe80::1", "fe80::2", true},
	{"fec0::1", "ff02::5", false},
	{"fe80::1", "ff05::5", false},
	{"::", "2001:db8::1", false},
};

START_TEST(test_peers)
{
	static const char *const peer[] = {"2001:db8::2", "192.0.2.2", "fe80::/10", "10.5.1.0/24", "10.5.0.0/16",
		"192.0.2.1", "2001:db8::1", "192.0.2.1"};
	struct seki_prefix src, dst;
	struct seki_policy *policy;
	struct pkt pkt = {0};
	struct seki_spec spec;

	spec_init(&spec);
	for (; spec.n_peers < 8; spec.n_peers++)
		spec.peer[spec.n_peers] = prefix_of(peer[spec.n_peers]);
	policy = create_good(&spec, NULL);
	ck_assert_uint_eq(policy->n_peers, 6);
	for (unsigned i = 0; i < N(ends); i++) {
		src = prefix_of(ends[i].src);
		dst = prefix_of(ends[i].dst);
		pkt.l3 = src.family == 4 ? PKT_L3_IP4 : PKT_L3_IP6;
		memcpy(pkt.src.b, src.addr, 16);
		memcpy(pkt.dst.b, dst.addr, 16);
		ck_assert_msg(seki_policy_peers(policy, &pkt) == ends[i].peers, "%s %s", ends[i].src, ends[i].dst);
	}
	pkt.l3 = PKT_L3_NONE;
	ck_assert(!seki_policy_peers(policy, &pkt));
	seki_policy_put(policy);
	spec_done(&spec);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("policy_peers");

	test_eal_start(POLICY_MEMORY_MB);
	tcase_set_timeout(tests, 240);
	tcase_add_test(tests, test_peers);
	return suite_run("policy_peers", tests);
}
