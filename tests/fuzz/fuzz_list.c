/* SPDX-License-Identifier: BSD-3-Clause */
/* The list reader on any bytes: what it accepts is sorted, canonical and plausible; what it refuses is explained. */
#include "list.h"

#include <stdio.h>
#include <stdlib.h>

/* Not assert(): release builds leave that out. */
#define MUST(condition) ((condition) ? (void)0 : fail(#condition))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fail(const char *condition)
{
	fprintf(stderr, "broken promise: %s\n", condition);
	abort();
}

/* IPv4 224.0.0.0/3; IPv6 without 2000::/3, which ::/1 and ::/2 hold. */
static bool
is_no_source(const struct seki_prefix *p)
{
	if (p->family == 4)
		return p->addr[0] >= 224;
	return p->addr[0] >> 5 != 1 && (p->len > 2 || p->addr[0] != 0);
}

static void
check_list(const struct seki_list *list)
{
	struct seki_prefix again;
	char text[SEKI_PREFIX_STRLEN];

	for (size_t i = 0; i < list->n; i++) {
		const struct seki_prefix *p = &list->prefix[i];

		MUST(p->family == 4 || p->family == 6);
		MUST(p->len >= (p->family == 4 ? 8 : 16) || is_no_source(p));
		MUST(p->len > 0 && p->len <= (p->family == 4 ? 32 : 128));
		MUST(list->line[i] > 0);
		MUST(i == 0 || seki_prefix_compare(&list->prefix[i - 1], p) < 0);
		MUST(seki_prefix_parse(seki_prefix_format(p, text), &again) == 0);
		MUST(seki_prefix_compare(&again, p) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seki_list list;
	struct seki_err err;
	int rc;

	seki_err_init(&err);
	rc = seki_list_parse("fuzz", (const char *)data, size, &list, &err);
	MUST((rc == 0) == (err.n_total == 0));
	MUST(rc == 0 || list.n == 0);
	for (unsigned i = 0; i < err.n; i++)
		for (const char *c = err.entry[i].text; *c != '\0'; c++)
			MUST(*c >= ' ' && *c < 0x7f);
	check_list(&list);
	seki_list_fini(&list);
	seki_err_fini(&err);
	return 0;
}
