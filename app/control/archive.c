/* SPDX-License-Identifier: BSD-3-Clause */
#include "archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Larger than any that a Seki writes: such a file is not read. */
#define FILE_MAX (16u << 20)

#define SUFFIX ".json"
#define PART_SUFFIX ".part"

struct archive {
	char directory[PATH_MAX];
	int fd;
	unsigned keep;
	uint64_t last;
	unsigned n_interrupted;
	unsigned n, room;
	struct seki_summary *summary; /* oldest first */
};

char *
archive_path(const struct archive *a, const char *id, char path[ARCHIVE_PATH_MAX])
{
	snprintf(path, ARCHIVE_PATH_MAX, "%s/%s" SUFFIX, a->directory, id);
	return path;
}

/* An incident's file while it is written. */
static void
part_name(const char *id, char name[NAME_MAX + 1])
{
	snprintf(name, NAME_MAX + 1, ".%s" PART_SUFFIX, id);
}

/* A directory that was taken away, and is back, is another one. */
static bool
reopen(const struct archive *a)
{
	int fd = open(a->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && (a->keep == 0 || flock(fd, LOCK_EX | LOCK_NB) == 0) && dup3(fd, a->fd, O_CLOEXEC) >= 0;

	if (fd >= 0)
		close(fd);
	return good;
}

static FILE *
begin_file(const struct archive *a, const char *id)
{
	char part[NAME_MAX + 1];
	FILE *out;
	int fd;

	part_name(id, part);
	fd = openat(a->fd, part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0 && errno == ENOENT && reopen(a))
		fd = openat(a->fd, part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (out == NULL && fd >= 0)
		close(fd);
	return out;
}

/* As a whole or not at all: who reads it finds the last one that was written to its end. */
static bool
end_file(const struct archive *a, const char *id, FILE *out)
{
	char part[NAME_MAX + 1], name[NAME_MAX + 1];
	bool good = fflush(out) == 0 && !ferror(out) && fsync(fileno(out)) == 0;
	int error;

	part_name(id, part);
	snprintf(name, sizeof(name), "%s" SUFFIX, id);
	good &= fclose(out) == 0;
	good = good && renameat(a->fd, part, a->fd, name) == 0;
	error = errno;
	if (!good)
		unlinkat(a->fd, part, 0);
	errno = error;
	return good;
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
		snprintf(name, sizeof(name), "%s" SUFFIX, a->summary[i].id);
		unlinkat(a->fd, name, 0);
		take_out(a, i);
		n_ended--;
	}
}

/* A regular file's text, up to `max` bytes of it. NULL: it is none, is too large, or cannot be read. The caller frees
 * it. */
static char *
read_text(const struct archive *a, const char *name, size_t max, size_t *n)
{
	int fd = openat(a->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
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

/* Left open by a run that is over: the same file with another state. What is no whole incident stays as it is. */
static bool
interrupt(struct archive *a, const char *name, struct seki_summary *s)
{
	const char *state = seki_incident_state_name(SEKI_INCIDENT_INTERRUPTED);
	size_t n;
	char *text = read_text(a, name, FILE_MAX, &n);
	bool good = text != NULL && seki_summary_read(text, n, true, s);
	FILE *out = good ? begin_file(a, s->id) : NULL;

	if (out != NULL) {
		fwrite(text, 1, s->state_at, out);
		fputs(state, out);
		fwrite(text + s->state_at + s->state_len, 1, n - s->state_at - s->state_len, out);
		end_file(a, s->id, out); /* where the disk is full, only this run knows better than the file */
	}
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

static bool
look_at(struct archive *a, const char *name)
{
	size_t n = stem(name, SUFFIX), m = stem(name, PART_SUFFIX);
	struct seki_summary summary, *s;
	uint64_t number;

	/* What was being written when an earlier run stopped. */
	if (m > 1 && name[0] == '.' && seki_incident_is_id(name + 1, m - 1, NULL))
		unlinkat(a->fd, name, 0);
	if (n == 0 || !seki_incident_is_id(name, n, &number))
		return true;
	/* Whatever is in it, no incident may get its name. */
	a->last = number > a->last ? number : a->last;
	if (!load(a, name, n, &summary))
		return true;
	s = add(a);
	if (s != NULL)
		*s = summary;
	return s != NULL;
}

static bool
look_around(struct archive *a)
{
	int fd = openat(a->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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

static bool
open_directory(struct archive *a, const char *directory, struct seki_err *err)
{
	a->fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (a->fd < 0 || realpath(directory, a->directory) == NULL || faccessat(a->fd, ".", W_OK | X_OK, 0) != 0) {
		seki_err_add(
			err, directory, 0, "the directory for incidents cannot be written to: %s", strerror(errno));
		return false;
	}
	if (a->keep != 0 && flock(a->fd, LOCK_EX | LOCK_NB) != 0) {
		seki_err_add(err, directory, 0, "the directory for incidents is another Seki's: %s", strerror(errno));
		return false;
	}
	return true;
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
	if (!open_directory(a, directory, err)) {
		archive_close(a);
		return NULL;
	}
	if (keep != 0 && !look_around(a)) {
		seki_err_add(err, directory, 0, "the directory for incidents cannot be read: %s", strerror(errno));
		archive_close(a);
		return NULL;
	}
	if (keep != 0)
		trim(a);
	return a;
}

void
archive_close(struct archive *a)
{
	if (a == NULL)
		return;
	for (unsigned i = 0; i < a->n; i++) {
		char name[NAME_MAX + 1];

		snprintf(name, sizeof(name), "%s" SUFFIX, a->summary[i].id);
		if (a->summary[i].state < SEKI_INCIDENT_ENDED)
			interrupt(a, name, &a->summary[i]);
	}
	if (a->fd >= 0)
		close(a->fd);
	free(a->summary);
	free(a);
}

bool
archive_write(struct archive *a, const struct seki_incident *incident)
{
	FILE *out = begin_file(a, incident->id);
	struct seki_summary *s;

	if (out == NULL)
		return false;
	seki_incident_json(incident, out);
	if (!end_file(a, incident->id, out))
		return false;
	if (a->keep == 0)
		return true;
	s = find(a, incident->id);
	if (s == NULL)
		s = add(a);
	if (s != NULL) /* else it is on disk, and no list has it before a restart */
		seki_summary_of(incident, s);
	if (incident->state >= SEKI_INCIDENT_ENDED)
		trim(a);
	return true;
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
