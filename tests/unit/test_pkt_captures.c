/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The parser on every packet of every capture beside the source tree: the properties of pkt_props.h, and what must
 * come out of each set. Without the captures there is nothing to test and the test says so.
 */
#include "pkt_props.h"

#include <check.h>
#include <dirent.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_SKIP 77 /* meson: skipped */

/* Packets of the benign set that are malformed all the same. LAND is left out: it depends on addresses only. */
static const struct expected {
	const char *file;
	enum seki_reason defect;
	unsigned n;
	const char *why;
} expected[] = {
	{"zeek__fragments-v4__fragmented_1.pcap", SEKI_REASON_FRAG_LENGTH, 1,
		"crafted: a first fragment of 18 bytes, which RFC 791 forbids"},
	{"zeek__ipv6-exthdr__ipv6_mobility_dst_opts.pcap", SEKI_REASON_IP6_CHAIN, 1,
		"crafted: destination options of 40 bytes in a payload of 36"},
	{"zeek__ipv6-exthdr__ipv6_hbh_routing0.pcap", SEKI_REASON_SOURCE_ROUTE, 1,
		"crafted: a routing header of type 0 with two segments left, which RFC 5095 forbids"},
};

static char root[1024];
static unsigned long n_packets, n_files;

static unsigned
expected_defects(const char *file, unsigned defect)
{
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		if (strcmp(file, expected[i].file) == 0 && expected[i].defect == defect)
			return expected[i].n;
	return 0;
}

/* Tests one capture; defects[] counts what it holds. */
static void
check_capture(const char *path, unsigned defects[SEKI_N_REASONS])
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(path, error);
	struct pcap_pkthdr *header;
	const u_char *data;

	ck_assert_msg(pcap != NULL, "%s: %s", path, error);
	ck_assert_msg(pcap_datalink(pcap) == DLT_EN10MB, "%s: not Ethernet", path);
	for (unsigned i = 1; pcap_next_ex(pcap, &header, &data) == 1; i++) {
		struct pkt pkt;
		const char *wrong = pkt_props_check(data, header->caplen, i % 2 ? PKT_F_CSUM_OK : 0, &pkt);

		ck_assert_msg(wrong == NULL, "%s: packet %u: %s", path, i, wrong);
		/* Odd packets have been excused from their checksum above; count all of them by the headers. */
		wrong = pkt_props_check(data, header->caplen, 0, &pkt);
		ck_assert_msg(wrong == NULL, "%s: packet %u: %s", path, i, wrong);
		defects[pkt.defect]++;
		n_packets++;
	}
	n_files++;
	pcap_close(pcap);
}

static void
check_set(const char *set, void (*judge)(const char *file, const unsigned defects[SEKI_N_REASONS]))
{
	char dir_path[1200], path[2048];
	struct dirent *entry;
	DIR *dir;

	snprintf(dir_path, sizeof(dir_path), "%s/%s", root, set);
	dir = opendir(dir_path);
	ck_assert_msg(dir != NULL, "%s: cannot be opened", dir_path);
	while ((entry = readdir(dir)) != NULL) {
		unsigned defects[SEKI_N_REASONS] = {0};

		if (strstr(entry->d_name, ".pcap") == NULL)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir_path, entry->d_name);
		check_capture(path, defects);
		judge(entry->d_name, defects);
	}
	closedir(dir);
}

static void
judge_benign(const char *file, const unsigned defects[SEKI_N_REASONS])
{
	for (unsigned r = 1; r < SEKI_N_REASONS; r++)
		ck_assert_msg(r == SEKI_REASON_LAND || defects[r] == expected_defects(file, r),
			"%s: %u packets with %s", file, defects[r], seki_reason_name(r));
}

static void
judge_nothing(const char *file, const unsigned defects[SEKI_N_REASONS])
{
	(void)file;
	(void)defects;
}

/* A few captures of attacks whose packets are known to be impossible, and one of every flag set there is. */
static void
judge_attack(const char *file, const unsigned defects[SEKI_N_REASONS])
{
	if (strcmp(file, "doup__udp_flood_port0_empty.pcap") == 0)
		ck_assert_uint_eq(defects[SEKI_REASON_PORT_ZERO], 10000);
	if (strcmp(file, "markofu__scan_nmap_null.pcap") == 0)
		ck_assert_uint_eq(defects[SEKI_REASON_TCP_FLAGS], 1000);
	if (strcmp(file, "stopddos__udp_snmp_reflection.pcap") == 0)
		ck_assert_uint_eq(defects[SEKI_REASON_NONE], 4373);
}

START_TEST(benign_captures)
{
	check_set("benign", judge_benign);
}
END_TEST

START_TEST(attack_captures)
{
	check_set("attack", judge_attack);
}
END_TEST

START_TEST(malformed_captures)
{
	check_set("malformed", judge_nothing);
}
END_TEST

int
main(void)
{
	const char *source = getenv("SEKI_SOURCE_ROOT");
	TCase *cases = tcase_create("captures");
	Suite *suite = suite_create("pkt_captures");
	SRunner *runner = srunner_create(suite);
	DIR *dir;
	int failed;

	snprintf(root, sizeof(root), "%s/../shared/pcaps", source == NULL ? "." : source);
	dir = opendir(root);
	if (dir == NULL) {
		printf("skipped: no captures in %s\n", root);
		srunner_free(runner);
		return EXIT_SKIP;
	}
	closedir(dir);
	tcase_add_test(cases, benign_captures);
	tcase_add_test(cases, attack_captures);
	tcase_add_test(cases, malformed_captures);
	tcase_set_timeout(cases, 280);
	suite_add_tcase(suite, cases);
	/* One process, so that the sanitizers' reports end the test and the counts below survive. */
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	printf("%lu packets in %lu captures\n", n_packets, n_files);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
