/* SPDX-License-Identifier: BSD-3-Clause */
/* The parser on crafted frames. Rows: pkt_rows.h. All flags and ports there are: test_pkt_every.c. */
#include "frame.h"
#include "pkt_props.h"

#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row {
	const char *name;
	const char *frame; /* frame.h */
	/*
	 * Flags by name and field=value, in any order. Flags, defect and vector are compared whether named or not
	 * (then: none), other fields if they are named.
	 */
	const char *expect;
};

static const struct row rows[] = {
#include "pkt_rows.h"
};
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct {
	const char *name;
	uint16_t flag;
} flag_names[] = {
	{"frag", PKT_F_FRAG},
	{"later", PKT_F_FRAG | PKT_F_FRAG_LATER},
	{"control", PKT_F_CONTROL},
	{"options", PKT_F_IP_OPTIONS},
	{"ports", PKT_F_PORTS},
	{"tcp", PKT_F_PORTS | PKT_F_TCP},
	{"icmp", PKT_F_ICMP},
	{"routed", PKT_F_ROUTED_CONTROL},
	{"tunnel", PKT_F_TUNNEL},
	{"atomic", PKT_F_ATOMIC},
	{"csum_ok", PKT_F_CSUM_OK},
	{"csum_bad", PKT_F_CSUM_BAD},
	{"real_dir", PKT_F_REAL_DIR},
};

static uint8_t frame[FRAME_MAX];

static long
field(const struct pkt *pkt, const char *name)
{
	const struct {
		const char *name;
		long value;
	} fields[] = {
		{"l3", pkt->l3 == PKT_L3_IP4    ? 4
			: pkt->l3 == PKT_L3_IP6 ? 6
						: 0},
		{"l3_off", pkt->l3_off},
		{"l4_off", pkt->l4_off},
		{"payload_off", pkt->payload_off},
		{"l3_len", pkt->l3_len},
		{"l4_len", pkt->l4_len},
		{"inner_l3_off", pkt->inner_l3_off},
		{"inner_l4_off", pkt->inner_l4_off},
		{"sport", pkt->sport},
		{"dport", pkt->dport},
		{"proto", pkt->proto},
		{"ttl", pkt->ttl},
		{"tcp_flags", pkt->tcp_flags},
		{"icmp_type", pkt->icmp_type},
		{"icmp_code", pkt->icmp_code},
		{"n_vlan", pkt->n_vlan},
		{"vlan0", pkt->vlan[0]},
		{"vlan1", pkt->vlan[1]},
		{"encap", pkt->encap},
		{"linear", pkt->linear},
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(fields[i].name, name) == 0)
			return fields[i].value;
	ck_abort_msg("no such field: %s", name);
}

static void
expect_addr(const struct row *row, const struct pkt *pkt, const union pkt_addr *addr, const char *value)
{
	union pkt_addr want = {.q = {0, 0}};

	ck_assert_int_eq(inet_pton(pkt->l3 == PKT_L3_IP4 ? AF_INET : AF_INET6, value, &want), 1);
	ck_assert_msg(memcmp(addr, &want, sizeof(want)) == 0, "%s: not %s", row->name, value);
}

/* One "field=value"; `defect` and `vector` are noted for later. */
static void
expect_field(const struct row *row, const struct pkt *pkt, char *token, const char *words[2])
{
	char *value = strchr(token, '=');

	*value++ = '\0';
	if (strcmp(token, "defect") == 0)
		words[0] = value;
	else if (strcmp(token, "vector") == 0)
		words[1] = value;
	else if (strcmp(token, "src") == 0)
		expect_addr(row, pkt, &pkt->src, value);
	else if (strcmp(token, "dst") == 0)
		expect_addr(row, pkt, &pkt->dst, value);
	else
		ck_assert_msg(field(pkt, token) == strtol(value, NULL, 0), "%s: %s is %ld, not %s", row->name, token,
			field(pkt, token), value);
}

static uint16_t
flag_of(const char *name)
{
	for (size_t i = 0; i < sizeof(flag_names) / sizeof(flag_names[0]); i++)
		if (strcmp(flag_names[i].name, name) == 0)
			return flag_names[i].flag;
	ck_abort_msg("no such flag: %s", name);
}

static void
expect(const struct row *row, const struct pkt *pkt)
{
	const char *words[2] = {"none", "none"};
	char line[512], *save, *token;
	uint16_t flags = 0;

	snprintf(line, sizeof(line), "%s", row->expect);
	for (token = strtok_r(line, " ", &save); token != NULL; token = strtok_r(NULL, " ", &save)) {
		if (strchr(token, '=') != NULL)
			expect_field(row, pkt, token, words);
		else
			flags |= flag_of(token);
	}
	ck_assert_msg(strcmp(seki_reason_name(pkt->defect), words[0]) == 0, "%s: defect is %s, not %s", row->name,
		seki_reason_name(pkt->defect), words[0]);
	ck_assert_msg(strcmp(seki_vector_name(pkt->vector), words[1]) == 0, "%s: vector is %s, not %s", row->name,
		seki_vector_name(pkt->vector), words[1]);
	ck_assert_msg(pkt->flags == flags, "%s: flags are 0x%x, not 0x%x", row->name, pkt->flags, flags);
}

START_TEST(rows_parse_as_expected)
{
	const struct row *row = &rows[_i];
	uint32_t n = frame_build(row->frame, frame);
	struct pkt pkt;
	const char *wrong = pkt_props_check(frame, n, 0, &pkt);

	ck_assert_msg(wrong == NULL, "%s: %s", row->name, wrong);
	expect(row, &pkt);
}
END_TEST

/* Every frame of the table cut off at every byte: anything may come out, but the properties hold. */
START_TEST(rows_cut_anywhere)
{
	uint32_t n = frame_build(rows[_i].frame, frame);
	struct pkt pkt;

	for (uint32_t cut = 0; cut < n && cut < PKT_HEADERS_MAX + 8; cut++) {
		const char *wrong = pkt_props_check(frame, cut, 0, &pkt);

		ck_assert_msg(wrong == NULL, "%s, cut to %u: %s", rows[_i].name, cut, wrong);
	}
}
END_TEST

static struct pkt
parse(const char *spec, uint32_t linear, uint16_t flags)
{
	static uint8_t scratch[1][PKT_HEADERS_MAX];
	struct pkt pkt = {.data = frame, .len = frame_build(spec, frame), .flags = flags};

	pkt.linear = (uint16_t)(linear == 0 ? pkt.len : linear);
	pkt_parse_burst(&pkt, 1, scratch);
	return pkt;
}

/* The port's word on the checksum is taken where it gave one; what it did not say is computed. */
START_TEST(checksum_offload)
{
	static const char good[] = "eth ip4 udp", bad[] = "eth ip4:sum=0x1234 udp";

	ck_assert_uint_eq(parse(good, 0, 0).defect, SEKI_REASON_NONE);
	ck_assert_uint_eq(parse(bad, 0, 0).defect, SEKI_REASON_IP_CHECKSUM);
	ck_assert_uint_eq(parse(bad, 0, PKT_F_CSUM_OK).defect, SEKI_REASON_NONE);
	ck_assert_uint_eq(parse(good, 0, PKT_F_CSUM_BAD).defect, SEKI_REASON_IP_CHECKSUM);
	ck_assert_uint_eq(parse(good, 0, PKT_F_CSUM_BAD | PKT_F_CSUM_OK).defect, SEKI_REASON_IP_CHECKSUM);
	ck_assert_uint_eq(parse(bad, 0, PKT_F_REAL_DIR).flags & PKT_F_REAL_DIR, PKT_F_REAL_DIR);
	ck_assert_uint_eq(parse("eth ip6 udp", 0, PKT_F_CSUM_BAD).defect, SEKI_REASON_NONE);
}
END_TEST

/* Every single-bit error in an IPv4 header of any length that the checksum covers is found. */
START_TEST(checksum_finds_every_bit)
{
	static const char *const specs[] = {"eth ip4 udp data:9", "eth ip4:opts=4 udp", "eth ip4:opts=40 udp"};
	static uint8_t scratch[1][PKT_HEADERS_MAX];

	for (size_t s = 0; s < sizeof(specs) / sizeof(specs[0]); s++) {
		uint32_t n = frame_build(specs[s], frame), hlen = (frame[14] & 15u) * 4;

		for (uint32_t bit = 0; bit < hlen * 8; bit++) {
			struct pkt pkt = {.data = frame, .len = n, .linear = (uint16_t)n};

			frame[14 + bit / 8] ^= (uint8_t)(1 << bit % 8);
			pkt_parse_burst(&pkt, 1, scratch);
			frame[14 + bit / 8] ^= (uint8_t)(1 << bit % 8);
			ck_assert_msg(pkt.defect != SEKI_REASON_NONE, "%s: bit %u", specs[s], bit);
		}
	}
}
END_TEST

/* A capture that kept fewer bytes than the frame had: missing headers are truncated, missing payload is not missed. */
START_TEST(short_captures)
{
	static const char spec[] = "eth ip4 tcp:opts=12 data:1000";

	ck_assert_uint_eq(parse(spec, 66, 0).defect, SEKI_REASON_NONE);
	ck_assert_uint_eq(parse(spec, 66, 0).l4_len, 1032);
	ck_assert_uint_eq(parse(spec, 65, 0).defect, SEKI_REASON_L4_TRUNCATED);
	ck_assert_uint_eq(parse(spec, 54, 0).vector, SEKI_VECTOR_TCP_DATA);
	ck_assert_uint_eq(parse(spec, 53, 0).vector, SEKI_VECTOR_NONE);
	ck_assert_uint_eq(parse(spec, 33, 0).defect, SEKI_REASON_IP_HEADER_LENGTH);
	ck_assert_uint_eq(parse(spec, 13, 0).defect, SEKI_REASON_L2_TRUNCATED);
}
END_TEST

/* More bytes at hand than the frame had (a mbuf's room): what is behind the frame is not the frame. */
START_TEST(room_behind_the_frame)
{
	static uint8_t scratch[1][PKT_HEADERS_MAX];
	struct pkt pkt = {.data = frame, .len = frame_build("eth ip4 udp", frame) - 1, .linear = 2000};

	pkt_parse_burst(&pkt, 1, scratch);
	ck_assert_uint_eq(pkt.defect, SEKI_REASON_IP_LENGTH);
	pkt.len = 33;
	pkt_parse_burst(&pkt, 1, scratch);
	ck_assert_uint_eq(pkt.defect, SEKI_REASON_IP_HEADER_LENGTH);
	pkt.len = 13;
	pkt_parse_burst(&pkt, 1, scratch);
	ck_assert_uint_eq(pkt.defect, SEKI_REASON_L2_TRUNCATED);
}
END_TEST

/* Each split frame of a burst has its headers in a place of its own. */
START_TEST(split_bursts)
{
	static uint8_t scratch[PKT_BURST][PKT_HEADERS_MAX], frames[PKT_BURST][64];
	struct pkt burst[PKT_BURST];
	struct pkt_seg seg[PKT_BURST];

	for (unsigned i = 0; i < PKT_BURST; i++) {
		char spec[32];

		snprintf(spec, sizeof(spec), "eth ip4 udp:sport=%u", 1000 + i);
		frame_build(spec, frame);
		memcpy(frames[i], frame, 42);
		seg[i] = (struct pkt_seg){.data = frames[i] + 20, .len = 22};
		burst[i] = (struct pkt){.data = frames[i], .len = 42, .linear = 20, .segs = &seg[i]};
	}
	pkt_parse_burst(burst, PKT_BURST, scratch);
	for (unsigned i = 0; i < PKT_BURST; i++) {
		ck_assert_uint_eq(burst[i].sport, 1000 + i);
		ck_assert_uint_eq(burst[i].linear, 42);
		ck_assert_mem_eq(burst[i].data, frames[i], 42);
	}
}
END_TEST

/* A burst gives each frame what it gets alone, wherever it stands in it. */
START_TEST(bursts)
{
	static uint8_t scratch[PKT_BURST][PKT_HEADERS_MAX], frames[PKT_BURST][2048];

	for (unsigned n = 1; n <= PKT_BURST; n++) {
		struct pkt burst[PKT_BURST], one;

		memset(burst, 0x5a, sizeof(burst));
		for (unsigned i = 0; i < n; i++) {
			uint32_t len = frame_build(rows[(n * 7 + i) % N_ROWS].frame, frame);

			len = len < sizeof(frames[i]) ? len : sizeof(frames[i]);
			memcpy(frames[i], frame, len);
			burst[i] = (struct pkt){.data = frames[i], .len = len, .linear = (uint16_t)len};
		}
		for (unsigned i = 0; i < n; i++) {
			one = burst[i];
			pkt_parse_burst(&one, 1, scratch);
			burst[i].digest = one.vector;
			burst[i].todo = one.defect;
		}
		pkt_parse_burst(burst, n, scratch);
		for (unsigned i = 0; i < n; i++) {
			ck_assert_uint_eq(burst[i].vector, burst[i].digest);
			ck_assert_uint_eq(burst[i].defect, burst[i].todo);
		}
	}
}
END_TEST

START_TEST(quoted_addresses)
{
	union pkt_addr src, dst, want = {.q = {0, 0}};
	struct pkt pkt = parse("eth ip4 icmp:type=3 ip4:src=203.0.113.9,dst=192.0.2.77 udp", 0, 0);

	ck_assert(pkt_quoted_addrs(&pkt, &src, &dst));
	ck_assert_uint_eq(ntohl(src.v4_be), 0xcb007109);
	ck_assert_uint_eq(ntohl(dst.v4_be), 0xc000024d);
	ck_assert_uint_eq(src.q[1] | dst.q[1], 0);

	pkt = parse("eth ip6 icmp6:type=1 ip6:src=2001:db8:5::6,dst=2001:db8:7::8 tcp", 0, 0);
	ck_assert(pkt_quoted_addrs(&pkt, &src, &dst));
	inet_pton(AF_INET6, "2001:db8:5::6", &want);
	ck_assert_mem_eq(&src, &want, sizeof(want));
	inet_pton(AF_INET6, "2001:db8:7::8", &want);
	ck_assert_mem_eq(&dst, &want, sizeof(want));

	pkt = parse("eth ip4 icmp:type=3 ip4 cut:61", 0, 0);
	ck_assert(!pkt_quoted_addrs(&pkt, &src, &dst));
	pkt = parse("eth ip4 icmp data:60", 0, 0);
	ck_assert(!pkt_quoted_addrs(&pkt, &src, &dst));
}
END_TEST

int
main(void)
{
	TCase *parser = tcase_create("parser"), *table = tcase_create("table");
	Suite *suite = suite_create("pkt");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(table, rows_parse_as_expected, 0, N_ROWS);
	tcase_add_loop_test(table, rows_cut_anywhere, 0, N_ROWS);
	tcase_add_test(parser, checksum_offload);
	tcase_add_test(parser, checksum_finds_every_bit);
	tcase_add_test(parser, short_captures);
	tcase_add_test(parser, room_behind_the_frame);
	tcase_add_test(parser, bursts);
	tcase_add_test(parser, split_bursts);
	tcase_add_test(parser, quoted_addresses);
	tcase_set_timeout(table, 60);
	tcase_set_timeout(parser, 60);
	suite_add_tcase(suite, table);
	suite_add_tcase(suite, parser);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
