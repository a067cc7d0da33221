/* SPDX-License-Identifier: BSD-3-Clause */
#include "clean.h"

#include "talk.h"

#include <netinet/in.h>

/* Few conversations of many packets. */

/* Length of each half of a speed test, and how many connections it uses at a time. */
#define TEST_NS (10 * GEN_NS_PER_S)
#define TEST_CONNECTIONS 6u

/*
 * Full segments from one end until then, `pps` packets a second together with the other end's acknowledgements, of
 * which there is one for two segments. Those of the outside end are of what it had a round trip before.
 */
static void
bulk(struct talk *talk, bool from_server, uint64_t pps, uint64_t until_ns)
{
	uint64_t begun_ns = talk->now_ns, rtt_ns = from_server == talk->client_outside ? talk->rtt_ns : 200 * GEN_US;
	struct gen_packet ack = {.flow = talk->flow, .tcp_flags = GEN_ACK, .from_server = !from_server};

	for (uint64_t i = 1; talk->now_ns < until_ns; i++) {
		talk_segment(talk, from_server, GEN_ACK, GEN_MSS);
		if (i % 2 == 0) {
			ack.time_ns = talk->now_ns + rtt_ns;
			ack.seq = talk->seq[!from_server];
			ack.ack = talk->seq[from_server];
			gen_add_packet(talk->trace, &ack);
		}
		talk->now_ns = begun_ns + i * 3 * GEN_NS_PER_S / (2 * pps);
	}
	talk->now_ns += rtt_ns;
}

/* Down for ten seconds, then up, then the next one begins a test. */
void
gen_speedtest(struct gen_trace *trace, const struct gen_event *event)
{
	bool down = true;

	for (uint64_t at = event->from_ns; at < event->until_ns; at += TEST_NS, down = !down) {
		uint64_t until = at + TEST_NS < event->until_ns ? at + TEST_NS : event->until_ns;
		struct gen_flow flow = talk_outward(trace, IPPROTO_TCP, talk_some_person(trace), 8080);

		for (unsigned i = 0; i < TEST_CONNECTIONS; i++) {
			struct talk talk;

			flow.cport++;
			talk = talk_start(trace, &flow, at);
			talk_open(&talk);
			talk_segment(&talk, false, GEN_PSH | GEN_ACK, 300);
			talk_wait(&talk, true);
			bulk(&talk, down, event->pps / TEST_CONNECTIONS + 1, until);
			talk_close(&talk);
		}
	}
}

/* A branch saves its disks to the network's store: one connection at a high rate. */
void
gen_backup(struct gen_trace *trace, const struct gen_event *event)
{
	struct gen_flow flow = talk_inward(trace, IPPROTO_TCP, GEN_HOST_BACKUP, 873);
	struct talk talk = talk_start(trace, &flow, event->from_ns);

	talk_open(&talk);
	bulk(&talk, false, event->pps + 1, event->until_ns);
	talk_close(&talk);
}

/* `n` datagrams a second from one end, of these sizes, not quite evenly, for as long as the conversation goes on. */
struct tune {
	uint64_t per_second;
	uint16_t min, max;
};

static void
play(struct talk talk, bool from_server, const struct tune *tune, uint64_t until_ns)
{
	uint64_t apart_ns = GEN_NS_PER_S / tune->per_second;

	while (talk.now_ns < until_ns) {
		talk_datagram(&talk, from_server, (uint16_t)talk_some(&talk, tune->min, tune->max));
		talk.now_ns += apart_ns - apart_ns / 8 + talk_some(&talk, 0, apart_ns / 4);
	}
}

/* A game server and its players, each of whom has joined at some time in the first second. */
void
gen_game(struct gen_trace *trace, const struct gen_event *event)
{
	static const struct tune player = {30, 40, 120}, server = {30, 80, 600};

	for (uint64_t n = event->pps / 60 + 1; n > 0; n--) {
		struct gen_flow flow = talk_inward(trace, IPPROTO_UDP, GEN_HOST_GAME, 30120);
		struct talk talk = talk_start(trace, &flow, event->from_ns + gen_between(&trace->rng, 0, GEN_NS_PER_S));

		talk_datagram(&talk, false, 64);
		talk_wait(&talk, true);
		talk_datagram(&talk, true, 64);
		play(talk, true, &server, event->until_ns);
		talk_wait(&talk, false);
		play(talk, false, &player, event->until_ns);
	}
}

/* Voice and video straight between two people, once both have asked a STUN server how they look from outside (RFC
 * 8489). */
void
gen_call(struct gen_trace *trace, const struct gen_event *event)
{
	static const struct tune voice = {50, 120, 200}, video = {100, 600, 1180};

	for (uint64_t n = event->pps / 300 + 1; n > 0; n--) {
		struct gen_flow stun = talk_outward(trace, IPPROTO_UDP, talk_some_person(trace), 3478);
		struct gen_flow flow = stun;
		uint64_t at = event->from_ns + gen_between(&trace->rng, 0, GEN_NS_PER_S);
		struct talk talk;

		stun.server = gen_known_server(stun.family, GEN_KNOWN_STUN);
		talk_ask(trace, &stun, at, 28, 40);
		flow.server = gen_outside_client(&trace->rng, flow.family);
		flow.sport = (uint16_t)gen_between(&trace->rng, 16384, 65535);
		talk = talk_start(trace, &flow, at + 300 * GEN_MS);
		talk_datagram(&talk, false, 100); /* a binding request each way */
		talk_wait(&talk, true);
		talk_datagram(&talk, true, 100);
		for (int end = 0; end < 2; end++) {
			play(talk, end == 1, &voice, event->until_ns);
			play(talk, end == 1, &video, event->until_ns);
		}
	}
}
