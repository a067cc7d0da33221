/* SPDX-License-Identifier: BSD-3-Clause */
#include "clean.h"

#include "legit.h"
#include "talk.h"

#include <netinet/in.h>

/* Crowds: many people at once who all want the same thing, and get it. */

#define STEP_MS 100u
#define STEP_NS (STEP_MS * GEN_MS)

/* Where what the crowd wants is: four servers of the first /24 behind one name. */
static void
one_of_the_crowd(struct gen_trace *trace, uint64_t at_ns)
{
	unsigned host = GEN_HOST_WEB + (unsigned)gen_between(&trace->rng, 0, 3);
	struct gen_flow flow = talk_inward(trace, IPPROTO_TCP, host, 443);

	talk_web(trace, &flow, at_ns);
}

/*
 * Connections to the web come at `times` the ordinary rate, from `rise_ns` after the event begins; the ordinary ones
 * are there already.
 */
static void
crowd(struct gen_trace *trace, const struct gen_event *event, uint64_t times, uint64_t rise_ns)
{
	uint64_t web_pps = event->legit_pps * GEN_LEGIT_WEB_SHARE / 1000;
	size_t begun = trace->n_asked;
	uint64_t due = 0; /* thousandths of a packet */

	for (uint64_t t = 0; event->from_ns + t < event->until_ns; t += STEP_NS) {
		uint64_t grown =
			t + STEP_NS < rise_ns ? (times - 1) * (t + STEP_NS) * 1000 / rise_ns : (times - 1) * 1000;

		due += web_pps * grown / 1000 * STEP_MS;
		while (trace->n_asked - begun < due / 1000)
			one_of_the_crowd(trace, event->from_ns + t + gen_between(&trace->rng, 0, STEP_NS - 1));
	}
}

/* After a broadcast: from the ordinary rate to 20 times that in ten seconds. */
void
gen_flash(struct gen_trace *trace, const struct gen_event *event)
{
	crowd(trace, event, 20, 10 * GEN_NS_PER_S);
}

/* Tickets are sold from ten o'clock on: 50 times the ordinary rate at once. */
void
gen_sale(struct gen_trace *trace, const struct gen_event *event)
{
	crowd(trace, event, 50, 0);
}
