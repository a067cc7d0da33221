/* SPDX-License-Identifier: BSD-3-Clause */
#include "archive.h"

#include "filing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Larger than any that a Seki writes: such a file is not read. */
#define FILE_MAX (16u << 20)

#define SUFFIX ".json"

struct archive {
	struct filing *filing;
	unsigned keep;
	uint64_t last;
	unsigned n_interrupted, n_strange;
	unsigned n, room;
	struct seki_summary *summary; /* oldest first */
};

static void
file_name(const char *id, char name[NAME_MAX + 1])
{
	snprintf(name, NAME_MAX + 1, "%s" SUFFIX, id);
}

char *
archive_path(const struct archive *a, const char *id, char path[ARCHIVE_PATH_MAX])
{
	snprintf(path, ARCHIVE_PATH_MAX, "%s/%s" SUFFIX, filing_directory(a->filing), id);
	return path;
}

/* In order of their ids, which begin with the time. */
static int
by_id(const void *x, const void *y)
{
	return strcmp(((const struct seki_summary *)x)->id, ((const struct seki_summary *)y)->id);
}

static struct seki_summary *
find(const struct archive *a, const char *id)
{
	for (unsigned i = a->n; i > 0; i--) /* those that are asked for are young, mostly */
		if (strcmp(a->summary[i - 1].id, id) == 0)
			return &a->summary[i - 1];
	return NULL;
}

/* Room for one more at the end; NULL: no memory. */
static struct seki_summary *
add(struct archive *a)
{
	if (a->n == a->room) {
		unsigned room = a->room == 0 ? 64 : 2 * a->room;
		struct seki_summary *more = realloc(a->summary, room * sizeof(*more));

		if (more == NULL)
			return NULL;
		a->summary = more;
		a->room = room;
	}
	return &a->summary[a->n++];
}

static void
take_out(struct archive *a, unsigned i)
{
	memmove(&a->summary[i], &a->summary[i + 1], (a->n - i - 1) * sizeof(a->summary[0]));
	a->n--;
}

/* The oldest that have ended go. One that cannot be removed is left, and no longer told of. */
static void
trim(struct archive *a)
{
	unsigned n_ended = 0;

	for (unsigned i = 0; i < a->n; i++)
		n_ended += a->summary[i].state >= SEKI_INCIDENT_ENDED;
	for (unsigned i = 0; i < a->n && n_ended > a->keep;) {
		char name[NAME_MAX + 1];

		if (a->summary[i].state < SEKI_INCIDENT_ENDED) {
			i++;
			continue;
		}
		file_name(a->summary[i].id, name);
		filing_remove(a->filing, name);
		take_out(a, i);
		n_ended--;
	}
}

/* A regular file's text, up to `max` bytes of it. NULL: it is none, is too large, or cannot be read. The caller frees
 * it. */
static char *
read_text(const struct archive *a, const char *name, size_t max, size_t *n)
{
	int fd = openat(filing_fd(a->filing), name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	char *text = NULL;
	ssize_t got;

	*n = 0;
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= FILE_MAX)
		text = malloc(max);
	while (text != NULL && *n < max && (got = read(fd, text + *n, max - *n)) > 0)
		*n += (size_t)got;
	if (fd >= 0)
		close(fd);
	return text;
}

/* The text with another state. NULL: no memory. */
static char *
with_state(const char *text, size_t n, const struct seki_summary *s, enum seki_incident_state state, size_t *m)
{
	char *other = NULL;
	FILE *out = open_memstream(&other, m);

	if (out == NULL)
		return NULL;
	fwrite(text, 1, s->state_at, out);
	fputs(seki_incident_state_name(state), out);
	fwrite(text + s->state_at + s->state_len, 1, n - s->state_at - s->state_len, out);
	if (fclose(out) == 0)
		return other;
	free(other);
	return NULL;
}

/* Left open by a run that is over: the same file with another state. What is no whole incident stays as it is. Where
 * the file cannot be written, only this run knows better than it. */
static bool
interrupt(struct archive *a, const char *name, struct seki_summary *s)
{
	size_t n, m;
	char *text = read_text(a, name, FILE_MAX, &n), *other;
	bool good = text != NULL && seki_summary_read(text, n, true, s);

	other = good ? with_state(text, n, s, SEKI_INCIDENT_INTERRUPTED, &m) : NULL;
	if (other != NULL && filing_write(a->filing, name, other, m, NULL))
		filing_flush(a->filing); /* nothing is under way while the directory is read */
	free(text);
	if (!good)
		return false;
	s->state = SEKI_INCIDENT_INTERRUPTED;
	a->n_interrupted++;
	return true;
}

/* True if the file is an incident; `summary` says which. */
static bool
load(struct archive *a, const char *name, size_t id_len, struct seki_summary *summary)
{
	size_t n;
	char *text = read_text(a, name, SEKI_SUMMARY_WITHIN, &n);
	bool good = text != NULL && seki_summary_read(text, n, false, summary) && strlen(summary->id) == id_len &&
		    memcmp(summary->id, name, id_len) == 0;

	free(text);
	if (good && summary->state < SEKI_INCIDENT_ENDED)
		return interrupt(a, name, summary);
	return good;
}

static size_t
stem(const char *name, const char *suffix)
{
	size_t n = strlen(name), m = strlen(suffix);

	return n > m && strcmp(name + n - m, suffix) == 0 ? n - m : 0;
}

/* The name of an incident's file, of `n` bytes. */
static bool
is_ours(const char *name, size_t n)
{
	size_t m = sizeof(SUFFIX) - 1;

	return n > m && memcmp(name + n - m, SUFFIX, m) == 0 && seki_incident_is_id(name, n - m, NULL);
}

static void
remove_now(struct archive *a, const char *name)
{
	filing_remove(a->filing, name);
	filing_flush(a->filing);
}

static bool
look_at(struct archive *a, const char *name)
{
	size_t n = stem(name, SUFFIX), m = stem(name, FILING_PART_SUFFIX);
	struct seki_summary summary, *s;
	uint64_t number;

	/* What was being written when an earlier run stopped. */
	if (m > 1 && name[0] == '.' && is_ours(name + 1, m - 1))
		remove_now(a, name);
	if (n == 0 || !seki_incident_is_id(name, n, &number))
		return true;
	/* Whatever is in it, no incident may get its name. */
	a->last = number > a->last ? number : a->last;
	if (!load(a, name, n, &summary)) {
		a->n_strange++;
		return true;
	}
	s = add(a);
	if (s != NULL)
		*s = summary;
	return s != NULL;
}

static bool
look_around(struct archive *a)
{
	int fd = openat(filing_fd(a->filing), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	bool good = dir != NULL;

	if (dir == NULL && fd >= 0)
		close(fd);
	while (good && (entry = readdir(dir)) != NULL)
		good = look_at(a, entry->d_name);
	if (dir != NULL)
		closedir(dir);
	if (a->n > 0)
		qsort(a->summary, a->n, sizeof(a->summary[0]), by_id);
	return good;
}

struct archive *
archive_open(const char *directory, unsigned keep, struct seki_err *err)
{
	struct archive *a = calloc(1, sizeof(*a));

	if (a == NULL) {
		seki_err_add(err, directory, 0, "no memory for the list of incidents");
		return NULL;
	}
	a->keep = keep;
	a->filing = filing_open(directory, keep != 0, err);
	if (a->filing == NULL) {
		free(a);
		return NULL;
	}
	if (keep != 0 && !look_around(a)) {
		seki_err_add(err, directory, 0, "the directory for incidents cannot be read: %s", strerror(errno));
		archive_close(a);
		return NULL;
	}
	if (keep != 0)
		trim(a);
	archive_flush(a);
	return a;
}

void
archive_close(struct archive *a)
{
	struct archive_written written;

	if (a == NULL)
		return;
	archive_flush(a);
	while (archive_written(a, &written))
		continue;
	for (unsigned i = 0; i < a->n; i++) {
		char name[NAME_MAX + 1];

		file_name(a->summary[i].id, name);
		if (a->summary[i].state < SEKI_INCIDENT_ENDED)
			interrupt(a, name, &a->summary[i]);
	}
	filing_close(a->filing);
	free(a->summary);
	free(a);
}

bool
archive_write(struct archive *a, const struct seki_incident *incident)
{
	struct seki_summary *summary;
	char name[NAME_MAX + 1], *text = NULL;
	size_t n;
	FILE *out;

	file_name(incident->id, name);
	if (filing_awaits(a->filing, name)) {
		errno = EBUSY;
		return false;
	}
	summary = malloc(sizeof(*summary));
	out = open_memstream(&text, &n);
	if (summary != NULL && out != NULL) {
		seki_summary_of(incident, summary);
		seki_incident_json(incident, out);
	}
	if (out == NULL || fclose(out) != 0 || summary == NULL) {
		free(summary);
		free(text);
		errno = ENOMEM;
		return false;
	}
	errno = ENOMEM;
	return filing_write(a->filing, name, text, n, summary);
}

/* It is on disk now. */
static void
enter(struct archive *a, const struct seki_summary *summary)
{
	struct seki_summary *s = find(a, summary->id);

	if (s == NULL)
		s = add(a);
	if (s != NULL) /* else no list has it before a restart */
		*s = *summary;
	if (summary->state >= SEKI_INCIDENT_ENDED)
		trim(a);
}

bool
archive_written(struct archive *a, struct archive_written *out)
{
	void *about;

	while (filing_done(a->filing, &out->error, &about)) {
		struct seki_summary *summary = about;

		if (summary == NULL)
			continue; /* of an earlier run */
		strcpy(out->id, summary->id);
		if (out->error == 0 && a->keep != 0)
			enter(a, summary);
		free(summary);
		return true;
	}
	return false;
}

void
archive_flush(struct archive *a)
{
	filing_flush(a->filing);
}

uint64_t
archive_last(const struct archive *a)
{
	return a->last;
}

unsigned
archive_interrupted(const struct archive *a)
{
	return a->n_interrupted;
}

unsigned
archive_strange(const struct archive *a)
{
	return a->n_strange;
}

unsigned
archive_count(const struct archive *a)
{
	return a->n;
}

const struct seki_summary *
archive_at(const struct archive *a, unsigned i)
{
	return i < a->n ? &a->summary[a->n - 1 - i] : NULL;
}

const struct seki_summary *
archive_find(const struct archive *a, const char *id)
{
	return find(a, id);
}
