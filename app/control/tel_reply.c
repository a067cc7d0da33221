/* SPDX-License-Identifier: BSD-3-Clause */
#include "tel_reply.h"

#include "compat.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void
tel_number(struct rte_tel_data *d, const char *name, uint64_t value)
{
	rte_tel_data_add_dict_uint(d, name, value);
}

void
tel_count(struct rte_tel_data *d, const char *name, struct seki_count count)
{
	char key[64];

	snprintf(key, sizeof(key), "%s_packets", name);
	tel_number(d, key, count.packets);
	snprintf(key, sizeof(key), "%s_bytes", name);
	tel_number(d, key, count.bytes);
}

struct rte_tel_data *
tel_dict(struct rte_tel_data *d, const char *name)
{
	struct rte_tel_data *child = rte_tel_data_alloc();

	if (child == NULL)
		return NULL;
	rte_tel_data_start_dict(child);
	if (rte_tel_data_add_dict_container(d, name, child, 0) == 0)
		return child;
	rte_tel_data_free(child);
	return NULL;
}

struct rte_tel_data *
tel_array(struct rte_tel_data *d, const char *name)
{
	struct rte_tel_data *child = rte_tel_data_alloc();

	if (child == NULL)
		return NULL;
	rte_tel_data_start_array(child, RTE_TEL_STRING_VAL);
	if (rte_tel_data_add_dict_container(d, name, child, 0) == 0)
		return child;
	rte_tel_data_free(child);
	return NULL;
}

/* Bytes of the next piece: up to a space, if there is one near the end, and no character of UTF-8 is cut. */
static size_t
piece_of(const char *text)
{
	size_t max = strnlen(text, RTE_TEL_MAX_STRING_LEN - 1), n = max;

	if (text[max] == '\0')
		return max;
	while (n > max / 2 && text[n - 1] != ' ')
		n--;
	if (n > max / 2)
		return n;
	while (max > 1 && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	return max;
}

int
tel_text(struct rte_tel_data *d, const char *name, const char *text)
{
	struct rte_tel_data *list = tel_array(d, name);
	char piece[RTE_TEL_MAX_STRING_LEN];

	while (list != NULL && *text != '\0') {
		size_t n = piece_of(text);

		memcpy(piece, text, n);
		piece[n] = '\0';
		rte_tel_data_add_array_string(list, piece);
		text += n;
	}
	return list == NULL ? -ENOMEM : 0;
}

struct rte_tel_data *
tel_item(struct rte_tel_data *list, const char *kind, unsigned id)
{
	char key[32];

	snprintf(key, sizeof(key), "%s%u", kind, id);
	return tel_dict(list, key);
}

void
tel_page(struct rte_tel_data *d, const struct params_page *page)
{
	tel_number(d, "offset", page->offset);
	tel_number(d, "limit", page->limit);
	tel_number(d, "total", page->total);
	tel_number(d, "next", page->end);
}
