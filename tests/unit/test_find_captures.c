/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Signatures of real attacks, against real clean traffic: every attack of the captures beside the source tree, each of
 * its vectors with samples enough, against what all benign captures have of that vector. One half of both is for
 * finding, the other for judging. Prints what was found. Without the captures there is nothing to test and the test
 * says so.
 */
#include "find.h"
#include "suite.h"

#include <dirent.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>

#define EXIT_SKIP 77 /* meson: skipped */
#define ATTACK_SAMPLES 512
#define CLEAN_SAMPLES 1024

/* Features of the packets of one vector. */
struct pile {
	struct seki_features *at;
	unsigned n, room;
};

static char root[1024];
static struct pile benign[SEKI_N_VECTORS];
static unsigned n_found, n_nothing, n_few;

static void
put(struct pile *pile, const struct seki_features *features)
{
	if (pile->n == pile->room) {
		pile->room = pile->room == 0 ? 1024 : 2 * pile->room;
		pile->at = realloc(pile->at, pile->room * sizeof(*pile->at));
		ck_assert_ptr_nonnull(pile->at);
	}
	pile->at[pile->n++] = *features;
}

/* Adds the packets of a capture that the filter holds, each to the pile of its vector. */
static void
read_capture(const char *set, const char *file, const char *filter, struct pile piles[SEKI_N_VECTORS])
{
	static uint8_t scratch[1][PKT_HEADERS_MAX];
	char path[2048], error[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	struct bpf_program program;
	const u_char *data;
	pcap_t *pcap;

	snprintf(path, sizeof(path), "%s/%s/%s", root, set, file);
	pcap = pcap_open_offline(path, error);
	ck_assert_msg(pcap != NULL, "%s: %s", path, error);
	ck_assert_msg(pcap_compile(pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN) == 0, "%s: %s", filter,
		pcap_geterr(pcap));
	while (pcap_next_ex(pcap, &header, &data) == 1) {
		struct pkt pkt = {.data = data, .len = header->len, .linear = (uint16_t)header->caplen};
		struct seki_features features;

		if (header->caplen > UINT16_MAX || pcap_offline_filter(&program, header, data) == 0)
			continue;
		pkt_parse_burst(&pkt, 1, scratch);
		seki_features_read(&pkt, &features);
		put(&piles[features.vector], &features);
	}
	pcap_freecode(&program);
	pcap_close(pcap);
}

static void
read_benign(void)
{
	char path[1200];
	struct dirent **entry;
	int n;

	snprintf(path, sizeof(path), "%s/benign", root);
	n = scandir(path, &entry, NULL, alphasort);
	ck_assert_msg(n > 0, "%s: cannot be read", path);
	for (int i = 0; i < n; i++) {
		if (strstr(entry[i]->d_name, ".pcap") != NULL)
			read_capture("benign", entry[i]->d_name, "", benign);
		free(entry[i]);
	}
	free(entry);
}

/* Every other one from `first` on, no more than `max`, from all over the pile. */
static struct seki_samples
spread(const struct pile *pile, unsigned first, unsigned max, struct seki_features *to)
{
	unsigned half = (pile->n + 1 - first) / 2, n = half < max ? half : max;

	for (unsigned i = 0; i < n; i++)
		to[i] = pile->at[first + 2 * (unsigned)((uint64_t)i * half / n)];
	return (struct seki_samples){to, n};
}

/* Share of the pile's other half that the signatures hold. */
static double
holds(const struct seki_found *found, const struct pile *pile)
{
	unsigned hits = 0, n = 0;

	for (unsigned i = 1; i < pile->n; i += 2, n++) {
		bool any = false;

		for (unsigned k = 0; k < found->n; k++)
			any |= seki_signature_match(&found->part[k].signature, &pile->at[i]);
		hits += any;
	}
	return n == 0 ? 0 : (double)hits / n;
}

static void
judge(const char *file, const struct pile *attack, const struct pile *clean, const struct seki_found *found)
{
	double of_attack = holds(found, attack), of_clean = holds(found, clean);
	char text[SEKI_SIGNATURE_TEXT];

	for (unsigned i = 0; i < found->n; i++)
		printf("%s: %s [%.3f]\n", file, seki_signature_text(&found->part[i].signature, text),
			found->part[i].coverage);
	printf("    of the other half: attack %.3f, clean %.5f of %u; said: %.3f, %.5f\n", of_attack, of_clean,
		clean->n / 2, found->coverage, found->clean_upper);
	ck_assert_msg(of_attack > found->coverage - 0.06, "%s: %f", file, of_attack);
	ck_assert_msg(of_clean <= 2 * found->clean_upper, "%s: %f", file, of_clean);
}

/* One attack's packets of one vector, with a tenth of clean ones among them where there are some. */
static void
check_vector(const char *file, unsigned vector, struct pile *attack, struct seki_find_scratch *scratch)
{
	static struct seki_features a[ATTACK_SAMPLES], c[CLEAN_SAMPLES];
	struct seki_samples attacks = spread(attack, 0, ATTACK_SAMPLES, a);
	struct seki_samples cleans = spread(&benign[vector], 0, CLEAN_SAMPLES, c);
	struct seki_find_params params = SEKI_FIND_DEFAULTS;
	struct seki_found found;
	int rc;

	for (unsigned i = 5; i < attacks.n && benign[vector].n > 1; i += 10)
		a[i] = benign[vector].at[(1 + 2 * i) % benign[vector].n];
	params.attack_share = benign[vector].n > 1 ? 0.9 : 0.999;
	rc = seki_signature_find(&attacks, &cleans, &params, scratch, &found);
	ck_assert_int_eq(rc == -ENODATA, attacks.n < SEKI_FIND_ATTACK_MIN);
	ck_assert(rc == 0 || rc == -ENODATA || rc == -ENOENT);
	n_found += rc == 0;
	n_nothing += rc == -ENOENT;
	n_few += rc == -ENODATA;
	if (rc == 0)
		judge(file, attack, &benign[vector], &found);
	else if (rc == -ENOENT)
		printf("%s: %s: nothing in %u against %u\n", file, seki_vector_name(vector), attacks.n, cleans.n);
}

static void
check_attack(const char *file, const char *filter, struct seki_find_scratch *scratch)
{
	struct pile piles[SEKI_N_VECTORS] = {{0}};

	read_capture("attack", file, filter, piles);
	for (unsigned v = SEKI_VECTOR_NONE + 1; v < SEKI_N_VECTORS; v++)
		if (piles[v].n > 0)
			check_vector(file, v, &piles[v], scratch);
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
		free(piles[v].at);
}

/* The n-th field, from 0, of a line of the manifest. */
static char *
field(char *line, unsigned n)
{
	for (; n > 0; n--)
		line = strchr(line, '\t') + 1;
	return strndup(line, strcspn(line, "\t\n"));
}

START_TEST(signatures_of_captures)
{
	struct seki_find_scratch *scratch = malloc(seki_find_scratch_bytes());
	char path[1200], line[8192];
	FILE *manifest;

	read_benign();
	snprintf(path, sizeof(path), "%s/MANIFEST.tsv", root);
	manifest = fopen(path, "r");
	ck_assert_msg(manifest != NULL, "%s: cannot be opened", path);
	while (fgets(line, sizeof(line), manifest) != NULL) {
		char *kind = field(line, 1), *file = field(line, 2), *filter = field(line, 9);

		if (strcmp(kind, "attack") == 0)
			check_attack(file, filter, scratch);
		free(kind);
		free(file);
		free(filter);
	}
	fclose(manifest);
	free(scratch);
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
		free(benign[v].at);
	printf("found %u, nothing %u, too few packets %u\n", n_found, n_nothing, n_few);
	ck_assert_uint_gt(n_found, n_nothing);
}
END_TEST

int
main(void)
{
	const char *source = getenv("SEKI_SOURCE_ROOT");
	TCase *tests = tcase_create("find_captures");
	DIR *dir;

	snprintf(root, sizeof(root), "%s/../shared/pcaps", source == NULL ? "." : source);
	dir = opendir(root);
	if (dir == NULL) {
		printf("skipped: no captures in %s\n", root);
		return EXIT_SKIP;
	}
	closedir(dir);
	tcase_add_test(tests, signatures_of_captures);
	tcase_set_timeout(tests, 120);
	return suite_run("find_captures", tests);
}
