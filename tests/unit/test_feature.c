/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is read of a packet's features, row by row, and how they are said. That payload and cuts change nothing is among
 * the properties of support/pkt_props.h, which hold for all crafted frames, captures and what the fuzzer makes.
 */
#include "feature.h"
#include "feature_set.h"
#include "frame.h"
#include "pkt_props.h"
#include "suite.h"

#include <stdio.h>

/* Kinds of the options that stacks send in a SYN. */
#define LINUX_SYN \
	"020405b40402080a0102030400000000" \
	"01030307"
#define WINDOWS_SYN "020405b40103030801010402"
#define MAC_SYN "020405b4010303060101080a010203040000000004020000"

static const struct row {
	const char *description;
	const char *frame;  /* frame.h */
	const char *expect; /* "name=value; ..."; what is not named is 0, but those of the IP header */
} rows[] = {
	{"UDP", "eth ip4:ttl=57,id=4660,df=1,tos=0xb8 udp:sport=4000,dport=53 data:100",
		"ip=4; proto=17; len=128; ttl=57; id=4660; df=yes; tos=184; src port=4000; dst port=53"},
	{"SYN of Linux", "eth ip4:ttl=64,df=1,id=0 tcp:flags=S,window=64240,ack=0,opthex=" LINUX_SYN,
		"ip=4; proto=6; len=60; ttl=64; df=yes; src port=40000; dst port=443; flags=syn; window=64240; mss=1460; "
		"options len=20; options=mss,sack,ts,nop,ws"},
	{"SYN of Windows", "eth ip4:ttl=128,df=1,id=7 tcp:flags=S,window=8192,ack=0,opthex=" WINDOWS_SYN,
		"ip=4; proto=6; len=52; ttl=128; id=7; df=yes; src port=40000; dst port=443; flags=syn; window=8192; "
		"mss=1460; options len=12; options=mss,nop,ws,nop,nop,sack"},
	{"SYN of macOS", "eth ip4:ttl=64,df=1,id=0 tcp:flags=SEC,window=65535,ack=0,opthex=" MAC_SYN,
		"ip=4; proto=6; len=64; ttl=64; df=yes; src port=40000; dst port=443; flags=syn+ece+cwr; window=65535; "
		"mss=1460; options len=24; options=mss,nop,ws,nop,nop,ts,sack"},
	{"SYN of a tool", "eth ip4:id=1 tcp:flags=S,window=512",
		"ip=4; proto=6; len=40; ttl=64; id=1; src port=40000; dst port=443; flags=syn; ack number=yes; window=512"},
	{"more options than are told", "eth ip4:id=0 tcp:flags=S,ack=0,window=1,opts=12",
		"ip=4; proto=6; len=52; ttl=64; src port=40000; dst port=443; flags=syn; window=1; options len=12; "
		"options=nop,nop,nop,nop,nop,nop,nop,nop"},
	{"options of a high kind", "eth ip4:id=0 tcp:flags=S,ack=0,window=1,opthex=22020e021e040000",
		"ip=4; proto=6; len=48; ttl=64; src port=40000; dst port=443; flags=syn; window=1; options len=8; "
		"options=other,14,other"},
	{"an option that goes beyond the header", "eth ip4:id=0 tcp:flags=S,ack=0,window=1,opthex=01010208",
		"ip=4; proto=6; len=44; ttl=64; src port=40000; dst port=443; flags=syn; window=1; options len=4; "
		"options=nop,nop,mss"},
	{"an option without a length", "eth ip4:id=0 tcp:flags=S,ack=0,window=1,opthex=01010102",
		"ip=4; proto=6; len=44; ttl=64; src port=40000; dst port=443; flags=syn; window=1; options len=4; "
		"options=nop,nop,nop,mss"},
	{"an option of length 0", "eth ip4:id=0 tcp:flags=S,ack=0,window=1,opthex=05000204",
		"ip=4; proto=6; len=44; ttl=64; src port=40000; dst port=443; flags=syn; window=1; options len=4; "
		"options=blocks"},
	{"an MSS of the wrong size", "eth ip4:id=0 tcp:flags=S,ack=0,window=1,opthex=0203050000000000",
		"ip=4; proto=6; len=48; ttl=64; src port=40000; dst port=443; flags=syn; window=1; options len=8; "
		"options=mss"},
	{"options cut off", "eth ip4:id=0 tcp:flags=S,ack=0,window=1,opthex=" LINUX_SYN " cut:58",
		"ip=4; proto=6; ttl=64"},
	{"a data offset of nothing", "eth ip4:id=0 tcp:flags=S,ack=0,window=1,doff=0 data:8",
		"ip=4; proto=6; len=48; ttl=64; src port=40000; dst port=443; flags=syn; window=1"},
	{"TCP over IPv6", "eth ip6:hl=55,tos=2,label=0x12345 tcp:flags=SA,window=9,opthex=020405a0",
		"ip=6; proto=6; len=64; ttl=55; tos=2; flow label=yes; src port=40000; dst port=443; flags=syn+ack; "
		"ack number=yes; window=9; mss=1440; options len=4; options=mss"},
	{"ICMP", "eth ip4:id=0 icmp:type=3,code=3", "ip=4; proto=1; len=28; ttl=64; icmp type=3; icmp code=3"},
	{"ICMPv6", "eth ip6:label=0 icmp6:type=128 data:8", "ip=6; proto=58; len=56; ttl=64; icmp type=128"},
	{"GRE", "eth ip4:id=9 gre data:20", "ip=4; proto=47; len=44; ttl=64; id=9"},
	{"first fragment", "eth ip4:id=9,mf=1 udp:sport=53,dport=7000,len=2000 data:1472",
		"ip=4; proto=17; len=1500; ttl=64; id=9; mf=yes; src port=53; dst port=7000"},
	{"later fragment", "eth ip4:id=9,off=1480,proto=17 data:100",
		"ip=4; proto=17; len=120; ttl=64; id=9; offset=1480"},
	{"IPv6 fragments", "eth ip6 dstopt frag:off=1448,m=1,nh=17 data:64",
		"ip=6; proto=17; len=120; ttl=64; mf=yes; offset=1448"},
	{"an atomic IPv6 fragment", "eth ip6 frag udp data:4",
		"ip=6; proto=17; len=60; ttl=64; src port=40000; dst port=443"},
	{"tagged", "eth tag:vid=7 ip4:id=3,ttl=9 udp",
		"ip=4; proto=17; len=28; ttl=9; id=3; src port=40000; dst port=443"},
	{"not IP", "eth:type=0x88cc data:50", ""},
	{"an IP header cut off", "eth ip4 udp cut:30", ""},
	{"an IP length beyond the frame", "eth ip4:len=500,id=5 udp data:4", "ip=4; proto=17; ttl=64; id=5"},
};

static uint8_t frame[FRAME_MAX];

/* All that is not 0, as the rows have it. */
static void
describe(const struct seki_features *features, char *out, size_t size)
{
	char text[SEKI_FEATURE_TEXT];
	size_t n = 0;

	out[0] = '\0';
	for (unsigned f = 0; f < SEKI_N_FEATURES; f++) {
		uint32_t value = seki_feature_value(features, f);

		if (value != 0)
			n += (size_t)snprintf(out + n, size - n, "%s%s=%s", n == 0 ? "" : "; ", seki_feature_name(f),
				seki_feature_format(f, value, text));
	}
}

/* The words of both in any order: the same ones. */
static bool
same_words(const char *a, const char *b)
{
	char copy[1024], *save, *word;

	if (strlen(a) != strlen(b))
		return false;
	snprintf(copy, sizeof(copy), "%s", a);
	for (word = strtok_r(copy, ";", &save); word != NULL; word = strtok_r(NULL, ";", &save))
		if (strstr(b, word + (word[0] == ' ')) == NULL)
			return false;
	return true;
}

static struct seki_features
read_frame(uint32_t n)
{
	static uint8_t scratch[1][PKT_HEADERS_MAX];
	struct pkt pkt = {.data = frame, .len = n, .linear = (uint16_t)n};
	struct seki_features features;

	memset(&features, 0xa5, sizeof(features));
	pkt_parse_burst(&pkt, 1, scratch);
	seki_features_read(&pkt, &features);
	ck_assert_uint_eq(features.vector, pkt.vector);
	return features;
}

START_TEST(rows_read_as_expected)
{
	const struct row *row = &rows[_i];
	uint32_t n = frame_build(row->frame, frame);
	struct seki_features features = read_frame(n);
	char got[1024];
	struct pkt pkt;
	const char *wrong;

	describe(&features, got, sizeof(got));
	ck_assert_msg(same_words(row->expect, got), "%s: %s", row->description, got);
	wrong = pkt_props_check(frame, n, 0, &pkt);
	ck_assert_msg(wrong == NULL, "%s: %s", row->description, wrong);
}
END_TEST

/* Every field stands at its own place: one feature set to all ones shows in that one alone. */
START_TEST(each_feature_is_its_own)
{
	for (unsigned f = 0; f < SEKI_N_FEATURES; f++) {
		struct seki_features features = {0};

		feature_set(&features, f, UINT32_MAX);
		for (unsigned other = 0; other < SEKI_N_FEATURES; other++)
			ck_assert_uint_eq(
				seki_feature_value(&features, other), other == f ? seki_feature_places[other].mask : 0);
	}
}
END_TEST

/* The longest there is of each fits, and nothing is said twice. */
START_TEST(texts)
{
	char text[SEKI_FEATURE_TEXT];

	ck_assert_str_eq(seki_feature_format(SEKI_FEATURE_TCP_FLAGS, 255, text), "fin+syn+rst+psh+ack+urg+ece+cwr");
	ck_assert_str_eq(seki_feature_format(SEKI_FEATURE_TCP_FLAGS, 0, text), "none");
	ck_assert_str_eq(seki_feature_format(SEKI_FEATURE_TCP_OPTIONS, 0x55555555, text),
		"blocks,blocks,blocks,blocks,blocks,blocks,blocks,blocks");
	ck_assert_str_eq(seki_feature_format(SEKI_FEATURE_TCP_OPTIONS, 0, text), "none");
	ck_assert_str_eq(seki_feature_format(SEKI_FEATURE_DPORT, 65535, text), "65535");
	ck_assert_str_eq(seki_feature_format(SEKI_FEATURE_DF, 0, text), "no");
	ck_assert_str_eq(seki_feature_name(SEKI_FEATURE_DPORT), "dst port");
	ck_assert_str_eq(seki_feature_name(SEKI_N_FEATURES), "?");
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("feature");

	tcase_add_loop_test(tests, rows_read_as_expected, 0, N(rows));
	tcase_add_test(tests, each_feature_is_its_own);
	tcase_add_test(tests, texts);
	return suite_run("feature", tests);
}
