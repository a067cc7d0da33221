/* SPDX-License-Identifier: BSD-3-Clause */
#include "saver.h"

#include "thread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum saver_state {
	IDLE,
	ASKED, /* or under way */
	DONE,  /* and nobody has asked yet how it went */
};

struct seki_saver {
	struct seki_baseline *baseline;
	char *path;
	pthread_t thread;
	pthread_mutex_t lock; /* of what is below */
	pthread_cond_t changed;
	enum saver_state state;
	bool ends;
	int rc;
	struct seki_err err;
};

static void *
serve(void *arg)
{
	struct seki_saver *s = arg;

	pthread_mutex_lock(&s->lock);
	while (s->state == ASKED || !s->ends) {
		if (s->state != ASKED) {
			pthread_cond_wait(&s->changed, &s->lock);
			continue;
		}
		/* Nobody else touches rc and err in this state. */
		pthread_mutex_unlock(&s->lock);
		s->rc = seki_baseline_save(s->baseline, s->path, &s->err);
		pthread_mutex_lock(&s->lock);
		s->state = DONE;
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static void
free_saver(struct seki_saver *s)
{
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->changed);
	seki_err_fini(&s->err);
	free(s->path);
	free(s);
}

struct seki_saver *
seki_saver_create(struct seki_baseline *b, const char *path, struct seki_err *err)
{
	struct seki_saver *s = calloc(1, sizeof(*s));
	int rc = ENOMEM;

	if (s != NULL) {
		s->baseline = b;
		s->path = strdup(path);
		pthread_mutex_init(&s->lock, NULL);
		pthread_cond_init(&s->changed, NULL);
		seki_err_init(&s->err);
		rc = s->path == NULL ? ENOMEM : seki_thread_start(&s->thread, serve, s);
	}
	if (rc == 0)
		return s;
	if (s != NULL)
		free_saver(s);
	seki_err_add(err, path, 0, "there is no thread to write what was learned: %s", strerror(rc));
	return NULL;
}

void
seki_saver_destroy(struct seki_saver *s)
{
	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	s->ends = true;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	free_saver(s);
}

bool
seki_saver_ask(struct seki_saver *s)
{
	bool idle;

	pthread_mutex_lock(&s->lock);
	idle = s->state == IDLE;
	if (idle) {
		s->state = ASKED;
		pthread_cond_signal(&s->changed);
	}
	pthread_mutex_unlock(&s->lock);
	return idle;
}

int
seki_saver_result(struct seki_saver *s, struct seki_err *err)
{
	int rc = 0;

	pthread_mutex_lock(&s->lock);
	if (s->state == DONE) {
		rc = s->rc == 0 ? 1 : s->rc;
		for (unsigned i = 0; i < s->err.n; i++)
			seki_err_add(err, s->err.entry[i].file, s->err.entry[i].line, "%s", s->err.entry[i].text);
		seki_err_fini(&s->err);
		s->state = IDLE;
	}
	pthread_mutex_unlock(&s->lock);
	return rc;
}
