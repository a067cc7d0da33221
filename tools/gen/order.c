/* SPDX-License-Identifier: BSD-3-Clause */
#include "order.h"

/* Packets are looked at by the millisecond; nothing is answered from outside in less than this and that together. */
#define SLOT_NS UINT64_C(1000000)
#define GUARD_NS UINT64_C(2000000)

static struct gen_order_point *
last(struct gen_order *order)
{
	return &order->point[(order->first + order->n - 1) % GEN_ORDER_POINTS];
}

void
gen_order_sent(struct gen_order *order, uint64_t time_ns)
{
	bool begins = order->n == 0 || time_ns >= last(order)->until_ns;

	order->sent++;
	if (begins && order->n < GEN_ORDER_POINTS) {
		order->n++;
		last(order)->until_ns = time_ns + SLOT_NS;
	}
	last(order)->sent = order->sent;
}

void
gen_order_passed(struct gen_order *order)
{
	order->passed++;
	while (order->n > 0 && order->point[order->first].sent <= order->passed) {
		order->first = (order->first + 1) % GEN_ORDER_POINTS;
		order->n--;
	}
}

bool
gen_order_ready(const struct gen_order *order, uint64_t time_ns)
{
	return order->n == 0 || order->point[order->first].until_ns + GUARD_NS > time_ns;
}

void
gen_order_give_up(struct gen_order *order)
{
	order->given_up += order->sent - order->passed;
	order->passed = order->sent;
	order->n = 0;
}
