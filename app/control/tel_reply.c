/* SPDX-License-Identifier: BSD-3-Clause */
#include "tel_reply.h"

#include "compat.h"

#include <stdio.h>

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
