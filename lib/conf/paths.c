/* SPDX-License-Identifier: BSD-3-Clause */
/* Keys that name files and directories. */
#include "schema.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A path as the configuration means it: relative to its own directory. NULL: out of memory, and said. */
static char *
joined_path(struct conf_reader *r, const char *text)
{
	bool joined = text[0] != '/' && r->dir != NULL && *r->dir != '\0';
	char *path;

	if (asprintf(&path, "%s%s%s", joined ? r->dir : "", joined ? "/" : "", text) >= 0)
		return path;
	seki_err_add(r->err, r->file, 0, "not enough memory for the configuration");
	return NULL;
}

int
conf_set_list_file(struct conf_reader *r, void *object, const struct conf_value *v)
{
	struct seki_spec_list *list = object;
	char *path = joined_path(r, v->text);
	struct stat st;

	if (path == NULL)
		return -EINVAL;
	if (stat(path, &st) != 0 || access(path, R_OK) != 0)
		conf_error(r, v->line, "file", "%s cannot be read: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		conf_error(r, v->line, "file", "%s is no file", path);
	else
		list->path = path;
	if (list->path == NULL)
		free(path);
	return list->path == NULL ? -EINVAL : 0;
}

/* Whether it can be written to is asked at the start, by whoever will write. */
int
conf_set_incidents(struct conf_reader *r, void *object, const struct conf_value *v)
{
	char **to = &((struct seki_spec *)object)->detect.incidents, *path;
	struct stat st;

	if (v->text[0] == '\0')
		return 0;
	path = joined_path(r, v->text);
	free(*to);
	*to = path;
	if (path == NULL)
		return -EINVAL;
	if (stat(path, &st) != 0)
		return conf_error(r, v->line, "incidents", "%s: %s", path, strerror(errno));
	return S_ISDIR(st.st_mode) ? 0 : conf_error(r, v->line, "incidents", "%s is no directory", path);
}

/* Only its directory must be there: the first start makes it. */
int
conf_set_baseline(struct conf_reader *r, void *object, const struct conf_value *v)
{
	char **to = &((struct seki_spec *)object)->detect.baseline, *path, *copy;
	struct stat st;

	if (v->text[0] == '\0')
		return 0;
	path = joined_path(r, v->text);
	free(*to);
	*to = path;
	copy = path == NULL ? NULL : strdup(path);
	if (copy == NULL)
		return -EINVAL;
	if (stat(dirname(copy), &st) != 0)
		conf_error(r, v->line, "baseline", "%s: its directory: %s", path, strerror(errno));
	else if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		conf_error(r, v->line, "baseline", "%s is no file", path);
	free(copy);
	return 0;
}
