/* SPDX-License-Identifier: BSD-3-Clause */
#include "filing.h"

#include "thread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* A file that was asked for, or its removal. */
struct job {
	struct job *next;
	char name[NAME_MAX + 1];
	char *text; /* NULL: it is to be removed */
	size_t n;
	void *about;
	int error;
};

struct list {
	struct job *first, *last;
};

struct filing {
	char directory[PATH_MAX];
	int fd; /* the thread's, while something is under way */
	bool alone;
	pthread_t thread; /* if alone */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct list asked; /* the first is under way; under the lock, as are the next two */
	struct list done;  /* files whose end nobody was told yet */
	bool ends;
};

static void
append(struct list *list, struct job *job)
{
	job->next = NULL;
	if (list->last == NULL)
		list->first = job;
	else
		list->last->next = job;
	list->last = job;
}

static struct job *
take_first(struct list *list)
{
	struct job *job = list->first;

	if (job == NULL)
		return NULL;
	list->first = job->next;
	if (list->first == NULL)
		list->last = NULL;
	return job;
}

static void
free_job(struct job *job)
{
	free(job->text);
	free(job->about);
	free(job);
}

/* A directory that was taken away, and is back, is another one. */
static bool
reopen(const struct filing *f)
{
	int fd = open(f->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && (!f->alone || flock(fd, LOCK_EX | LOCK_NB) == 0) && dup3(fd, f->fd, O_CLOEXEC) >= 0;

	if (fd >= 0)
		close(fd);
	return good;
}

static int
open_part(const struct filing *f, const char *part)
{
	int fd = openat(f->fd, part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);

	if (fd < 0 && errno == ENOENT && reopen(f))
		fd = openat(f->fd, part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
	return fd;
}

static bool
write_all(int fd, const char *text, size_t n)
{
	while (n > 0) {
		ssize_t wrote = write(fd, text, n);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return false;
		text += wrote;
		n -= (size_t)wrote;
	}
	return true;
}

/* As a whole or not at all: who reads it finds the last one that was written to its end. */
static int
write_file(const struct filing *f, const struct job *job)
{
	char part[NAME_MAX + 1];
	int fd, error = 0;

	if (snprintf(part, sizeof(part), ".%s" FILING_PART_SUFFIX, job->name) >= (int)sizeof(part))
		return ENAMETOOLONG;
	fd = open_part(f, part);
	if (fd < 0)
		return errno;
	if (!write_all(fd, job->text, job->n) || fsync(fd) != 0)
		error = errno;
	if (close(fd) != 0 && error == 0)
		error = errno;
	if (error == 0 && renameat(f->fd, part, f->fd, job->name) != 0)
		error = errno;
	if (error != 0)
		unlinkat(f->fd, part, 0);
	return error;
}

static void
carry_out(const struct filing *f, struct job *job)
{
	if (job->text != NULL)
		job->error = write_file(f, job);
	else
		unlinkat(f->fd, job->name, 0);
}

/* Under the lock, if there is a thread. */
static void
put_by(struct filing *f, struct job *job)
{
	if (job->text != NULL)
		append(&f->done, job);
	else
		free_job(job);
}

static void *
serve(void *arg)
{
	struct filing *f = arg;

	pthread_mutex_lock(&f->lock);
	while (f->asked.first != NULL || !f->ends) {
		struct job *job = f->asked.first;

		if (job == NULL) {
			pthread_cond_wait(&f->changed, &f->lock);
			continue;
		}
		/* It stays in the list, so that it can be seen; nobody else takes it out. */
		pthread_mutex_unlock(&f->lock);
		carry_out(f, job);
		pthread_mutex_lock(&f->lock);
		put_by(f, take_first(&f->asked));
		pthread_cond_broadcast(&f->changed);
	}
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

static bool
open_directory(struct filing *f, const char *directory, struct seki_err *err)
{
	f->fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->fd < 0 || realpath(directory, f->directory) == NULL || faccessat(f->fd, ".", W_OK | X_OK, 0) != 0) {
		seki_err_add(
			err, directory, 0, "the directory for incidents cannot be written to: %s", strerror(errno));
		return false;
	}
	if (f->alone && flock(f->fd, LOCK_EX | LOCK_NB) != 0) {
		seki_err_add(err, directory, 0, "the directory for incidents is another Seki's: %s", strerror(errno));
		return false;
	}
	return true;
}

static void
free_filing(struct filing *f)
{
	struct job *job;

	while ((job = take_first(&f->done)) != NULL)
		free_job(job);
	if (f->fd >= 0)
		close(f->fd);
	pthread_mutex_destroy(&f->lock);
	pthread_cond_destroy(&f->changed);
	free(f);
}

struct filing *
filing_open(const char *directory, bool alone, struct seki_err *err)
{
	struct filing *f = calloc(1, sizeof(*f));
	int rc;

	if (f == NULL) {
		seki_err_add(err, directory, 0, "no memory for the files of incidents");
		return NULL;
	}
	f->alone = alone;
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->changed, NULL);
	if (!open_directory(f, directory, err)) {
		free_filing(f);
		return NULL;
	}
	rc = alone ? seki_thread_start(&f->thread, serve, f) : 0;
	if (rc == 0)
		return f;
	seki_err_add(err, directory, 0, "there is no thread to write incidents: %s", strerror(rc));
	free_filing(f);
	return NULL;
}

void
filing_close(struct filing *f)
{
	if (f == NULL)
		return;
	if (f->alone) {
		pthread_mutex_lock(&f->lock);
		f->ends = true;
		pthread_cond_broadcast(&f->changed);
		pthread_mutex_unlock(&f->lock);
		pthread_join(f->thread, NULL);
	}
	free_filing(f);
}

const char *
filing_directory(const struct filing *f)
{
	return f->directory;
}

int
filing_fd(const struct filing *f)
{
	return f->fd;
}

static void
ask(struct filing *f, struct job *job)
{
	pthread_mutex_lock(&f->lock);
	if (f->alone) {
		append(&f->asked, job);
		pthread_cond_broadcast(&f->changed);
	} else {
		carry_out(f, job);
		put_by(f, job);
	}
	pthread_mutex_unlock(&f->lock);
}

bool
filing_write(struct filing *f, const char *name, char *text, size_t n, void *about)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job == NULL) {
		free(text);
		free(about);
		return false;
	}
	snprintf(job->name, sizeof(job->name), "%s", name);
	job->text = text;
	job->n = n;
	job->about = about;
	ask(f, job);
	return true;
}

void
filing_remove(struct filing *f, const char *name)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return;
	snprintf(job->name, sizeof(job->name), "%s", name);
	ask(f, job);
}

static bool
holds(const struct list *list, const char *name)
{
	for (const struct job *job = list->first; job != NULL; job = job->next)
		if (job->text != NULL && strcmp(job->name, name) == 0)
			return true;
	return false;
}

bool
filing_awaits(const struct filing *f, const char *name)
{
	pthread_mutex_t *lock = (pthread_mutex_t *)&f->lock;
	bool awaits;

	pthread_mutex_lock(lock);
	awaits = holds(&f->asked, name) || holds(&f->done, name);
	pthread_mutex_unlock(lock);
	return awaits;
}

bool
filing_done(struct filing *f, int *error, void **about)
{
	struct job *job;

	pthread_mutex_lock(&f->lock);
	job = take_first(&f->done);
	pthread_mutex_unlock(&f->lock);
	if (job == NULL)
		return false;
	*error = job->error;
	*about = job->about;
	job->about = NULL;
	free_job(job);
	return true;
}

void
filing_flush(struct filing *f)
{
	pthread_mutex_lock(&f->lock);
	while (f->asked.first != NULL)
		pthread_cond_wait(&f->changed, &f->lock);
	pthread_mutex_unlock(&f->lock);
}
