/* SPDX-License-Identifier: BSD-3-Clause */
#include "baseline_state.h"

#include "units.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Words of a line: an hour has two, the first limits and eight weeks; no other line has more. */
#define WORDS_MAX (3 + SEKI_BASELINE_WEEKS)

struct reader {
	struct seki_baseline *b;
	const char *name;
	struct seki_err *err;
	int line;
	uint64_t sum; /* of the lines before this one */
	unsigned zones, vectors;
	struct baseline_zone *zone;     /* that lines are of; NULL: none yet */
	struct baseline_vector *vector; /* likewise */
	int next_hour;                  /* of the vector: hours come in order */
	bool ended;
};

/* Why a line is refused; `what` is a part of a sentence. */
static int
refuse(struct reader *r, const char *what, const char *word)
{
	seki_err_add(r->err, r->name, r->line, "what was learned cannot be read: \"%.40s\" %s", word, what);
	return -EINVAL;
}

/* A whole number, as units.h reads it: "12", "1.18k". */
static bool
read_count(const char *word, uint64_t most, uint64_t *out)
{
	return isdigit((unsigned char)*word) && seki_unit_parse(SEKI_UNIT_NONE, word, out) == 0 && *out <= most;
}

/* A rate of the scale, to its code. */
static bool
read_code(const char *word, uint16_t *code)
{
	uint64_t value;

	if (!read_count(word, (UINT64_C(1) << SCALE_BITS) - 1, &value))
		return false;
	*code = scale_code(value);
	return true;
}

/* Cuts a word at its slashes. Returns whether it has `n` parts. */
static bool
split(char *word, char *part[], unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		part[i] = strsep(&word, "/");
	return part[n - 1] != NULL && word == NULL;
}

/* "5/600": a pair of counts. */
static bool
read_pair(char *word, uint64_t pair[BASELINE_UNITS])
{
	const uint64_t most = (UINT64_C(1) << SCALE_BITS) - 1;
	char *part[BASELINE_UNITS];

	return split(word, part, BASELINE_UNITS) && read_count(part[0], most, &pair[0]) &&
	       read_count(part[1], most, &pair[1]);
}

/* "never", or a time. */
static bool
read_hour(const char *word, uint32_t *hour)
{
	uint64_t wall_ns = 0;

	if (strcmp(word, "never") != 0 && seki_time_parse(word, &wall_ns) != NULL)
		return false;
	*hour = (uint32_t)(wall_ns / BASELINE_HOUR_NS);
	return true;
}

/* zone NAME last TIME hours DIGITS */
static int
read_zone(struct reader *r, char *word[], unsigned n)
{
	uint32_t before = r->b->n_zones;
	int place;

	if (n != 6 || strcmp(word[2], "last") != 0 || strcmp(word[4], "hours") != 0)
		return refuse(r, "does not begin a line as those of zones are", word[0]);
	place = r->zones < SEKI_ZONES_MAX - 1 ? baseline_place(r->b, word[1]) : -1;
	if (place < 0)
		return refuse(r, "is no name of a zone, or one too many", word[1]);
	if (r->b->n_zones == before)
		return refuse(r, "is there twice", word[1]);
	r->zone = r->b->place[place].zone;
	r->vector = NULL;
	r->zones++;
	if (!read_hour(word[3], &r->zone->last_hour))
		return refuse(r, "is no time", word[3]);
	if (strlen(word[5]) != SEKI_BASELINE_HOURS || strspn(word[5], "012345678") != SEKI_BASELINE_HOURS)
		return refuse(r, "is not 168 digits from 0 to 8", word[5]);
	for (unsigned h = 0; h < SEKI_BASELINE_HOURS; h++)
		r->zone->learned[h] = (uint8_t)(word[5][h] - '0');
	return 0;
}

static unsigned
find_vector(const char *name)
{
	unsigned v = 0;

	while (v < SEKI_N_VECTORS && strcmp(seki_vector_name(v), name) != 0)
		v++;
	return v;
}

/* vector NAME idle HOURS accepted PPS/BPS held TIME PPS/BPS */
static int
read_vector(struct reader *r, char *word[], unsigned n)
{
	struct baseline_kept *kept;
	uint64_t idle;
	unsigned v;
	int rc;

	if (r->zone == NULL || n != 9 || strcmp(word[2], "idle") != 0 || strcmp(word[4], "accepted") != 0 ||
		strcmp(word[6], "held") != 0)
		return refuse(r, "does not begin a line as those of vectors are", word[0]);
	v = find_vector(word[1]);
	if (v == SEKI_N_VECTORS)
		return refuse(r, "is no vector", word[1]);
	if (r->zone->vector[v] != NULL)
		return refuse(r, "is there twice", word[1]);
	r->vector = baseline_vector(r->b, r->zone, v, &rc);
	if (r->vector == NULL) {
		refuse(r, rc == -ENOSPC ? "is beyond the vectors that are to be learned" : "finds no memory", word[1]);
		return rc;
	}
	r->next_hour = 0;
	r->vectors++;
	kept = &r->vector->kept;
	memset(kept, 0, sizeof(*kept));
	if (!read_count(word[3], BASELINE_IDLE_HOURS, &idle))
		return refuse(r, "is no number of hours", word[3]);
	kept->idle_hours = (uint32_t)idle;
	if (!read_hour(word[7], &kept->held_hour))
		return refuse(r, "is no time", word[7]);
	if (!read_pair(word[5], kept->accepted) || !read_pair(word[8], kept->held))
		return refuse(r, "has rates that cannot be read", word[1]);
	return 0;
}

/* The hour of the week that "mon" and "09" say, or -1. */
static int
hour_of(const char *day, const char *hour)
{
	for (int d = 0; d < 7; d++)
		if (strlen(day) == 3 && strncmp(seki_weekday_name((enum seki_weekday)d), day, 3) == 0 &&
			strlen(hour) == 2 && isdigit((unsigned char)hour[0]) && isdigit((unsigned char)hour[1]) &&
			atoi(hour) < 24)
			return d * 24 + atoi(hour);
	return -1;
}

/* mon 09 FIRST_PPS/FIRST_BPS USUAL_PPS/PEAK_PPS/USUAL_BPS/PEAK_BPS ... */
static int
read_hour_line(struct reader *r, char *word[], unsigned n)
{
	int hour = n < 2 ? -1 : hour_of(word[0], word[1]);
	struct baseline_kept *kept;
	char *part[BASELINE_NUMBERS];

	if (hour < 0)
		return refuse(r, "begins no line of such a file", word[0]);
	if (r->vector == NULL || n < 4 || hour < r->next_hour)
		return refuse(r, "is the hour of no vector, or out of order, or without rates", word[1]);
	r->next_hour = hour + 1;
	kept = &r->vector->kept;
	if (!split(word[2], part, BASELINE_UNITS))
		return refuse(r, "is no pair of limits", word[2]);
	for (unsigned u = 0; u < BASELINE_UNITS; u++)
		if (strcmp(part[u], "-") != 0 && !read_code(part[u], &kept->first[hour][u]))
			return refuse(r, "is no limit", part[u]);
	for (unsigned w = 0; w < n - 3; w++) {
		if (!split(word[3 + w], part, BASELINE_NUMBERS))
			return refuse(r, "is not four rates", word[3 + w]);
		for (unsigned k = 0; k < BASELINE_NUMBERS; k++)
			if (!read_code(part[k], &kept->hour[hour][w].code[k]))
				return refuse(r, "is no rate", part[k]);
	}
	return 0;
}

/* The last line, word by word, as the lines before it ask for it. */
static int
read_end(struct reader *r, char *word[], unsigned n)
{
	char zones[16], vectors[16], sum[17];
	const char *const expected[] = {"end", "zones", zones, "vectors", vectors, "sum", sum};
	const unsigned n_expected = sizeof(expected) / sizeof(expected[0]);
	unsigned i = 0;

	snprintf(zones, sizeof(zones), "%u", r->zones);
	snprintf(vectors, sizeof(vectors), "%u", r->vectors);
	snprintf(sum, sizeof(sum), "%016" PRIx64, r->sum);
	while (n == n_expected && i < n && strcmp(word[i], expected[i]) == 0)
		i++;
	r->ended = i == n_expected;
	if (r->ended)
		return 0;
	seki_err_add(r->err, r->name, r->line,
		"what was learned is damaged: the counts and the checksum at its end are not those of what is before");
	return -EBADMSG;
}

static int
read_header(struct reader *r, char *word[], unsigned n)
{
	uint64_t version;

	if (n != 2 || strcmp(word[0], BASELINE_MAGIC) != 0 || !read_count(word[1], UINT32_MAX, &version)) {
		seki_err_add(r->err, r->name, r->line,
			"this is no file of baselines: those begin with \"" BASELINE_MAGIC " %d\"", BASELINE_VERSION);
		return -EINVAL;
	}
	if (version == BASELINE_VERSION)
		return 0;
	seki_err_add(r->err, r->name, r->line,
		"what was learned is of format %" PRIu64 ", and this version of Seki reads format %d", version,
		BASELINE_VERSION);
	return -EPROTONOSUPPORT;
}

static int
read_words(struct reader *r, char *line)
{
	char *word[WORDS_MAX + 1];
	unsigned n = 0;

	for (char *next = line; next != NULL && n <= WORDS_MAX;)
		word[n++] = strsep(&next, " ");
	if (n > WORDS_MAX)
		return refuse(r, "is one word too many", word[WORDS_MAX]);
	if (r->line == 1)
		return read_header(r, word, n);
	if (r->ended)
		return refuse(r, "comes after the end", word[0]);
	if (strcmp(word[0], "zone") == 0)
		return read_zone(r, word, n);
	if (strcmp(word[0], "vector") == 0)
		return read_vector(r, word, n);
	if (strcmp(word[0], "end") == 0)
		return read_end(r, word, n);
	return read_hour_line(r, word, n);
}

static int
read_lines(struct reader *r, FILE *in)
{
	char line[BASELINE_LINE_MAX + 1];

	while (fgets(line, sizeof(line), in) != NULL) {
		size_t n = strlen(line);
		uint64_t sum = baseline_sum(r->sum, line, n);
		int rc;

		r->line++;
		/* As where the file is cut off, or has a zero in it. */
		if (n == 0 || line[n - 1] != '\n')
			return refuse(r, "is no whole line", line);
		line[n - 1] = '\0';
		rc = read_words(r, line);
		if (rc != 0)
			return rc;
		r->sum = sum;
	}
	if (ferror(in)) {
		seki_err_add(r->err, r->name, 0, "what was learned cannot be read: %s", strerror(EIO));
		return -EIO;
	}
	if (r->ended)
		return 0;
	seki_err_add(r->err, r->name, r->line,
		r->line == 0 ? "the file of what was learned is empty"
			     : "what was learned is cut off: its last line is missing");
	return -EBADMSG;
}

int
baseline_read(struct seki_baseline *b, FILE *in, const char *name, struct seki_err *err)
{
	struct reader r = {.b = b, .name = name, .err = err};
	int rc = read_lines(&r, in);

	if (rc != 0)
		baseline_clear(b);
	return rc;
}

int
seki_baseline_load(struct seki_baseline *b, const char *path, struct seki_err *err)
{
	FILE *in = fopen(path, "re");
	int rc;

	if (in == NULL && errno == ENOENT)
		return -ENOENT;
	if (in == NULL) {
		rc = -errno;
		seki_err_add(err, path, 0, "what was learned cannot be read: %s", strerror(-rc));
		return rc;
	}
	rc = baseline_read(b, in, path, err);
	fclose(in);
	return rc;
}
