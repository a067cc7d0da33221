/* SPDX-License-Identifier: BSD-3-Clause */
#include "cm.h"

#include <assert.h>
#include <string.h>

#include <netinet/in.h>

#define CM(id, name, default_mode) extern const struct cm_ops cm_##name##_ops;
#include "cm_table.def"

const struct cm_ops *const cm_ops[CM_N] = {
#define CM(id, name, default_mode) [CM_##id] = &cm_##name##_ops,
#include "cm_table.def"
};

const uint8_t cm_default_mode[CM_N] = {
#define CM(id, name, default_mode) [CM_##id] = CM_MODE_##default_mode,
#include "cm_table.def"
};

static_assert(CM_N <= 32, "pkt.todo has a bit for each");

uint16_t cm_n_budgets;
uint16_t cm_budget_base[CM_N];
uint32_t cm_todo[CM_CLASSES_END];

void
cm_init(void)
{
	unsigned n = 0;

	for (unsigned id = 0; id < CM_N; id++) {
		assert(cm_ops[id]->n_params <= CM_PARAMS_MAX);
		cm_budget_base[id] = (uint16_t)n;
		n += cm_ops[id]->n_budgets;
	}
	cm_n_budgets = (uint16_t)n;
	for (uint32_t classes = 0; classes < CM_CLASSES_END; classes++) {
		cm_todo[classes] = 0;
		for (unsigned id = 0; id < CM_N; id++)
			if (cm_ops[id]->classes & classes)
				cm_todo[classes] |= 1u << id;
	}
}

const char *
cm_mode_name(unsigned mode)
{
	static const char *const name[] = {
		[CM_MODE_OFF] = "off",
		[CM_MODE_OBSERVE] = "observe",
		[CM_MODE_ENFORCE] = "enforce",
		[CM_MODE_AUTO] = "auto",
	};

	return mode < sizeof(name) / sizeof(name[0]) ? name[mode] : "?";
}

static void
set_bit(uint64_t *bits, unsigned i)
{
	bits[i / 64] |= UINT64_C(1) << (i % 64);
}

void
cm_served_init(struct cm_served *served, const struct cm_service *service, unsigned n_services)
{
	served->any = n_services == 0;
	for (unsigned s = 0; s < n_services; s++) {
		uint64_t *ports = service[s].proto == IPPROTO_TCP   ? served->tcp
				  : service[s].proto == IPPROTO_UDP ? served->udp
								    : NULL;
		unsigned first = service[s].any_port ? 0 : service[s].port_first;
		unsigned last = service[s].any_port ? 65535 : service[s].port_last;

		set_bit(served->proto, service[s].proto);
		for (unsigned port = first; ports != NULL && port <= last; port++)
			set_bit(ports, port);
	}
}
