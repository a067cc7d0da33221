/* SPDX-License-Identifier: BSD-3-Clause */
/* The parser's tables, value by value: all TCP flag sets, all UDP ports. */
#include "frame.h"
#include "pkt.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t frame[FRAME_MAX];

/* Flag sets one by one against the rule said another way; sound ones have a vector of their own. */
START_TEST(every_tcp_flag_set)
{
	static uint8_t scratch[1][PKT_HEADERS_MAX];
	uint32_t n = frame_build("eth ip4 tcp", frame);

	for (unsigned f = 0; f < 256; f++) {
		unsigned heads = ((f & PKT_TCP_FIN) != 0) + ((f & PKT_TCP_SYN) != 0) + ((f & PKT_TCP_RST) != 0);
		bool possible = (f & 0x3f) == PKT_TCP_FIN ||
				(heads <= 1 && (f & (PKT_TCP_SYN | PKT_TCP_RST | PKT_TCP_ACK)) != 0);
		bool syn = possible && (f & (PKT_TCP_SYN | PKT_TCP_ACK)) == PKT_TCP_SYN;
		struct pkt pkt = {.data = frame, .len = n, .linear = (uint16_t)n};

		frame[47] = (uint8_t)f;
		pkt_parse_burst(&pkt, 1, scratch);
		ck_assert_msg((pkt.defect == SEKI_REASON_NONE) == possible, "flags 0x%02x: %s", f,
			seki_reason_name(pkt.defect));
		ck_assert_uint_eq(pkt.tcp_flags, f);
		ck_assert_uint_eq(pkt.vector == SEKI_VECTOR_TCP_OTHER, !possible);
		ck_assert_uint_eq(seki_vector_class[pkt.vector], syn ? SEKI_CLASS_SYN : SEKI_CLASS_TCP);
	}
}
END_TEST

/* All 65536 source ports: the reflectors, each by its row, and nothing else. */
START_TEST(every_udp_source_port)
{
	static uint8_t scratch[1][PKT_HEADERS_MAX];
	static uint8_t want[65536];
	uint32_t n = frame_build("eth ip4 udp", frame);

	memset(want, SEKI_VECTOR_UDP, sizeof(want));
	for (unsigned v = SEKI_VECTOR_REFLECTOR_FIRST; v < SEKI_N_VECTORS; v++)
		want[seki_vector_port(v)] = (uint8_t)v;
	for (unsigned port = 0; port < 65536; port++) {
		struct pkt pkt = {.data = frame, .len = n, .linear = (uint16_t)n};

		frame[34] = (uint8_t)(port >> 8);
		frame[35] = (uint8_t)port;
		pkt_parse_burst(&pkt, 1, scratch);
		ck_assert_uint_eq(pkt.vector, want[port]);
		ck_assert_uint_eq(pkt.sport, port);
	}
}
END_TEST

/* Of the protocols that carry other packets in the clear. */
static bool
is_tunnel(unsigned port)
{
	static const uint16_t tunnels[] = {1701, 2152, 3544, 4341, 4789, 4790, 6080, 6081, 6635, 8472};

	for (size_t i = 0; i < sizeof(tunnels) / sizeof(tunnels[0]); i++)
		if (tunnels[i] == port)
			return true;
	return false;
}

/* All 65536 destination ports: which of them earn something, and only with the TTL that nobody afar can have. */
START_TEST(every_udp_destination_port)
{
	static uint8_t scratch[1][PKT_HEADERS_MAX];

	for (unsigned ttl = 253; ttl <= 255; ttl++) {
		char spec[64];
		uint32_t n;

		snprintf(spec, sizeof(spec), "eth ip4:ttl=%u udp", ttl);
		n = frame_build(spec, frame);
		for (unsigned port = 1; port < 65536; port++) {
			struct pkt pkt = {.data = frame, .len = n, .linear = (uint16_t)n};
			bool hop = port == 3784 || port == 3785 || port == 6784;
			bool routed = port == 520 || port == 521 || port == 646 || port == 4784 || port == 7784;

			frame[36] = (uint8_t)(port >> 8);
			frame[37] = (uint8_t)port;
			pkt_parse_burst(&pkt, 1, scratch);
			ck_assert_uint_eq((pkt.flags & PKT_F_CONTROL) != 0, hop && ttl == 255);
			ck_assert_uint_eq((pkt.flags & PKT_F_ROUTED_CONTROL) != 0, routed || (hop && ttl < 255));
			ck_assert_uint_eq((pkt.flags & PKT_F_TUNNEL) != 0, is_tunnel(port));
		}
	}
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("every");
	Suite *suite = suite_create("pkt_every");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tests, every_tcp_flag_set);
	tcase_add_test(tests, every_udp_source_port);
	tcase_add_test(tests, every_udp_destination_port);
	tcase_set_timeout(tests, 60);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
