/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Filters against libpcap's own interpreter on the packets of every capture beside the source tree. Without the
 * captures there is nothing to test and the test says so.
 */
#include "filter_rig.h"

#include "eal.h"

#include <dirent.h>
#include <stdio.h>

#define EXIT_SKIP 77 /* meson: skipped */

/* Of one capture: floods are the same packet over and over. */
#define PACKETS_MAX 500

static const char *const expressions[] = {
#include "filter_expressions.h"
};

static char root[1024];
static struct pair pairs[N(expressions)];

static void
judge_capture(const char *path)
{
	static uint8_t scratch[PKT_BURST][PKT_HEADERS_MAX];
	char error[PCAP_ERRBUF_SIZE], about[2100];
	pcap_t *pcap = pcap_open_offline(path, error);
	struct pcap_pkthdr *header;
	const u_char *data;

	ck_assert_msg(pcap != NULL, "%s: %s", path, error);
	for (unsigned i = 1; i <= PACKETS_MAX && pcap_next_ex(pcap, &header, &data) == 1; i++) {
		struct pkt pkt = {.data = data, .len = header->len};

		pkt.linear = (uint16_t)(header->caplen < UINT16_MAX ? header->caplen : UINT16_MAX);
		pkt_parse_burst(&pkt, 1, scratch);
		if (pkt.l3 == PKT_L3_NONE)
			continue;
		snprintf(about, sizeof(about), "%s: packet %u", path, i);
		for (unsigned e = 0; e < N(expressions); e++)
			pair_judge(&pairs[e], &pkt, about);
	}
	pcap_close(pcap);
}

START_TEST(as_libpcap_says)
{
	static const char *const sets[] = {"benign", "attack", "malformed"};
	unsigned n_matching = 0;

	for (unsigned e = 0; e < N(expressions); e++)
		pairs[e] = pair_create(expressions[e]);
	for (size_t s = 0; s < N(sets); s++) {
		char path[2048], dir_path[1200];
		struct dirent *entry;
		DIR *dir;

		snprintf(dir_path, sizeof(dir_path), "%s/%s", root, sets[s]);
		dir = opendir(dir_path);
		ck_assert_msg(dir != NULL, "%s: cannot be opened", dir_path);
		while ((entry = readdir(dir)) != NULL) {
			snprintf(path, sizeof(path), "%s/%s", dir_path, entry->d_name);
			if (strstr(entry->d_name, ".pcap") != NULL)
				judge_capture(path);
		}
		closedir(dir);
	}
	for (unsigned e = 0; e < N(expressions); e++) {
		n_matching += pairs[e].n_matched > 0;
		pair_destroy(&pairs[e]);
	}
	printf("%u packets, %u expressions, of which %u match some\n", pairs[0].n, (unsigned)N(expressions),
		n_matching);
	ck_assert_uint_gt(pairs[0].n, 1000);
	ck_assert_uint_gt(n_matching, N(expressions) * 3 / 4);
}
END_TEST

int
main(void)
{
	const char *source = getenv("SEKI_SOURCE_ROOT");
	char manifest[1200];
	TCase *tests = tcase_create("filter_captures");
	FILE *file;

	snprintf(root, sizeof(root), "%s/../shared/pcaps", source == NULL ? "." : source);
	snprintf(manifest, sizeof(manifest), "%s/MANIFEST.tsv", root);
	file = fopen(manifest, "r");
	if (file == NULL) {
		printf("%s: no captures, so nothing to test\n", root);
		return EXIT_SKIP;
	}
	fclose(file);
	test_eal_start(64);
	tcase_set_timeout(tests, 250);
	tcase_add_test(tests, as_libpcap_says);
	return suite_run("filter_captures", tests);
}
