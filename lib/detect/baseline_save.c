/* SPDX-License-Identifier: BSD-3-Clause */
#include "baseline_state.h"

#include "hash.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A zone as it is copied out of the way of those who learn. */
struct copy {
	char name[SEKI_BASELINE_NAME_MAX];
	uint8_t learned[SEKI_BASELINE_HOURS];
	uint32_t last_hour;
	unsigned n;
	uint8_t vector[SEKI_N_VECTORS]; /* of kept[i] */
	struct baseline_kept kept[SEKI_N_VECTORS];
};

struct writer {
	FILE *out;
	uint64_t sum;
	unsigned zones, vectors;
	char text[SCALE_N][SCALE_TEXT_MAX]; /* of each code */
	char line[BASELINE_LINE_MAX];
	size_t n; /* of it that are filled */
	struct copy copy;
};

uint64_t
baseline_sum(uint64_t sum, const char *line, size_t n)
{
	/* A secret that is none: any would do against damage. */
	const struct seki_key key = {{sum, UINT64_C(0x73656b692d62736c)}};

	return seki_siphash(&key, line, n);
}

static void
put_text(struct writer *w, const char *text)
{
	size_t n = strlen(text);

	memcpy(w->line + w->n, text, n);
	w->n += n;
}

static void
put_line(struct writer *w)
{
	w->line[w->n++] = '\n';
	w->sum = baseline_sum(w->sum, w->line, w->n);
	fwrite(w->line, 1, w->n, w->out); /* whether it worked is asked once, at the end */
	w->n = 0;
}

static void __attribute__((format(printf, 2, 3))) print_line(struct writer *w, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	w->n = (size_t)vsnprintf(w->line, BASELINE_LINE_MAX - 1, fmt, args);
	va_end(args);
	put_line(w);
}

static const char *
hour_text(uint32_t hour, char buf[SEKI_TIME_STRLEN])
{
	return hour == 0 ? "never" : seki_time_format(hour * BASELINE_HOUR_NS, buf);
}

/* "mon 09 2.36k/9.43M 1.18k/1.47k/9.43M/11.5M ...": the first limit, then each week, newest first. */
static void
put_hour(struct writer *w, const struct baseline_kept *kept, unsigned hour)
{
	const struct baseline_hour *week = kept->hour[hour];
	const uint16_t *first = kept->first[hour];
	char head[8];

	if (week[0].code[0] == SCALE_NONE)
		return;
	snprintf(head, sizeof(head), "%.3s %02u ", seki_weekday_name(hour / 24), hour % 24);
	put_text(w, head);
	put_text(w, first[0] == SCALE_NONE ? "-" : w->text[first[0]]);
	put_text(w, "/");
	put_text(w, first[1] == SCALE_NONE ? "-" : w->text[first[1]]);
	for (unsigned i = 0; i < SEKI_BASELINE_WEEKS && week[i].code[0] != SCALE_NONE; i++)
		for (unsigned k = 0; k < BASELINE_NUMBERS; k++) {
			put_text(w, k == 0 ? " " : "/");
			put_text(w, w->text[week[i].code[k]]);
		}
	put_line(w);
}

static void
put_vector(struct writer *w, unsigned vector, const struct baseline_kept *kept)
{
	char held[SEKI_TIME_STRLEN];

	print_line(w, "vector %s idle %" PRIu32 " accepted %" PRIu64 "/%" PRIu64 " held %s %" PRIu64 "/%" PRIu64,
		seki_vector_name(vector), kept->idle_hours, kept->accepted[0], kept->accepted[1],
		hour_text(kept->held_hour, held), kept->held[0], kept->held[1]);
	for (unsigned h = 0; h < SEKI_BASELINE_HOURS; h++)
		put_hour(w, kept, h);
	w->vectors++;
}

static void
put_zone(struct writer *w)
{
	const struct copy *copy = &w->copy;
	char last[SEKI_TIME_STRLEN], learned[SEKI_BASELINE_HOURS + 1] = "";

	for (unsigned h = 0; h < SEKI_BASELINE_HOURS; h++)
		learned[h] = (char)('0' + copy->learned[h]);
	print_line(w, "zone %s last %s hours %s", copy->name, hour_text(copy->last_hour, last), learned);
	for (unsigned i = 0; i < copy->n; i++)
		put_vector(w, copy->vector[i], &copy->kept[i]);
	w->zones++;
}

/* Takes a copy of the zone at a place. False: there is none. */
static bool
copy_zone(struct baseline_place *place, struct copy *copy)
{
	const struct baseline_zone *zone;

	pthread_mutex_lock(&place->lock);
	zone = place->zone;
	copy->n = 0;
	if (zone != NULL) {
		memcpy(copy->name, zone->name, sizeof(copy->name));
		memcpy(copy->learned, zone->learned, sizeof(copy->learned));
		copy->last_hour = zone->last_hour;
		for (unsigned i = 0; i < SEKI_N_VECTORS; i++) {
			if (zone->vector[i] == NULL)
				continue;
			copy->vector[copy->n] = (uint8_t)i;
			copy->kept[copy->n++] = zone->vector[i]->kept;
		}
	}
	pthread_mutex_unlock(&place->lock);
	return zone != NULL;
}

static void
put_all(struct writer *w, struct seki_baseline *b)
{
	for (unsigned code = 1; code < SCALE_N; code++)
		scale_text((uint16_t)code, w->text[code]);
	print_line(w, "%s %d", BASELINE_MAGIC, BASELINE_VERSION);
	for (unsigned i = 0; i < SEKI_ZONES_MAX && copy_zone(&b->place[i], &w->copy); i++)
		put_zone(w);
	print_line(w, "end zones %u vectors %u sum %016" PRIx64, w->zones, w->vectors, w->sum);
}

/* Writes all into `fd`, and closes it in any case. Returns 0 or -errno. */
static int
write_all(struct seki_baseline *b, int fd)
{
	struct writer *w = calloc(1, sizeof(*w));
	FILE *out = fdopen(fd, "w");
	int rc;

	if (w == NULL || out == NULL) {
		free(w);
		if (out != NULL)
			fclose(out);
		else
			close(fd);
		return -ENOMEM;
	}
	w->out = out;
	errno = 0;
	put_all(w, b);
	rc = fflush(out) != 0 || ferror(out) || fsync(fd) != 0 ? -(errno != 0 ? errno : EIO) : 0;
	if (fclose(out) != 0 && rc == 0)
		rc = -errno;
	free(w);
	return rc;
}

/* So that the name, too, is there after a crash. */
static int
sync_directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name = slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
	int fd = name == NULL ? -1 : open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 || fsync(fd) != 0 ? -errno : 0;

	free(name);
	if (fd >= 0)
		close(fd);
	return rc;
}

int
seki_baseline_save(struct seki_baseline *b, const char *path, struct seki_err *err)
{
	char *new = NULL;
	int fd, rc;

	if (asprintf(&new, "%s.new", path) < 0) {
		seki_err_add(err, path, 0, "no memory to write what was learned");
		return -ENOMEM;
	}
	fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	rc = fd < 0 ? -errno : write_all(b, fd);
	if (rc == 0 && rename(new, path) != 0)
		rc = -errno;
	if (rc != 0 && fd >= 0)
		unlink(new);
	if (rc == 0)
		rc = sync_directory_of(path);
	if (rc != 0)
		seki_err_add(err, path, 0, "what was learned cannot be written: %s", strerror(-rc));
	free(new);
	return rc;
}
