/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Filters against libpcap's own interpreter, on every frame of the parser's table and on frames made at random; that
 * payload is not seen; that what libpcap refuses, or what asks for payload, is refused with a reason.
 */
#include "filter_rig.h"

#include "eal.h"
#include "frame.h"

#include <unistd.h>

struct row {
	const char *name;
	const char *frame; /* frame.h */
	const char *expect;
};

static const struct row rows[] = {
#include "pkt_rows.h"
};

static const char *const expressions[] = {
#include "filter_expressions.h"
};

#define MADE 1200

static uint8_t frame[FRAME_MAX], scratch[PKT_BURST][PKT_HEADERS_MAX];
static uint64_t seed;

static uint32_t
roll(uint32_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((seed >> 32) * below >> 32);
}

static bool
parse(uint32_t n, struct pkt *pkt)
{
	*pkt = (struct pkt){.data = frame, .len = n, .linear = (uint16_t)(n < UINT16_MAX ? n : UINT16_MAX)};
	pkt_parse_burst(pkt, 1, scratch);
	return pkt->l3 != PKT_L3_NONE;
}

static void
make_ip4(char *out, size_t size)
{
	static const char *const src[] = {"192.0.2.1", "192.0.2.77", "10.1.2.3", "203.0.113.9", "224.0.0.9"};
	static const char *const dst[] = {"198.51.100.1", "198.51.100.200", "224.0.1.1", "192.0.2.1"};
	unsigned options = roll(3) == 0 ? roll(11) * 4 : 0;
	int n = snprintf(out, size, "ip4:src=%s,dst=%s,ttl=%u", src[roll(N(src))], dst[roll(N(dst))], roll(256));

	if (options > 0)
		n += snprintf(out + n, size - n, ",opts=%u", options);
	if (roll(5) == 0)
		snprintf(out + n, size - n, ",off=%u,mf=%u", roll(2) * roll(200) * 8, roll(2));
}

static void
make_ip6(char *out, size_t size)
{
	static const char *const src[] = {"2001:db8:1::5", "2001:db8:2::1", "2a00::1"};
	static const char *const dst[] = {"2001:db8::1", "2001:db8::2", "ff0e::7"};
	static const char *const extensions[] = {" hbh", " rt", " dstopt", " frag", " ah", " dstopt:n=3", " rt dstopt"};
	int n = snprintf(out, size, "ip6:src=%s,dst=%s,hl=%u", src[roll(N(src))], dst[roll(N(dst))], roll(256));

	if (roll(3) == 0)
		snprintf(out + n, size - n, "%s", extensions[roll(N(extensions))]);
}

static void
make_transport(char *out, size_t size, bool ip6)
{
	static const unsigned ports[] = {53, 80, 123, 443, 389, 1900, 11211, 33500, 1500, 40000, 65535};
	static const char *const flags[] = {"S", "A", "SA", "FA", "R", "PA", "F", "RA"};
	unsigned sport = ports[roll(N(ports))], dport = ports[roll(N(ports))];

	switch (roll(6)) {
	case 0:
	case 1:
		snprintf(out, size, "tcp:sport=%u,dport=%u,flags=%s,opts=%u", sport, dport, flags[roll(N(flags))],
			roll(2) * roll(11) * 4);
		break;
	case 2:
	case 3:
		snprintf(out, size, "udp:sport=%u,dport=%u", sport, dport);
		break;
	case 4:
		if (ip6)
			snprintf(out, size, "icmp6:type=%u,code=%u", roll(2) ? 128 : 1, roll(5));
		else if (roll(2))
			snprintf(out, size, "icmp:type=8");
		else
			snprintf(out, size,
				"icmp:type=3,code=%u ip4:src=198.51.100.1,dst=192.0.2.1 udp:sport=%u,dport=%u", roll(5),
				sport, dport);
		break;
	default:
		snprintf(out, size, roll(2) ? "gre" : "proto:n=%u", 50 + roll(100));
	}
}

static void
make_frame(char *out, size_t size)
{
	bool ip6 = roll(3) == 0;
	char ip[160], transport[160];

	if (ip6)
		make_ip6(ip, sizeof(ip));
	else
		make_ip4(ip, sizeof(ip));
	make_transport(transport, sizeof(transport), ip6);
	snprintf(out, size, "eth %s %s %s data:%u pad:%u", roll(8) == 0 ? "tag:vid=7" : "", ip, transport,
		roll(4) == 0 ? roll(1400) : roll(60), roll(3) == 0 ? roll(30) : 0);
}

START_TEST(as_libpcap_says)
{
	struct pair pair = pair_create(expressions[_i]);
	struct pkt pkt;

	for (size_t r = 0; r < N(rows); r++)
		if (parse(frame_build(rows[r].frame, frame), &pkt))
			pair_judge(&pair, &pkt, rows[r].name);
	seed = 1;
	for (unsigned i = 0; i < MADE; i++) {
		char text[512];
		uint32_t n;

		make_frame(text, sizeof(text));
		n = frame_build(text, frame);
		for (unsigned k = roll(2) * 4; k > 0; k--)
			frame[15 + roll(45)] = (uint8_t)(roll(2) ? roll(8) : roll(256));
		if (parse(n, &pkt))
			pair_judge(&pair, &pkt, text);
	}
	ck_assert_uint_gt(pair.n, N(rows) / 2 + MADE * 9 / 10);
	ck_assert_msg(pair.n_matched > 0 && pair.n_matched < pair.n, "%s matches %u of %u", pair.expression,
		pair.n_matched, pair.n);
	pair_destroy(&pair);
}
END_TEST

/* An expression and whether it matches a frame. */
static const struct {
	const char *expression;
	const char *frame;
	bool matches;
} matches[] = {
	/* Payload reads as zero, whatever it is. */
	{"ip6[48:4] != 0", "eth ip6 udp hex:ffffffffffffffff", false},
	{"ip6[48:4] = 0", "eth ip6 udp hex:ffffffffffffffff", true},
	{"icmp[8:4] != 0", "eth ip4 icmp:type=8 hex:ffffffffffffffff", false},
	{"icmp[8] = 0x45", "eth ip4 icmp:type=3 ip4 udp", true},
	{"tcp[20:4] != 0", "eth ip4 tcp hex:ffffffff", false},
	{"tcp[20:4] = 0x01010101", "eth ip4 tcp:opts=4 hex:ffffffff", true},
	{"tcp[18:4] & 0xffff != 0", "eth ip4 tcp hex:ffffffff", false},                      /* half of it header */
	{"udp[0:2] = 1 or udp[0:2] = 0", "eth ip4:off=800 udp hex:ffffffffffffffff", false}, /* as libpcap has it */
	{"ip[20:2] = 0", "eth ip4:off=800 udp hex:ffffffffffffffff", true},
	/* The length is that of the packet, and not of the frame or of what is shown. */
	{"len = 128", "eth ip4 udp data:100 pad:50", true},
	{"greater 1200", "eth ip4 udp data:1172", true},
	{"greater 1200", "eth ip4 udp data:1171 pad:4", false},
	{"len = 1348", "eth tag:vid=3 ip6 udp data:1300", true},
	{"len = 65535", "eth ip4 udp data:65507", true},
	{"len = 70", "eth ip4:len=4000 udp data:42", true}, /* nonsense: what the frame carries */
	/* A load past the end of the packet is no match, and makes none of what stands around it, either. */
	{"not ip[30] = 1", "eth ip4 proto:n=99 data:11", true},
	{"not ip[30] = 1", "eth ip4 proto:n=99 data:10", false},
	{"not ip6[496:2] = 1", "eth ip6 tcp data:438", true},
	{"not ip6[496:2] = 1", "eth ip6 tcp data:437", false},
};

START_TEST(one_frame)
{
	static const uint16_t first[] = {0};
	struct seki_filter *filter = seki_filter_create();
	struct pkt pkt;
	char why[256];
	int rc = seki_filter_add(filter, matches[_i].expression, why, sizeof(why));

	ck_assert_msg(rc == 0, "%s: %s", matches[_i].expression, why);
	ck_assert(parse(frame_build(matches[_i].frame, frame), &pkt));
	ck_assert_msg((seki_filter_match_burst(filter, &pkt, first, 1) != 0) == matches[_i].matches, "%s: %s",
		matches[_i].expression, matches[_i].frame);
	seki_filter_destroy(filter);
}
END_TEST

/* Of a burst, those that match, by their place in the list and not in the burst; any expression of a filter will do. */
START_TEST(bursts_are_told_apart)
{
	static uint8_t one[FRAME_MAX], two[FRAME_MAX], other[FRAME_MAX];
	uint32_t n_one = frame_build("eth ip4:opts=40 udp:sport=53 data:600", one);
	uint32_t n_two = frame_build("eth ip6 tcp:dport=7 data:5", two), n_other = frame_build("eth ip4 tcp", other);
	struct seki_filter *filter = seki_filter_create();
	struct pkt pkt[PKT_BURST];
	uint16_t idx[PKT_BURST];
	uint32_t wants = 0, n = 0;
	char why[256];

	for (unsigned i = 0; i < PKT_BURST; i++) {
		const uint8_t *data[] = {one, other, two};
		uint32_t len[] = {n_one, n_other, n_two};

		pkt[i] = (struct pkt){.data = data[i % 3], .len = len[i % 3], .linear = (uint16_t)len[i % 3]};
		if (i % 2 == 0) {
			wants |= (uint32_t)(i % 3 != 1) << n;
			idx[n++] = (uint16_t)i;
		}
	}
	pkt_parse_burst(pkt, PKT_BURST, scratch);
	ck_assert_uint_eq(seki_filter_match_burst(filter, pkt, idx, n), 0);
	ck_assert_int_eq(seki_filter_add(filter, "udp src port 53", why, sizeof(why)), 0);
	ck_assert_int_eq(seki_filter_add(filter, "tcp dst port 7", why, sizeof(why)), 0);
	ck_assert_uint_eq(seki_filter_match_burst(filter, pkt, idx, n), wants);
	for (unsigned i = 2; i < SEKI_FILTER_MAX; i++)
		ck_assert_int_eq(seki_filter_add(filter, "less 28", why, sizeof(why)), 0);
	ck_assert_int_lt(seki_filter_add(filter, "less 28", why, sizeof(why)), 0);
	ck_assert_str_eq(why, "there are 8 expressions already");
	ck_assert_uint_eq(seki_filter_match_burst(filter, pkt, idx, n), wants);
	seki_filter_destroy(filter);
	seki_filter_destroy(NULL);
}
END_TEST

/* An expression, and of what is said about it. */
static const struct {
	const char *expression;
	const char *why;
} refused[] = {
	/* libpcap has no such packets, or no such words. */
	{"udp and", "syntax error"},
	{"port 99999", "99999"},
	{"vlan 7", "VLAN"},
	{"vlan", "VLAN"},
	{"mpls 5", "MPLS"},
	{"ether host 02:00:00:00:00:01", "ethernet"},
	{"ether broadcast", "not a broadcast"},
	{"ip broadcast", "netmask"},
	{"ip and ip6", "rejects all"},
	{"ip[0] / 0 = 1", "division by zero"},
	/* What a resolver would have to say. */
	{"host www.example.com", "\"www.example.com\" is no word"},
	{"src localhost or dst port http", "\"localhost\" is no word"},
	{"udp and localhost", "\"localhost\" is no word"},
	{"port http and net loopback", "\"loopback\" is no word"},
	{"host \\tcp", "\"tcp\" is no word"},
	{"dst host 192.0.2.1 or 4.example", "\"4.example\" is no word"},
	{"udpp", "\"udpp\" is no word"},
	{"len-20 > 5", "\"len-20\" is no word"},
	/* What programs cannot do here. */
	{"ip protochain 6", "takes a loop"},
	{"ip6 protochain 6", "takes a loop"},
	{"inbound", "only an interface"},
	{"outbound and udp", "only an interface"},
	/* No question at all. */
	{"", "every packet"},
	{"  ", "every packet"},
	{"1 = 1", "every packet"},
	/* Payload. */
	{"udp[8:4] = 0", "byte 11 behind the IPv4 header"},
	{"udp[6:4] = 0", "byte 9 behind the IPv4 header"},
	{"udp and ip[((ip[0] & 0xf) << 2) + 8] = 3", "byte 8 behind the IPv4 header"},
	{"udp and ip[(ip[0] & 0xf) * 4 + 8] = 3", "byte 8 behind the IPv4 header"},
	{"dst host 192.0.2.1 and udp[100:2] = 3", "byte 101 behind the IPv4 header"},
	{"src port 53 and udp[10] & 0x80 != 0", "byte 10 behind the IPv4 header"},
	{"tcp[60] = 3", "byte 60 behind the IPv4 header"},
	{"tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420", "byte 3 behind the TCP header"},
	{"tcp[(tcp[12] >> 4) * 4] = 0x16", "byte 0 behind the TCP header"},
	{"tcp[((tcp[12] & 0xf0) / 4) + 5] = 1", "byte 5 behind the TCP header"},
	{"tcp port 80 and tcp[(tcp[12] >> 4 << 2) + 1:2] = 1", "byte 2 behind the TCP header"},
	{"icmp[76] = 1", "byte 76 behind the IPv4 header"},
	{"ip proto 47 and ip[80] = 0", "byte 80,"},
	{"ip proto 50 and ip[60] = 0", "byte 60,"},
	{"sctp port 5", "behind the IPv4 header"}, /* of which no header is read */
	{"ip6[6] = 17 and ip6[48] = 1", "byte 48,"},
	{"ip6[6] = 6 and ip6[100:2] = 1", "byte 101,"},
	{"ip6[495:4] = 1", "byte 498,"},
	{"ip[600] = 3", "byte 600,"},
	{"ip6[65536] = 3", "byte 65536,"},
};

/* These may find a header where they look, so they are taken. */
static const char *const taken[] = {
	"udp[6:2] = 0",
	"tcp[56:4] = 3",
	"icmp[72:4] = 1",
	"ip[(ip[0] & 0xf) * 4 + 8] = 3",
	"udp[ip[20]] = 1",
	"udp or (tcp and tcp[8] = 1)",
	"(udp or tcp) and ip[60] = 1",
	"ip proto 47 and ip[79] = 0",
	"ip proto 50 and ip[59] = 0",
	"ip6[6] = 17 and ip6[47] = 1",
	/* Behind a fragment header. */
	"ip6 proto 17 and ip6[48] = 1",
	"ip6[6] = 58 and ip6[497] = 1",
	"ip6[494:4] = 1",
	/* Of SCTP, too: there it sees zeros. */
	"port 5",
	/* Words, and names of ports and protocols. */
	"port http or https and not host fe80::1",
	"ip proto \\tcp or ip proto 1",
	"dst portrange 80-90 and host 192.0.2.1 or 192.0.2.2",
	"icmp6[icmp6type] = icmp6-echo or tcp[tcpflags] = tcp-syn",
};

START_TEST(what_is_none_is_refused)
{
	struct seki_filter *filter = seki_filter_create();
	char why[256] = "", again[256] = "";

	ck_assert_msg(
		seki_filter_check(refused[_i].expression, why, sizeof(why)) < 0, "\"%s\"", refused[_i].expression);
	ck_assert_msg(strstr(why, refused[_i].why) != NULL, "%s: %s", refused[_i].expression, why);
	ck_assert_int_lt(seki_filter_add(filter, refused[_i].expression, again, sizeof(again)), 0);
	ck_assert_str_eq(again, why);
	seki_filter_destroy(filter);
}
END_TEST

START_TEST(what_may_be_a_header_is_taken)
{
	struct seki_filter *filter = seki_filter_create();
	char why[256] = "";

	ck_assert_msg(seki_filter_check(taken[_i], why, sizeof(why)) == 0, "%s: %s", taken[_i], why);
	ck_assert_msg(seki_filter_add(filter, taken[_i], why, sizeof(why)) == 0, "%s: %s", taken[_i], why);
	seki_filter_destroy(filter);
}
END_TEST

/*
 * As long as a configuration takes, with more ways through it than can be gone one by one: with comparisons alone, and
 * with arithmetic, whose values are different on each way.
 */
static const char *const parts[] = {
	" and (ip[%u] = %u or ip[5] = 9 or ip[6] = 3)",
	" and (ip[%u] * ip[7] > udp[%u] + ip[ip[3] & 7] or port 9)",
};

START_TEST(many_ways_take_no_time)
{
	char text[1024] = "udp", why[256] = "";
	struct seki_filter *filter = seki_filter_create();
	size_t n = strlen(text);

	for (unsigned i = 0; n < sizeof(text) - 64; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, parts[_i], i % 19, i % 8);
	alarm(10);
	ck_assert_msg(seki_filter_add(filter, text, why, sizeof(why)) == 0, "%s: %s", text, why);
	alarm(0);
	seki_filter_destroy(filter);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("filter");

	test_eal_start(64);
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, as_libpcap_says, 0, N(expressions));
	tcase_add_loop_test(tests, one_frame, 0, N(matches));
	tcase_add_test(tests, bursts_are_told_apart);
	tcase_add_loop_test(tests, what_is_none_is_refused, 0, N(refused));
	tcase_add_loop_test(tests, what_may_be_a_header_is_taken, 0, N(taken));
	tcase_add_loop_test(tests, many_ways_take_no_time, 0, N(parts));
	return suite_run("filter", tests);
}
