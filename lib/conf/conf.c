/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf.h"

#include "schema.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Text to a tree that libconfig holds; false with a sentence in `err`. */
static bool
build_tree(const struct seki_conf_source *source, config_t *tree, struct seki_err *err)
{
	char *text = conf_scan(source->name, source->text, source->size, err);
	bool built;

	if (text == NULL)
		return false;
	built = config_read_string(tree, text) == CONFIG_TRUE;
	if (!built)
		seki_err_add(err, source->name, config_error_line(tree), "%s", config_error_text(tree));
	free(text);
	return built;
}

static void
read_spec(const struct seki_conf_source *source, config_t *tree, struct seki_spec *spec, struct seki_err *err)
{
	struct conf_reader r = {
		.file = source->name, .dir = source->dir, .cpus = source->cpus, .spec = spec, .err = err};

	strcpy(spec->domain[0].name, "default");
	spec->n_domains = 1;
	spec->file = strdup(source->name);
	conf_cms_default(&r.cms);
	conf_read_tree(&r, config_root_setting(tree));
	conf_cross_check(&r);
}

/* Frees all but the lists. */
static void
leave_lists(struct seki_spec *spec)
{
	struct seki_spec lists = {.list = spec->list, .n_lists = spec->n_lists};

	spec->list = NULL;
	spec->n_lists = 0;
	seki_spec_fini(spec);
	*spec = lists;
}

static int
compare_lines(const void *a, const void *b)
{
	const struct seki_err_entry *x = a, *y = b;
	int c = (x->line > y->line) - (x->line < y->line);

	/* Of one line in a fixed order, so that the output is the same every time. */
	return c != 0 || x->text == NULL || y->text == NULL ? c : strcmp(x->text, y->text);
}

int
seki_conf_parse_source(const struct seki_conf_source *source, struct seki_spec *spec, struct seki_err *err)
{
	struct seki_err found;
	config_t tree;
	int rc = 0;

	*spec = (struct seki_spec){0};
	seki_err_init(&found);
	config_init(&tree);
	if (build_tree(source, &tree, &found))
		read_spec(source, &tree, spec, &found);
	config_destroy(&tree);
	if (found.n_total > 0) {
		if (found.n > 1)
			qsort(found.entry, found.n, sizeof(*found.entry), compare_lines);
		for (unsigned i = 0; i < found.n; i++)
			seki_err_add(err, found.entry[i].file, found.entry[i].line, "%s",
				found.entry[i].text == NULL ? "out of memory" : found.entry[i].text);
		err->n_total += found.n_total - found.n; /* those beyond what a list keeps */
		leave_lists(spec);
		rc = -EINVAL;
	}
	seki_err_fini(&found);
	return rc;
}

int
seki_conf_parse(
	const char *name, const char *dir, const char *text, size_t size, struct seki_spec *spec, struct seki_err *err)
{
	struct seki_conf_source source = {
		.name = name, .dir = dir, .text = text, .size = size, .cpus = conf_machine_cpus()};

	return seki_conf_parse_source(&source, spec, err);
}

/* The whole file at `fd`; heap. 0 or -errno with a sentence. */
static int
read_all(int fd, const char *path, char **text, size_t *size, struct seki_err *err)
{
	char *grown;
	ssize_t n = 1;

	for (*size = 0; n > 0 && *size <= SEKI_CONF_BYTES_MAX; *size += (size_t)n) {
		grown = realloc(*text, *size + 65536);
		if (grown == NULL) {
			seki_err_add(err, path, 0, "not enough memory to read the file");
			return -ENOMEM;
		}
		*text = grown;
		n = read(fd, *text + *size, 65536);
		if (n < 0) {
			int e = errno;

			seki_err_add(err, path, 0, "the file cannot be read: %s", strerror(e));
			return -e;
		}
	}
	if (*size <= SEKI_CONF_BYTES_MAX)
		return 0;
	seki_err_add(
		err, path, 0, "the file is larger than %d MiB, which no configuration is", SEKI_CONF_BYTES_MAX >> 20);
	return -EFBIG;
}

static int
open_file(const char *path, struct seki_err *err)
{
	/* Not to wait for a writer where the path is that of a FIFO. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), e = errno;
	struct stat st;

	if (fd < 0) {
		seki_err_add(err, path, 0, "the file cannot be opened: %s", strerror(e));
		return -e;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	seki_err_add(err, path, 0, "this is no file but %s",
		S_ISDIR(st.st_mode) ? "a directory" : "a device, pipe or socket");
	return -EINVAL;
}

int
seki_conf_read(const char *path, struct seki_spec *spec, struct seki_err *err)
{
	char *text = NULL, *copy;
	size_t size = 0;
	int rc, fd;

	*spec = (struct seki_spec){0};
	fd = open_file(path, err);
	if (fd < 0)
		return fd;
	rc = read_all(fd, path, &text, &size, err);
	close(fd);
	copy = strdup(path);
	if (rc == 0 && copy == NULL)
		rc = -ENOMEM;
	if (rc == 0)
		rc = seki_conf_parse(path, dirname(copy), text, size, spec, err);
	free(copy);
	free(text);
	return rc;
}
