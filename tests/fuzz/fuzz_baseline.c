/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The reader of baselines on any bytes, as they are and under a checksum that is right: what it accepts can be asked,
 * learned on and saved, and saved again it is the same; what it refuses is explained and leaves nothing.
 */
#include "baseline_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Not assert(): release builds leave that out. */
#define MUST(condition) ((condition) ? (void)0 : fail(#condition))

#define NOW (UINT64_C(1790000000) * SEKI_SECOND_NS)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fail(const char *condition)
{
	fprintf(stderr, "broken promise: %s\n", condition);
	abort();
}

/* Vectors that are enough to find faults, and few enough that their memory does not hide them. */
static struct seki_baseline *
create(void)
{
	struct seki_baseline_params params = seki_baseline_defaults;
	struct seki_baseline *b;

	params.max_vectors = 64;
	b = seki_baseline_create(&params, NULL, NULL);
	MUST(b != NULL);
	return b;
}

/* Reads a text. Returns NULL where it is refused. */
static struct seki_baseline *
read_text(const void *text, size_t n)
{
	struct seki_baseline *b = create();
	struct seki_baseline_counts counts;
	struct seki_err err;
	FILE *in = fmemopen((void *)(uintptr_t)text, n, "r");
	int rc;

	MUST(in != NULL);
	seki_err_init(&err);
	rc = baseline_read(b, in, "fuzz", &err);
	fclose(in);
	MUST((rc == 0) == (err.n_total == 0));
	seki_baseline_count(b, &counts);
	MUST(rc == 0 || (counts.zones == 0 && counts.vectors == 0));
	seki_err_fini(&err);
	if (rc == 0)
		return b;
	seki_baseline_destroy(b);
	return NULL;
}

/* The input as the lines of a file, with a first and a last one that fit. Heap. */
static char *
whole(const uint8_t *data, size_t size, size_t *n)
{
	char *text = NULL, line[BASELINE_LINE_MAX + 1];
	uint64_t sum = 0;
	unsigned zones = 0, vectors = 0;
	FILE *in, *out = open_memstream(&text, n);

	fprintf(out, "%s %d\n", BASELINE_MAGIC, BASELINE_VERSION);
	fwrite(data, 1, size, out);
	fflush(out);
	in = fmemopen(text, *n, "r");
	while (fgets(line, sizeof(line), in) != NULL) {
		zones += strncmp(line, "zone ", 5) == 0;
		vectors += strncmp(line, "vector ", 7) == 0;
		sum = baseline_sum(sum, line, strlen(line));
	}
	fclose(in);
	fprintf(out, "end zones %u vectors %u sum %016" PRIx64 "\n", zones, vectors, sum);
	fclose(out);
	return text;
}

/* Asks and teaches what was read. */
static void
use(struct seki_baseline *b)
{
	static struct seki_baseline_floor floor[SEKI_N_VECTORS];
	uint64_t rate[SEKI_N_VECTORS];
	char text[SEKI_SUGGESTION_TEXT_MAX];
	struct seki_baseline_second second = {NOW, 7200, rate, rate, 0};
	struct seki_suggestion s;
	unsigned n = 0;

	for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
		floor[v] = (struct seki_baseline_floor){1000, 1000};
		rate[v] = 100000;
	}
	for (uint16_t id = 1; id < SEKI_ZONES_MAX && b->place[id - 1].zone != NULL; id++, n++)
		MUST(seki_baseline_zone(b, id, b->place[id - 1].zone->name, floor) == 0);
	for (uint16_t id = 1; id <= n; id++) {
		seki_baseline_feed(b, id, &second);
		for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
			MUST(seki_baseline_suggest(b, id, v, NOW, &s));
			MUST(s.pps >= 1000 && s.bps >= 1000);
			MUST(strlen(seki_suggestion_text(&s, text)) < SEKI_SUGGESTION_TEXT_MAX - 1);
		}
	}
}

/* Saves what was read. Heap. */
static char *
saved(struct seki_baseline *b, size_t *n)
{
	char path[64], *text = malloc(1 << 24);
	FILE *in;

	snprintf(path, sizeof(path), "/tmp/seki-fuzz-baseline-%d", (int)getpid());
	MUST(seki_baseline_save(b, path, NULL) == 0);
	in = fopen(path, "r");
	MUST(in != NULL && text != NULL);
	*n = fread(text, 1, 1 << 24, in);
	fclose(in);
	unlink(path);
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seki_baseline *b, *again;
	size_t n, n_saved, n_again;
	char *text, *text_again;

	/* A file that is right by itself is none that the fuzzer finds. */
	if (size > 0)
		seki_baseline_destroy(read_text(data, size));
	text = whole(data, size, &n);
	b = read_text(text, n);
	free(text);
	if (b == NULL)
		return 0;
	text = saved(b, &n_saved);
	again = read_text(text, n_saved);
	MUST(again != NULL);
	text_again = saved(again, &n_again);
	MUST(n_saved == n_again && memcmp(text, text_again, n_saved) == 0);
	use(b);
	free(text);
	free(text_again);
	seki_baseline_destroy(b);
	seki_baseline_destroy(again);
	return 0;
}
