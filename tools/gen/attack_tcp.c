/* SPDX-License-Identifier: BSD-3-Clause */
#include "attack_make.h"

#include "stack.h"
#include "talk.h"

#include <netinet/in.h>

/*
 * TCP floods that need no connection. Where sources are forged it is one machine with hping3 or the like: one TTL, a
 * window of 512, no options. Bots have raw sockets and their own places, and give their SYNs options.
 */

#define HPING_TTL 53

static uint16_t
open_port(struct gen_attack *attack)
{
	return attack_between(attack, 0, 3) == 0 ? 80 : 443;
}

static void
segment(struct gen_attack *attack, struct gen_item *item, uint8_t flags)
{
	attack_aim(attack, item, IPPROTO_TCP, 64);
	item->flow.cport = (uint16_t)attack_between(attack, 1024, 65535);
	item->flow.sport = open_port(attack);
	item->packet.seq = (uint32_t)seki_rng_next(&attack->rng);
	item->packet.ack = flags & GEN_ACK ? (uint32_t)seki_rng_next(&attack->rng) : 0;
	item->packet.tcp_flags = flags;
	item->flow.stack = attack->spec.real ? GEN_MIRAI : GEN_HPING;
	if (!attack->spec.real)
		item->flow.ttl = HPING_TTL;
}

/* As the browsers of people would, but for the addresses. */
static void
mimic(struct gen_attack *attack, struct gen_item *item)
{
	item->flow.stack = (uint8_t)gen_stack_pick(&attack->rng);
	item->flow.ttl = talk_ttl(gen_stacks[item->flow.stack].ttl, &item->flow.client);
	item->flow.cport = (uint16_t)attack_between(attack, 32768, 65535);
}

unsigned
gen_make_syn(struct gen_attack *attack, struct gen_item *item)
{
	segment(attack, item, GEN_SYN);
	if (attack->spec.mimic)
		mimic(attack, item);
	return 1;
}

/* Off servers of the world, which were sent SYNs in the victims' names: from their port, as their stacks answer. */
unsigned
gen_make_synack(struct gen_attack *attack, struct gen_item *item)
{
	static const uint16_t ports[] = {80, 443, 443, 443, 22, 25, 53, 179, 8080};
	unsigned machine = attack_aim(attack, item, IPPROTO_TCP, 64);

	item->flow.cport = ports[gen_mix(machine) % (sizeof(ports) / sizeof(ports[0]))];
	item->flow.sport = (uint16_t)attack_between(attack, 1024, 65535);
	item->packet.seq = (uint32_t)seki_rng_next(&attack->rng);
	item->packet.ack = (uint32_t)seki_rng_next(&attack->rng);
	item->packet.tcp_flags = GEN_SYN | GEN_ACK;
	item->flow.stack = GEN_SERVER;
	return 1;
}

unsigned
gen_make_ack(struct gen_attack *attack, struct gen_item *item)
{
	segment(attack, item, GEN_ACK);
	item->flow.stack = GEN_HPING;
	return 1;
}

unsigned
gen_make_finrst(struct gen_attack *attack, struct gen_item *item)
{
	static const uint8_t flags[] = {GEN_RST, GEN_RST | GEN_ACK, GEN_FIN | GEN_ACK};

	segment(attack, item, flags[attack_between(attack, 0, 2)]);
	item->flow.stack = GEN_HPING;
	return 1;
}

/* Flags that no segment of a connection has: hping3 -P, -U, and without any. */
unsigned
gen_make_odd(struct gen_attack *attack, struct gen_item *item)
{
	static const uint8_t flags[] = {0, GEN_PSH, GEN_URG, GEN_PSH | GEN_URG};

	segment(attack, item, flags[attack_between(attack, 0, 3)]);
	item->flow.stack = GEN_HPING;
	return 1;
}

/* Forged: data out of the blue. */
static unsigned
stray_data(struct gen_attack *attack, struct gen_item *item)
{
	segment(attack, item, GEN_PSH | GEN_ACK);
	item->packet.payload = attack_between(attack, 0, 1) == 0 ? 512 : 1024;
	return 1;
}

enum { CLOSED, WAITING, OPEN };

static uint64_t
rtt_of(unsigned machine)
{
	return 15 * GEN_MS + gen_mix(machine ^ UINT64_C(0x277)) % (130 * GEN_MS);
}

/* The inside's half of a conversation: nobody's loss, and no attack. */
static void
promise_answer(struct gen_attack *attack, const struct gen_item *to, uint8_t flags, uint32_t seq)
{
	struct gen_item answer = *to;

	answer.flow.label = GEN_OTHER;
	answer.packet.time_ns += 100 * GEN_US + attack_between(attack, 0, 400 * GEN_US);
	answer.packet.seq = seq;
	answer.packet.ack = to->packet.seq + to->packet.payload + ((to->packet.tcp_flags & (GEN_SYN | GEN_FIN)) != 0);
	answer.packet.payload = 0;
	answer.packet.tcp_flags = flags;
	answer.packet.from_server = true;
	attack_promise(attack, &answer);
}

static void
aim_bot(struct gen_attack *attack, struct gen_item *item, unsigned machine, uint16_t port)
{
	attack_aim_from(attack, item, IPPROTO_TCP, 64, machine);
	item->flow.stack = GEN_LINUX; /* the kernel of the bot does it */
	item->flow.cport = port;
	item->flow.sport = 443;
}

/* A bot that does not wait for an answer just now, if a few tries find one. */
static unsigned
pick_bot(struct gen_attack *attack, uint64_t now_ns)
{
	unsigned machine = attack_machine(attack);

	if (attack->bot == NULL)
		attack->bot = gen_zalloc(attack->spec.n_machines, sizeof(*attack->bot));
	for (int i = 0; i < 8 && attack->bot[machine].phase == WAITING && attack->bot[machine].ready_ns > now_ns; i++)
		machine = attack_machine(attack);
	if (attack->bot[machine].ready_ns > now_ns)
		attack->bot[machine].phase = CLOSED; /* gives it up and begins another one */
	return machine;
}

/* Real: bots that connect, send and send, and are acknowledged; from time to time they close and connect anew. */
static unsigned
connected_data(struct gen_attack *attack, struct gen_item *item)
{
	uint64_t now_ns = item->packet.time_ns;
	unsigned machine = pick_bot(attack, now_ns);
	struct gen_bot *bot = &attack->bot[machine];

	if (bot->phase == CLOSED) {
		bot->port = (uint16_t)attack_between(attack, 32768, 60999);
		bot->seq = (uint32_t)seki_rng_next(&attack->rng);
		bot->ack = (uint32_t)seki_rng_next(&attack->rng);
		bot->left = (uint16_t)attack_between(attack, 20, 200);
	}
	aim_bot(attack, item, machine, bot->port);
	if (bot->phase == CLOSED)
		bot->host = attack->turn - 1; /* whom it was aimed at just now */
	item->flow.server = attack_host(attack, bot->host * 2579u);
	item->packet.seq = bot->seq;
	item->packet.ack = bot->phase == CLOSED ? 0 : bot->ack;
	if (bot->phase == CLOSED) {
		item->packet.tcp_flags = GEN_SYN;
		promise_answer(attack, item, GEN_SYN | GEN_ACK, bot->ack++);
		bot->seq++;
		bot->ready_ns = now_ns + rtt_of(machine);
		bot->phase = WAITING;
	} else if (bot->phase == WAITING) {
		item->packet.tcp_flags = GEN_ACK;
		bot->phase = OPEN;
	} else if (bot->left-- > 0) {
		item->packet.tcp_flags = GEN_PSH | GEN_ACK;
		item->packet.payload = (uint16_t)attack_between(attack, 200, GEN_MSS);
		bot->seq += item->packet.payload;
		promise_answer(attack, item, GEN_ACK, bot->ack);
	} else {
		item->packet.tcp_flags = GEN_RST | GEN_ACK;
		bot->phase = CLOSED;
	}
	return 1;
}

unsigned
gen_make_data(struct gen_attack *attack, struct gen_item *item)
{
	return attack->spec.real ? connected_data(attack, item) : stray_data(attack, item);
}

/* Connections and nothing else: handshake, for every second one a small request, never an end. */
unsigned
gen_make_connections(struct gen_attack *attack, struct gen_item *item)
{
	unsigned machine = attack_machine(attack);
	struct gen_item then;
	uint32_t theirs = (uint32_t)seki_rng_next(&attack->rng);

	aim_bot(attack, item, machine, (uint16_t)attack_between(attack, 1024, 65535));
	item->packet.seq = (uint32_t)seki_rng_next(&attack->rng);
	item->packet.tcp_flags = GEN_SYN;
	promise_answer(attack, item, GEN_SYN | GEN_ACK, theirs);
	then = *item;
	then.packet.time_ns += rtt_of(machine);
	then.packet.seq++;
	then.packet.ack = theirs + 1;
	then.packet.tcp_flags = GEN_ACK;
	then.packet.ident++;
	attack_promise(attack, &then);
	if (attack_between(attack, 0, 1) == 0)
		return 2;
	then.packet.time_ns += GEN_MS;
	then.packet.tcp_flags = GEN_PSH | GEN_ACK;
	then.packet.payload = (uint16_t)attack_between(attack, 40, 400);
	then.packet.ident++;
	attack_promise(attack, &then);
	promise_answer(attack, &then, GEN_ACK, theirs + 1);
	return 3;
}
