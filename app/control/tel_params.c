/* SPDX-License-Identifier: BSD-3-Clause */
#include "tel_params.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
params_word(const char **params, char *buf, size_t size)
{
	const char *from = *params != NULL ? *params : "";
	size_t n = strcspn(from, ",");

	*params = from[n] == ',' ? from + n + 1 : from + n;
	if (n >= size)
		n = size - 1;
	memcpy(buf, from, n);
	buf[n] = '\0';
}

int
params_number(const char **params, uint64_t def, uint64_t max, uint64_t *value)
{
	char text[24], *end;

	if (*params != NULL && strcspn(*params, ",") >= sizeof(text))
		return -EINVAL;
	params_word(params, text, sizeof(text));
	*value = def;
	if (text[0] == '\0')
		return 0;
	if (text[strspn(text, "0123456789")] != '\0')
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return errno != 0 || *value > max ? -EINVAL : 0;
}

int
params_page(const char **params, uint64_t total, uint64_t limit_max, struct params_page *page)
{
	page->total = total;
	if (params_number(params, 0, UINT32_MAX, &page->offset) != 0 ||
		params_number(params, limit_max, UINT32_MAX, &page->limit) != 0)
		return -EINVAL;
	if (page->limit > limit_max || page->limit == 0)
		page->limit = limit_max;
	if (page->offset > total)
		page->offset = total;
	page->end = page->offset + page->limit < total ? page->offset + page->limit : total;
	return 0;
}
