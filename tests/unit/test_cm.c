/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Every countermeasure against a table of packets, each row in all three modes through seki_decide_burst: off must
 * leave no trace, observe must record and pass, enforce must end the packet. Zones are made by hand from the
 * countermeasures' own parameter tables, so a default that changes shows here.
 */
#include "cm_bench.h"

#include <netinet/in.h>

/* As classify does. */
static uint32_t
classes_of(const struct pkt *p)
{
	uint32_t classes = CM_CLASS_ANY;

	if (p->defect != 0 || p->flags & PKT_F_CSUM_BAD)
		classes |= CM_CLASS_DEFECT;
	if (p->src_set != 0)
		classes |= CM_CLASS_LISTED;
	if (p->flags & PKT_F_FRAG)
		classes |= CM_CLASS_FRAGMENT;
	if (p->vector >= SEKI_VECTOR_REFLECTOR_FIRST)
		classes |= CM_CLASS_REFLECTOR;
	return classes;
}

static void
bench_decide(struct bench *b, struct pkt *pkt, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		pkt[i].todo = b->snap.posture[pkt[i].zone].active & cm_todo[classes_of(&pkt[i])];
	seki_decide_burst(&b->pipe, &b->snap, pkt, n);
}

/* Inbound to the zone, 100 bytes, sound. */
static struct pkt
inbound(struct pkt p, const char *src, const char *dst)
{
	p.zone = p.zone != 0 ? p.zone : ZONE;
	p.direction = SEKI_DIR_INBOUND;
	p.len = p.len != 0 ? p.len : 100;
	p.arrival_ns = 1000 * MS;
	if (p.l3 == PKT_L3_NONE)
		p.l3 = strchr(src, ':') != NULL ? PKT_L3_IP6 : PKT_L3_IP4;
	set_addr(&p.src, src);
	set_addr(&p.dst, dst);
	return p;
}

#define FIELDS_TCP(to) \
	.proto = IPPROTO_TCP, .flags = PKT_F_PORTS | PKT_F_TCP, .dport = (to), .vector = SEKI_VECTOR_TCP_SYN
#define FIELDS_UDP(to) .proto = IPPROTO_UDP, .flags = PKT_F_PORTS, .dport = (to), .vector = SEKI_VECTOR_UDP
#define FIELDS_FROM(reflector, to) \
	.proto = IPPROTO_UDP, .flags = PKT_F_PORTS, .dport = (to), .vector = SEKI_VECTOR_##reflector
#define FIELDS_LATER(protocol) \
	.proto = (protocol), .flags = PKT_F_FRAG | PKT_F_FRAG_LATER, .vector = SEKI_VECTOR_FRAGMENT
#define FIELDS_ICMP(protocol, type, kind) \
	.proto = (protocol), .flags = PKT_F_ICMP, .icmp_type = (type), .vector = SEKI_VECTOR_##kind
#define WEB .service = {{IPPROTO_TCP, false, 80, 80}, {IPPROTO_TCP, false, 443, 8443}}, .n_services = 2

/* `count` packets alike, `gap_ns` apart; the last `hits` of them must meet `reason` (NONE: no packet does). */
struct row {
	const char *about;
	unsigned cm;
	struct config config;
	const char *src; /* NULL: 198.51.100.7 or 2001:db8:f::7, to a zone of the same family */
	struct pkt pkt;
	unsigned count;
	uint64_t gap_ns;
	unsigned hits;
	enum seki_reason reason;
};

#define ONE .count = 1
#define HIT(id) .hits = 1, .reason = SEKI_REASON_##id

static const struct row rows[] = {
	/* malformed */
	{"a sound packet", CM_MALFORMED, .pkt = {FIELDS_TCP(80)}, ONE},
	{"a length that lies", CM_MALFORMED, .pkt = {FIELDS_UDP(80), .defect = SEKI_REASON_IP_LENGTH}, ONE,
		HIT(IP_LENGTH)},
	{"TCP flags", CM_MALFORMED, .pkt = {FIELDS_TCP(80), .defect = SEKI_REASON_TCP_FLAGS}, ONE, HIT(TCP_FLAGS)},
	{"TCP flags, not minded", CM_MALFORMED, {.set = {{"tcp_flags", 0}}},
		.pkt = {FIELDS_TCP(80), .defect = SEKI_REASON_TCP_FLAGS}, ONE},
	{"flags not minded, but lengths always", CM_MALFORMED,
		{.set = {{"tcp_flags", 0}, {"land", 0}, {"port_zero", 0}}},
		.pkt = {FIELDS_TCP(80), .defect = SEKI_REASON_TCP_HEADER_LENGTH}, ONE, HIT(TCP_HEADER_LENGTH)},
	{"checksum found wrong by the parser", CM_MALFORMED, .pkt = {FIELDS_UDP(9), .defect = SEKI_REASON_IP_CHECKSUM},
		ONE, HIT(IP_CHECKSUM)},
	{"checksum found wrong by the port", CM_MALFORMED,
		.pkt = {.proto = IPPROTO_UDP, .flags = PKT_F_CSUM_BAD, .vector = SEKI_VECTOR_UDP}, ONE,
		HIT(IP_CHECKSUM)},
	{"checksum found wrong, not minded", CM_MALFORMED, {.set = {{"checksum", 0}}},
		.pkt = {.proto = IPPROTO_UDP, .flags = PKT_F_CSUM_BAD, .vector = SEKI_VECTOR_UDP}, ONE},
	{"a defect and a bad checksum: the defect is named", CM_MALFORMED,
		.pkt = {.flags = PKT_F_CSUM_BAD, .defect = SEKI_REASON_UDP_LENGTH}, ONE, HIT(UDP_LENGTH)},
	{"tiny fragment", CM_MALFORMED, .pkt = {FIELDS_LATER(IPPROTO_TCP), .defect = SEKI_REASON_FRAG_TINY}, ONE,
		HIT(FRAG_TINY)},
	{"fragments not minded", CM_MALFORMED, {.set = {{"fragments", 0}}},
		.pkt = {FIELDS_LATER(IPPROTO_TCP), .defect = SEKI_REASON_FRAG_OVERLAP}, ONE},
	{"port zero", CM_MALFORMED, .pkt = {FIELDS_UDP(0), .defect = SEKI_REASON_PORT_ZERO}, ONE, HIT(PORT_ZERO)},
	{"land", CM_MALFORMED, .pkt = {FIELDS_TCP(80), .defect = SEKI_REASON_LAND}, ONE, HIT(LAND)},

	/* antispoof: RFC 6890, RFC 4291 */
	{"an address of the Internet", CM_ANTISPOOF, .src = "8.8.8.8", .pkt = {FIELDS_TCP(80)}, ONE},
	{"the last before class E", CM_ANTISPOOF, .src = "223.255.255.255", .pkt = {FIELDS_TCP(80)}, ONE},
	{"this network", CM_ANTISPOOF, .src = "0.1.2.3", .pkt = {FIELDS_TCP(80)}, ONE, HIT(SRC_MARTIAN)},
	{"loopback", CM_ANTISPOOF, .src = "127.0.0.1", .pkt = {FIELDS_TCP(80)}, ONE, HIT(SRC_MARTIAN)},
	{"just after loopback", CM_ANTISPOOF, .src = "128.0.0.1", .pkt = {FIELDS_TCP(80)}, ONE},
	{"link-local", CM_ANTISPOOF, .src = "169.254.9.9", .pkt = {FIELDS_TCP(80)}, ONE, HIT(SRC_MARTIAN)},
	{"beside link-local", CM_ANTISPOOF, .src = "169.253.9.9", .pkt = {FIELDS_TCP(80)}, ONE},
	{"multicast", CM_ANTISPOOF, .src = "224.0.0.1", .pkt = {FIELDS_TCP(80)}, ONE, HIT(SRC_MULTICAST)},
	{"last of multicast", CM_ANTISPOOF, .src = "239.255.255.255", .pkt = {FIELDS_TCP(80)}, ONE, HIT(SRC_MULTICAST)},
	{"reserved", CM_ANTISPOOF, .src = "240.0.0.1", .pkt = {FIELDS_TCP(80)}, ONE, HIT(SRC_MARTIAN)},
	{"broadcast", CM_ANTISPOOF, .src = "255.255.255.255", .pkt = {FIELDS_TCP(80)}, ONE, HIT(SRC_MULTICAST)},
	{"private", CM_ANTISPOOF, .src = "10.1.2.3", .pkt = {FIELDS_TCP(80)}, ONE},
	{"private, minded", CM_ANTISPOOF, {.set = {{"private", 1}}}, "172.31.255.1", {FIELDS_TCP(80)}, ONE,
		HIT(SRC_MARTIAN)},
	{"beside private, minded", CM_ANTISPOOF, {.set = {{"private", 1}}}, "172.32.0.1", {FIELDS_TCP(80)}, ONE},
	{"shared, minded", CM_ANTISPOOF, {.set = {{"private", 1}}}, "100.127.0.1", {FIELDS_TCP(80)}, ONE,
		HIT(SRC_MARTIAN)},
	{"192.168, minded", CM_ANTISPOOF, {.set = {{"private", 1}}}, "192.168.7.1", {FIELDS_TCP(80)}, ONE,
		HIT(SRC_MARTIAN)},
	{"documentation", CM_ANTISPOOF, .src = "203.0.113.5", .pkt = {FIELDS_TCP(80)}, ONE},
	{"documentation, minded", CM_ANTISPOOF, {.set = {{"documentation", 1}}}, "203.0.113.5", {FIELDS_TCP(80)}, ONE,
		HIT(SRC_MARTIAN)},
	{"benchmarking, minded", CM_ANTISPOOF, {.set = {{"documentation", 1}}}, "198.19.0.1", {FIELDS_TCP(80)}, ONE,
		HIT(SRC_MARTIAN)},
	{"martians not minded", CM_ANTISPOOF, {.set = {{"martian", 0}}}, "127.0.0.1", {FIELDS_TCP(80)}, ONE},
	{"martians not minded, multicast is", CM_ANTISPOOF, {.set = {{"martian", 0}}}, "224.9.9.9", {FIELDS_TCP(80)},
		ONE, HIT(SRC_MULTICAST)},
	{"multicast not minded", CM_ANTISPOOF, {.set = {{"multicast", 0}}}, "224.9.9.9", {FIELDS_TCP(80)}, ONE},
	{"unspecified", CM_ANTISPOOF, .src = "::", .pkt = {FIELDS_TCP(80)}, ONE, HIT(SRC_MARTIAN)},
	{"IPv6 loopback", CM_ANTISPOOF, .src = "::1", .pkt = {FIELDS_TCP(80)}, ONE, HIT(SRC_MARTIAN)},
	{"mapped", CM_ANTISPOOF, .src = "::ffff:8.8.8.8", .pkt = {FIELDS_TCP(80)}, ONE, HIT(SRC_MARTIAN)},
	{"NAT64 is no mapped address", CM_ANTISPOOF, .src = "64:ff9b::808:808", .pkt = {FIELDS_TCP(80)}, ONE},
	{"site-local", CM_ANTISPOOF, .src = "fec0::1", .pkt = {FIELDS_TCP(80)}, ONE, HIT(SRC_MARTIAN)},
	{"link-local to a global address", CM_ANTISPOOF, .src = "fe80::1", .pkt = {FIELDS_TCP(80)}, ONE,
		HIT(SRC_MARTIAN)},
	{"IPv6 multicast", CM_ANTISPOOF, .src = "ff02::1", .pkt = {FIELDS_TCP(80)}, ONE, HIT(SRC_MULTICAST)},
	{"global unicast", CM_ANTISPOOF, .src = "2a00:1450:4001::5", .pkt = {FIELDS_TCP(80)}, ONE},
	{"unique local", CM_ANTISPOOF, .src = "fd00::5", .pkt = {FIELDS_TCP(80)}, ONE},
	{"unique local, minded", CM_ANTISPOOF, {.set = {{"private", 1}}}, "fd00::5", {FIELDS_TCP(80)}, ONE,
		HIT(SRC_MARTIAN)},
	{"IPv6 documentation", CM_ANTISPOOF, .src = "2001:db8::5", .pkt = {FIELDS_TCP(80)}, ONE},
	{"IPv6 documentation, minded", CM_ANTISPOOF, {.set = {{"documentation", 1}}}, "2001:db8::5", {FIELDS_TCP(80)},
		ONE, HIT(SRC_MARTIAN)},
	{"own zone from outside", CM_ANTISPOOF, .pkt = {.flags = PKT_F_REAL_DIR | PKT_F_SRC_IN_ZONE}, ONE,
		HIT(SRC_OWN_ZONE)},
	{"own zone, direction guessed", CM_ANTISPOOF, .pkt = {.flags = PKT_F_SRC_IN_ZONE}, ONE},
	{"own zone, not minded", CM_ANTISPOOF, {.set = {{"own_zone", 0}}},
		.pkt = {.flags = PKT_F_REAL_DIR | PKT_F_SRC_IN_ZONE}, ONE},

	/* allow, deny */
	{"on no list", CM_ALLOW, {.allow_lists = 1}, .pkt = {FIELDS_TCP(80)}, ONE},
	{"on an allowed list", CM_ALLOW, {.allow_lists = 1}, .pkt = {FIELDS_TCP(80), .src_set = 1}, ONE, HIT(ALLOWED)},
	{"on another list", CM_ALLOW, {.allow_lists = 1}, .pkt = {FIELDS_TCP(80), .src_set = 2}, ONE},
	{"on a denied list", CM_DENY, {.deny_lists = 2}, .pkt = {FIELDS_TCP(80), .src_set = 2}, ONE, HIT(DENIED)},
	{"on a list that this zone does not deny", CM_DENY, {.deny_lists = 2}, .pkt = {FIELDS_TCP(80), .src_set = 1},
		ONE},
	{"on two lists, one denied", CM_DENY, {.deny_lists = 2}, .pkt = {FIELDS_TCP(80), .src_set = 3}, ONE,
		HIT(DENIED)},

	/* service: pps 10 with a burst of 100 ms lets two through at once */
	{"no services named: all is served", CM_SERVICE, {.set = {{"pps", 1}, {"burst", 1 * MS}}},
		.pkt = {FIELDS_UDP(9)}, .count = 30},
	{"a port that is served", CM_SERVICE, {.set = {{"pps", 10}, {"burst", 100 * MS}}, WEB}, .pkt = {FIELDS_TCP(80)},
		.count = 30},
	{"the end of a range", CM_SERVICE, {.set = {{"pps", 10}, {"burst", 100 * MS}}, WEB}, .pkt = {FIELDS_TCP(8443)},
		.count = 30},
	{"past the end of a range", CM_SERVICE, {.set = {{"pps", 10}, {"burst", 100 * MS}}, WEB},
		.pkt = {FIELDS_TCP(8444)}, .count = 30, .hits = 28, .reason = SEKI_REASON_SERVICE_BUDGET},
	{"the same port of the other protocol", CM_SERVICE, {.set = {{"pps", 10}, {"burst", 100 * MS}}, WEB},
		.pkt = {FIELDS_UDP(80)}, .count = 30, .hits = 28, .reason = SEKI_REASON_SERVICE_BUDGET},
	{"unserved, at the rate", CM_SERVICE, {.set = {{"pps", 10}, {"burst", 100 * MS}}, WEB}, .pkt = {FIELDS_UDP(9)},
		.count = 30, .gap_ns = 100 * MS},
	{"unserved, the default budget", CM_SERVICE, {WEB}, .pkt = {FIELDS_UDP(9)}, .count = 1010, .hits = 9,
		.reason = SEKI_REASON_SERVICE_BUDGET},
	{"unserved, bits", CM_SERVICE, {.set = {{"pps", 0}, {"bps", 8000}, {"burst", 100 * MS}}, WEB},
		.pkt = {FIELDS_UDP(9), .len = 100}, .count = 10, .hits = 8, .reason = SEKI_REASON_SERVICE_BUDGET},
	{"a later fragment of a protocol with services", CM_SERVICE, {.set = {{"pps", 10}, {"burst", 100 * MS}}, WEB},
		.pkt = {FIELDS_LATER(IPPROTO_TCP)}, .count = 30},
	{"a later fragment of a protocol without", CM_SERVICE, {.set = {{"pps", 10}, {"burst", 100 * MS}}, WEB},
		.pkt = {FIELDS_LATER(IPPROTO_UDP)}, .count = 30, .hits = 28, .reason = SEKI_REASON_SERVICE_BUDGET},
	{"ICMP errors do not share the budget of the rest", CM_SERVICE, {.set = {{"pps", 1}, {"burst", 100 * MS}}, WEB},
		.pkt = {FIELDS_ICMP(IPPROTO_ICMP, 3, ICMP_ERROR)}, .count = 30},
	{"ICMP errors, over their own", CM_SERVICE, {.set = {{"error_pps", 10}, {"burst", 100 * MS}}, WEB},
		.pkt = {FIELDS_ICMP(IPPROTO_ICMP, 3, ICMP_ERROR)}, .count = 30, .hits = 28,
		.reason = SEKI_REASON_ICMP_ERROR_BUDGET},
	{"ICMPv6 errors, over the default", CM_SERVICE, {WEB}, .src = "2001:db8:f::7",
		.pkt = {FIELDS_ICMP(IPPROTO_ICMPV6, 1, ICMP_ERROR)}, .count = 1010, .hits = 9,
		.reason = SEKI_REASON_ICMP_ERROR_BUDGET},
	{"a neighbour solicitation that is not of the link", CM_SERVICE,
		{.set = {{"pps", 10}, {"burst", 100 * MS}}, WEB}, .src = "2001:db8:f::7",
		.pkt = {FIELDS_ICMP(IPPROTO_ICMPV6, 135, ICMP_OTHER)}, .count = 30, .hits = 28,
		.reason = SEKI_REASON_SERVICE_BUDGET},
	{"echo that is not served", CM_SERVICE, {.set = {{"pps", 10}, {"burst", 100 * MS}}, WEB},
		.pkt = {FIELDS_ICMP(IPPROTO_ICMP, 8, ICMP_ECHO)}, .count = 30, .hits = 28,
		.reason = SEKI_REASON_SERVICE_BUDGET},
	{"echo that is served", CM_SERVICE,
		{.set = {{"pps", 10}}, .service = {{IPPROTO_ICMP, true, 0, 0}}, .n_services = 1},
		.pkt = {FIELDS_ICMP(IPPROTO_ICMP, 8, ICMP_ECHO)}, .count = 30},
	{"GRE that is served", CM_SERVICE,
		{.set = {{"pps", 10}}, .service = {{IPPROTO_GRE, true, 0, 0}}, .n_services = 1},
		.pkt = {.proto = IPPROTO_GRE, .vector = SEKI_VECTOR_GRE}, .count = 30},
	{"any port of UDP is served", CM_SERVICE,
		{.set = {{"pps", 10}}, .service = {{IPPROTO_UDP, true, 0, 0}}, .n_services = 1},
		.pkt = {FIELDS_UDP(65535)}, .count = 30},

	/* reflection */
	{"UDP from an ordinary port", CM_REFLECTION, {.set = {{"pps", 10}, {"burst", 100 * MS}}},
		.pkt = {FIELDS_UDP(9)}, .count = 30},
	{"memcached over its budget", CM_REFLECTION, {.set = {{"pps", 10}, {"burst", 100 * MS}}},
		.pkt = {FIELDS_FROM(MEMCACHED, 40000)}, .count = 30, .hits = 28,
		.reason = SEKI_REASON_REFLECTION_BUDGET},
	{"memcached at its rate", CM_REFLECTION, {.set = {{"pps", 10}, {"burst", 100 * MS}}},
		.pkt = {FIELDS_FROM(MEMCACHED, 40000)}, .count = 30, .gap_ns = 100 * MS},
	{"a budget of its own", CM_REFLECTION, {.set = {{"pps", 10}, {"ntp_pps", 100}, {"burst", 100 * MS}}},
		.pkt = {FIELDS_FROM(NTP, 123)}, .count = 30, .hits = 19, .reason = SEKI_REASON_REFLECTION_BUDGET},
	{"another's own budget", CM_REFLECTION, {.set = {{"pps", 10}, {"ntp_pps", 100}, {"burst", 100 * MS}}},
		.pkt = {FIELDS_FROM(DNS, 123)}, .count = 30, .hits = 28, .reason = SEKI_REASON_REFLECTION_BUDGET},
	{"no service named: not exempt, default budget", CM_REFLECTION, .pkt = {FIELDS_FROM(CLDAP, 40000)},
		.count = 1010, .hits = 9, .reason = SEKI_REASON_REFLECTION_BUDGET},
	{"a tunnel's default budget is for bulk traffic", CM_REFLECTION, .pkt = {FIELDS_FROM(IKE_NAT, 4500)},
		.count = 1010},
	{"to a port that the zone serves", CM_REFLECTION,
		{.set = {{"pps", 10}}, .service = {{IPPROTO_UDP, false, 123, 123}}, .n_services = 1},
		.pkt = {FIELDS_FROM(NTP, 123)}, .count = 30},
	{"beside a port that the zone serves", CM_REFLECTION,
		{.set = {{"pps", 10}, {"burst", 100 * MS}},
			.service = {{IPPROTO_UDP, false, 123, 123}},
			.n_services = 1},
		.pkt = {FIELDS_FROM(NTP, 124)}, .count = 30, .hits = 28, .reason = SEKI_REASON_REFLECTION_BUDGET},
	{"bits", CM_REFLECTION, {.set = {{"pps", 0}, {"bps", 8000}, {"burst", 100 * MS}}},
		.pkt = {FIELDS_FROM(DNS, 9), .len = 1000}, .count = 10, .hits = 9,
		.reason = SEKI_REASON_REFLECTION_BUDGET},
	{"unlimited", CM_REFLECTION, {.set = {{"pps", 0}}}, .pkt = {FIELDS_FROM(DNS, 9)}, .count = 5000},

	/* fragment */
	{"no fragment", CM_FRAGMENT, {.set = {{"deny", 1}}}, .pkt = {FIELDS_UDP(9)}, ONE},
	{"fragments denied", CM_FRAGMENT, {.set = {{"deny", 1}}}, .pkt = {FIELDS_LATER(IPPROTO_UDP)}, ONE,
		HIT(FRAGMENT_DENIED)},
	{"a first fragment denied", CM_FRAGMENT, {.set = {{"deny", 1}}},
		.pkt = {.proto = IPPROTO_UDP, .flags = PKT_F_PORTS | PKT_F_FRAG, .vector = SEKI_VECTOR_UDP}, ONE,
		HIT(FRAGMENT_DENIED)},
	{"within the default budget", CM_FRAGMENT, .pkt = {FIELDS_LATER(IPPROTO_UDP)}, .count = 5000},
	{"over the budget", CM_FRAGMENT, {.set = {{"pps", 10}, {"burst", 100 * MS}}},
		.pkt = {FIELDS_LATER(IPPROTO_UDP)}, .count = 30, .hits = 28, .reason = SEKI_REASON_FRAGMENT_BUDGET},
	{"over the bits", CM_FRAGMENT, {.set = {{"bps", 8000}, {"burst", 100 * MS}}},
		.pkt = {FIELDS_LATER(IPPROTO_UDP), .len = 1500}, .count = 3, .hits = 2,
		.reason = SEKI_REASON_FRAGMENT_BUDGET},

	/* zone_limit */
	{"no limit", CM_ZONE_LIMIT, .pkt = {FIELDS_TCP(80)}, .count = 5000},
	{"total packets", CM_ZONE_LIMIT, {.set = {{"total_pps", 10}}}, .pkt = {FIELDS_TCP(80)}, .count = 30, .hits = 28,
		.reason = SEKI_REASON_ZONE_PPS},
	{"total bits", CM_ZONE_LIMIT, {.set = {{"total_bps", 8000}}}, .pkt = {FIELDS_TCP(80), .len = 100}, .count = 30,
		.hits = 28, .reason = SEKI_REASON_ZONE_BPS},
	{"packets of the class", CM_ZONE_LIMIT, {.set = {{"syn_pps", 10}}}, .pkt = {FIELDS_TCP(80)}, .count = 30,
		.hits = 28, .reason = SEKI_REASON_CLASS_PPS},
	{"bits of the class", CM_ZONE_LIMIT, {.set = {{"fragment_bps", 8000}}},
		.pkt = {FIELDS_LATER(IPPROTO_UDP), .len = 100}, .count = 30, .hits = 28,
		.reason = SEKI_REASON_CLASS_BPS},
	{"packets of another class", CM_ZONE_LIMIT, {.set = {{"udp_pps", 10}}}, .pkt = {FIELDS_TCP(80)}, .count = 30},
	{"the class of reflectors", CM_ZONE_LIMIT, {.set = {{"reflection_pps", 10}}}, .pkt = {FIELDS_FROM(DNS, 9)},
		.count = 30, .hits = 28, .reason = SEKI_REASON_CLASS_PPS},
	{"at the rate", CM_ZONE_LIMIT, {.set = {{"total_pps", 10}}}, .pkt = {FIELDS_TCP(80)}, .count = 30,
		.gap_ns = 100 * MS},
	{"a longer burst", CM_ZONE_LIMIT, {.set = {{"total_pps", 10}, {"burst", 1000 * MS}}}, .pkt = {FIELDS_TCP(80)},
		.count = 30, .hits = 19, .reason = SEKI_REASON_ZONE_PPS},
};

static struct pkt
row_packet(const struct row *row, unsigned i)
{
	const char *src = row->src != NULL ? row->src : "198.51.100.7";
	struct pkt p = inbound(row->pkt, src, strchr(src, ':') != NULL ? "2001:db8:a::1" : "192.0.2.1");

	p.arrival_ns += i * row->gap_ns;
	return p;
}

static void
check_packet(const struct row *row, unsigned i, enum cm_mode mode, const struct pkt *p)
{
	bool hit = mode != CM_MODE_OFF && i >= row->count - row->hits;
	enum seki_reason ends = hit && mode == CM_MODE_ENFORCE ? row->reason : SEKI_REASON_CLEAN;
	bool held_back = hit && mode == CM_MODE_OBSERVE && seki_reason_verdict(row->reason) == SEKI_VERDICT_DROP;
	enum seki_reason observed = held_back ? row->reason : SEKI_REASON_NONE;

	ck_assert_msg(p->reason == ends, "%s: %s, %s: packet %u ends with %s", cm_ops[row->cm]->name, row->about,
		cm_mode_name(mode), i, seki_reason_name(p->reason));
	ck_assert_msg(p->verdict == seki_reason_verdict(ends), "%s: %s, %s: packet %u gets %s", cm_ops[row->cm]->name,
		row->about, cm_mode_name(mode), i, seki_verdict_name(p->verdict));
	ck_assert_msg(p->observed == observed, "%s: %s, %s: packet %u is observed as %s", cm_ops[row->cm]->name,
		row->about, cm_mode_name(mode), i, seki_reason_name(p->observed));
	ck_assert_uint_eq(p->hit, 0);
	ck_assert_uint_eq(p->todo, 0);
}

START_TEST(row_in_every_mode)
{
	const struct row *row = &rows[_i];
	uint64_t param[CM_PARAMS_MAX];

	ck_assert_msg(fill_params(param, cm_ops[row->cm], &row->config) == 0, "%s: no such parameter", row->about);
	for (enum cm_mode mode = CM_MODE_OFF; mode <= CM_MODE_ENFORCE; mode++) {
		struct bench *b = bench_create(&row->config);
		uint32_t bit = 1u << row->cm;

		bench_mode(b, mode == CM_MODE_OFF ? 0 : bit, mode == CM_MODE_ENFORCE ? bit : 0);
		for (unsigned i = 0; i < row->count; i++) {
			struct pkt p = row_packet(row, i);

			bench_decide(b, &p, 1);
			check_packet(row, i, mode, &p);
		}
		bench_destroy(b);
	}
}
END_TEST

/* Floods of one reflector leave another's budget alone, and those of one zone another zone's. */
START_TEST(budgets_are_apart)
{
	static const struct config config = {.set = {{"pps", 10}, {"burst", 100 * MS}}};
	struct bench *b = bench_create(&config);
	struct pkt flood = inbound((struct pkt){FIELDS_FROM(NTP, 9)}, "198.51.100.7", "192.0.2.1");
	struct pkt other = inbound((struct pkt){FIELDS_FROM(DNS, 9)}, "198.51.100.7", "192.0.2.1");
	struct pkt elsewhere =
		inbound((struct pkt){FIELDS_FROM(NTP, 9), .zone = OTHER_ZONE}, "198.51.100.7", "192.0.2.1");

	bench_mode(b, 1u << CM_REFLECTION, 1u << CM_REFLECTION);
	for (unsigned i = 0; i < 100; i++)
		bench_decide(b, &flood, 1);
	bench_decide(b, &other, 1);
	bench_decide(b, &elsewhere, 1);
	ck_assert_int_eq(flood.reason, SEKI_REASON_REFLECTION_BUDGET);
	ck_assert_int_eq(other.reason, SEKI_REASON_CLEAN);
	ck_assert_int_eq(elsewhere.reason, SEKI_REASON_CLEAN);
	bench_destroy(b);
}
END_TEST

/* What its class refuses does not use up the total. */
START_TEST(refused_packets_charge_nothing)
{
	static const struct config config = {.set = {{"syn_pps", 1}, {"total_pps", 20}, {"burst", 1000 * MS}}};
	struct bench *b = bench_create(&config);
	unsigned passed = 0;

	bench_mode(b, 1u << CM_ZONE_LIMIT, 1u << CM_ZONE_LIMIT);
	for (unsigned i = 0; i < 1000; i++) {
		struct pkt syn = inbound((struct pkt){FIELDS_TCP(80)}, "198.51.100.7", "192.0.2.1");

		bench_decide(b, &syn, 1);
		passed += syn.reason == SEKI_REASON_CLEAN;
	}
	ck_assert_uint_eq(passed, 2);
	for (unsigned i = 0; i < 19; i++) {
		struct pkt udp = inbound((struct pkt){FIELDS_UDP(53)}, "198.51.100.7", "192.0.2.1");

		bench_decide(b, &udp, 1);
		ck_assert_msg(udp.reason == SEKI_REASON_CLEAN, "packet %u meets %s", i, seki_reason_name(udp.reason));
	}
	bench_destroy(b);
}
END_TEST

/* Observing spends what enforcing would: behind an observed drop, later observers see and charge nothing. */
START_TEST(observe_spends_as_enforce_would)
{
	static const struct config config = {.set = {{"total_pps", 10}}, .deny_lists = 1};
	const uint32_t both = 1u << CM_DENY | 1u << CM_ZONE_LIMIT;
	struct bench *b = bench_create(&config);
	struct pkt listed = inbound((struct pkt){FIELDS_TCP(80), .src_set = 1}, "198.51.100.7", "192.0.2.1");
	struct pkt other = inbound((struct pkt){FIELDS_TCP(80)}, "198.51.100.8", "192.0.2.1");

	bench_mode(b, both, 0);
	for (unsigned i = 0; i < 10; i++)
		bench_decide(b, &listed, 1);
	ck_assert_int_eq(listed.observed, SEKI_REASON_DENIED);
	bench_decide(b, &other, 1);
	ck_assert_int_eq(other.observed, SEKI_REASON_NONE);
	/* One that enforces still sees and charges what is only observed before it. */
	bench_mode(b, both, 1u << CM_ZONE_LIMIT);
	for (unsigned i = 0; i < 10; i++)
		bench_decide(b, &listed, 1);
	ck_assert_int_eq(listed.observed, SEKI_REASON_DENIED);
	ck_assert_int_eq(listed.reason, SEKI_REASON_ZONE_PPS);
	bench_destroy(b);
}
END_TEST

/* Order of the table: what a zone allows is judged by none after it, but by those before. */
static const struct {
	const char *about;
	enum seki_reason defect;
	uint32_t active, enforce;
	enum seki_reason reason, observed;
} orders[] = {
	{"allowed and denied: allowed", 0, ~0u, ~0u, SEKI_REASON_ALLOWED, 0},
	{"allowed but malformed: dropped", SEKI_REASON_IP_LENGTH, ~0u, ~0u, SEKI_REASON_IP_LENGTH, 0},
	{"allow observes: observation ends there, denied by what enforces", 0, ~0u, ~0u & ~(1u << CM_ALLOW),
		SEKI_REASON_DENIED, 0},
	{"all observe, allowed and denied: allowed, so no drop was held back", 0, ~0u, 0, SEKI_REASON_CLEAN, 0},
	{"all observe, malformed and denied: the first is recorded", SEKI_REASON_IP_LENGTH, ~0u, 0, SEKI_REASON_CLEAN,
		SEKI_REASON_IP_LENGTH},
	{"malformed observes, allow enforces", SEKI_REASON_IP_LENGTH, ~0u, ~0u & ~(1u << CM_MALFORMED),
		SEKI_REASON_ALLOWED, SEKI_REASON_IP_LENGTH},
	{"deny alone", 0, 1u << CM_DENY, 1u << CM_DENY, SEKI_REASON_DENIED, 0},
};

START_TEST(table_order_holds)
{
	static const struct config config = {.allow_lists = 1, .deny_lists = 2};
	struct bench *b = bench_create(&config);
	struct pkt p = inbound((struct pkt){FIELDS_TCP(80), .src_set = 3}, "198.51.100.7", "192.0.2.1");

	p.defect = (uint8_t)orders[_i].defect;
	bench_mode(b, orders[_i].active & ((1u << CM_N) - 1), orders[_i].enforce);
	bench_decide(b, &p, 1);
	ck_assert_msg(p.reason == orders[_i].reason && p.observed == orders[_i].observed, "%s: %s, observed %s",
		orders[_i].about, seki_reason_name(p.reason), seki_reason_name(p.observed));
	bench_destroy(b);
}
END_TEST

/* What the tables promise to those who generate from them. */
START_TEST(tables_are_complete)
{
	const struct cm_ops *ops = cm_ops[_i];

	cm_init();
	ck_assert_msg(ops->help[0] != '\0' && ops->loses[0] != '\0', "%s is not documented", ops->name);
	ck_assert_uint_le(ops->n_params, CM_PARAMS_MAX);
	ck_assert_uint_ne(ops->classes, 0);
	ck_assert_ptr_nonnull(ops->apply);
	ck_assert((ops->n_budgets == 0) == (ops->budget_name == NULL));
	for (unsigned i = 0; i < ops->n_params; i++) {
		const struct cm_param *param = &ops->params[i];
		size_t n = strlen(param->help);

		ck_assert_msg(
			param->name != NULL && n > 0 && param->help[n - 1] == '.', "%s parameter %u", ops->name, i);
		ck_assert(param->min <= param->def && param->def <= param->max);
		for (unsigned j = 0; j < i; j++)
			ck_assert_str_ne(param->name, ops->params[j].name);
	}
	for (unsigned i = 0; i < ops->n_budgets; i++)
		for (unsigned j = 0; j < i; j++)
			ck_assert_str_ne(ops->budget_name(i), ops->budget_name(j));
	ck_assert_uint_le(cm_budget_base[_i] + ops->n_budgets, cm_n_budgets);
}
END_TEST

START_TEST(class_limit_above_total_is_refused)
{
	const struct cm_ops *ops = cm_ops[CM_ZONE_LIMIT];
	static const struct config good = {.set = {{"udp_pps", 10}, {"total_pps", 10}}};
	static const struct config bad = {.set = {{"udp_pps", 11}, {"total_pps", 10}, {"tcp_bps", 99}}};
	uint64_t param[CM_PARAMS_MAX];
	struct cm_zone_spec spec = {.param = param};
	struct seki_err err;

	seki_err_init(&err);
	ck_assert_uint_eq(fill_params(param, ops, &good), 0);
	ck_assert_int_eq(ops->check(&spec, "x.conf", 7, &err), 0);
	ck_assert_uint_eq(err.n, 0);
	ck_assert_uint_eq(fill_params(param, ops, &bad), 0);
	ck_assert_int_ne(ops->check(&spec, "x.conf", 7, &err), 0);
	ck_assert_uint_eq(err.n, 1);
	ck_assert_int_eq(err.entry[0].line, 7);
	ck_assert_ptr_nonnull(strstr(err.entry[0].text, "udp_pps is 11"));
	seki_err_fini(&err);
}
END_TEST

START_TEST(mode_names)
{
	ck_assert_str_eq(cm_mode_name(CM_MODE_OFF), "off");
	ck_assert_str_eq(cm_mode_name(CM_MODE_OBSERVE), "observe");
	ck_assert_str_eq(cm_mode_name(CM_MODE_ENFORCE), "enforce");
	ck_assert_str_eq(cm_mode_name(9), "?");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cm");
	SRunner *runner = srunner_create(suite);
	TCase *judge = tcase_create("judgement");
	TCase *table = tcase_create("tables");
	int failed;

	tcase_add_loop_test(judge, row_in_every_mode, 0, (int)N(rows));
	tcase_add_test(judge, budgets_are_apart);
	tcase_add_test(judge, refused_packets_charge_nothing);
	tcase_add_test(judge, observe_spends_as_enforce_would);
	tcase_add_loop_test(judge, table_order_holds, 0, (int)N(orders));
	suite_add_tcase(suite, judge);

	tcase_add_loop_test(table, tables_are_complete, 0, CM_N);
	tcase_add_test(table, class_limit_above_total_is_refused);
	tcase_add_test(table, mode_names);
	suite_add_tcase(suite, table);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
