/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes the reference pages that come from tables: `seki-docs NAME > docs/NAME.md`. A test compares the two. */
#include "cm.h"
#include "conf.h"
#include "reasons.h"
#include "vectors.h"

#include <stdio.h>
#include <string.h>

static const struct page {
	const char *name;
	void (*write)(FILE *out);
} pages[] = {
	{"config", seki_conf_write_reference},
	{"countermeasures", cm_write_reference},
	{"reasons", docs_write_reasons},
	{"vectors", docs_write_vectors},
};
#define N_PAGES (sizeof(pages) / sizeof(pages[0]))

int
main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < N_PAGES; i++) {
		if (strcmp(argv[1], pages[i].name) != 0)
			continue;
		pages[i].write(stdout);
		return fflush(stdout) != 0 || ferror(stdout) ? 1 : 0;
	}
	fprintf(stderr, "usage: seki-docs NAME > docs/NAME.md, where NAME is one of");
	for (size_t i = 0; i < N_PAGES; i++)
		fprintf(stderr, " %s", pages[i].name);
	fprintf(stderr, "\n");
	return 2;
}
