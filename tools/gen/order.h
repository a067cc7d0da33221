/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_ORDER_H
#define SEKI_GEN_ORDER_H

/*
 * The order between the two ports. What the inside asks must be seen before the answer from outside, or the answer is a
 * stranger's. In the trace there are four milliseconds between the two at least; but if this process or the one in the
 * middle had to wait for a CPU, both lie in their queues, and which queue is read first is anybody's guess. So what comes
 * from outside waits until everything from inside that is older by more than the guard time has come out; that always
 * comes out, unless a queue was full, and so after a while it is not waited for any longer.
 */

#include <stdbool.h>
#include <stdint.h>

#define GEN_ORDER_POINTS 256u

struct gen_order {
	uint64_t sent, passed; /* packets from inside */
	uint64_t given_up;     /* of those sent */
	unsigned first, n;     /* of a ring */
	struct gen_order_point {
		uint64_t until_ns; /* trace's time: packets before this ... */
		uint64_t sent;     /* ... are so many */
	} point[GEN_ORDER_POINTS];
};

/* A packet from inside, of that time in the trace, was sent; one has come out. */
void gen_order_sent(struct gen_order *order, uint64_t time_ns);
void gen_order_passed(struct gen_order *order);

/* True if a packet from outside of that time may go. */
bool gen_order_ready(const struct gen_order *order, uint64_t time_ns);

/* Takes all that is under way for lost. */
void gen_order_give_up(struct gen_order *order);

#endif
