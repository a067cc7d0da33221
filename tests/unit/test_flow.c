/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The state machine of flows, row by row: over IPv4 and IPv6, every packet in a burst of its own and as many in one as
 * there is no time between, far from the wrap of ticks and across it.
 */
#include "flow_rows.h"

#include <ctype.h>
#include <stdio.h>

/* Ticks are 16 bits of 2^28 ns. */
#define TICK_NS (UINT64_C(1) << 28)
static const uint64_t starts[] = {1000 * SECOND, 65535 * TICK_NS + 77, 32768 * TICK_NS - 1};

/* What a flow says that rows do not speak of: charging is another test's. */
#define TOLD (PKT_FLOW_KNOWN | PKT_FLOW_ASKED | PKT_FLOW_VERIFIED | PKT_FLOW_NEW)

struct step {
	unsigned after_s;
	struct word word;
	bool dropped;
	unsigned told; /* of what comes in */
};

static const char *
skip(const char *at)
{
	while (*at == ' ')
		at++;
	return at;
}

/* One of `letters`; bit i for letter i. Stops at the first that is none. */
static const char *
read_bits(const char *at, const char *letters, unsigned *bits)
{
	const char *found;

	for (*bits = 0; *at != '\0' && (found = strchr(letters, *at)) != NULL; at++)
		*bits |= 1u << (found - letters);
	return at;
}

static const char *
read_word(const char *at, struct word *w)
{
	unsigned flags = 0;
	char *end;

	w->out = *at == '>';
	at = skip(at + 1);
	w->kind = *at == 'e' ? WORD_ERROR : *at == '1' ? WORD_FIRST : *at == '2' ? WORD_LATER : WORD_PACKET;
	w->payload = 160;
	if (strchr("ue12", *at) != NULL)
		at++;
	else
		at = read_bits(at, "FSRPAUEC", &flags);
	w->tcp_flags = (uint8_t)(w->kind == WORD_PACKET ? flags : PKT_TCP_ACK);
	if (w->kind == WORD_PACKET) /* of TCP, P says that there is data */
		w->payload = flags == 0 || (flags & PKT_TCP_PSH) != 0 ? 100 : 0;
	at = skip(at);
	if (isdigit((unsigned char)*at)) {
		w->seq = w->ack = w->id = (uint32_t)strtoul(at, &end, 0);
		at = skip(end);
	}
	return at;
}

static const char *
read_step(const char *at, struct step *step)
{
	char *end;

	*step = (struct step){.after_s = 0};
	at = skip(at);
	if (*at == '+') {
		step->after_s = (unsigned)strtoul(at + 1, &end, 10);
		at = skip(end);
	}
	ck_assert_msg(*at == '<' || *at == '>', "no direction: %s", at);
	at = read_word(at, &step->word);
	step->dropped = *at == '!';
	at = skip(at + step->dropped);
	if (*at == '=') {
		at = skip(at + 1);
		at = *at == '-' ? at + 1 : read_bits(at, "KAV.N", &step->told);
	}
	at = skip(at);
	ck_assert_msg(*at == ';' || *at == '\0', "not understood: %s", at);
	return *at == ';' ? at + 1 : at;
}

static void
check_burst(const struct rig *r, const struct step *step, unsigned n, const struct row *row, const char *how)
{
	for (unsigned i = 0; i < n; i++)
		ck_assert_msg((r->pkt[i].flow & TOLD) == step[i].told,
			"%s (%s): \"%s\", packet %u of a burst says 0x%x, not 0x%x", row->about, how, row->script, i,
			r->pkt[i].flow & TOLD, step[i].told);
}

static void
run_row(const struct row *row, bool ip6, uint64_t start, bool together)
{
	struct rig *r = rig_create(1000, start);
	struct talk talk = talk_of(ip6, row->proto, row->zone != 0 ? row->zone : ZONE_PLAIN);
	struct step step[PKT_BURST];
	char how[64];

	snprintf(how, sizeof(how), "IPv%d, %s", ip6 ? 6 : 4, together ? "together" : "singly");
	talk.inside_port = row->inside_port != 0 ? row->inside_port : talk.inside_port;
	talk.client_port = row->client_port != 0 ? row->client_port : talk.client_port;
	for (const char *at = row->script; *at != '\0';) {
		struct step next;

		at = read_step(at, &next);
		if (next.after_s != 0 || !together) {
			unsigned n = r->n;

			rig_run(r);
			check_burst(r, step, n, row, how);
			r->now += next.after_s * SECOND;
		}
		step[r->n] = next;
		rig_add(r, &talk, &next.word, next.dropped);
	}
	unsigned n = r->n;
	rig_run(r);
	check_burst(r, step, n, row, how);
	ck_assert_uint_eq(r->flows.stats.refused, 0);
	rig_destroy(r);
}

START_TEST(rows_hold)
{
	for (size_t s = 0; s < N(starts); s++)
		for (unsigned how = 0; how < 4; how++)
			run_row(&rows[_i], how & 1, starts[s], how >> 1);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("flow");

	tcase_add_loop_test(tests, rows_hold, 0, N(rows));
	return suite_run("flow", tests);
}
