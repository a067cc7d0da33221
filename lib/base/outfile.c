/* SPDX-License-Identifier: BSD-3-Clause */
#include "outfile.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Its directory, with a slash at the end unless it is the one of the process. Heap. */
static char *
directory_of(const char *path, const char *name)
{
	return name == path ? strdup(".") : strndup(path, (size_t)(name - path));
}

char *
seki_outfile(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
	char *there = realpath(path, NULL), *given, *directory, *target = NULL;

	if (there != NULL)
		return there;
	given = directory_of(path, name);
	directory = given == NULL ? NULL : realpath(given, NULL);
	if (directory == NULL)
		target = strdup(path);
	else if (asprintf(&target, "%s/%s", strcmp(directory, "/") == 0 ? "" : directory, name) < 0)
		target = NULL;
	free(directory);
	free(given);
	return target;
}

bool
seki_outfile_equal(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0 && strcmp(a, "/dev/null") != 0;
}
