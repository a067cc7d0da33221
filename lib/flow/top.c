/* SPDX-License-Identifier: BSD-3-Clause */
#include "top.h"

#include "key.h"
#include "source.h"

#include <string.h>

/* The row of a digest, or SEKI_TOP_ROWS. */
static unsigned
find(const struct seki_top *top, uint64_t digest)
{
	uint32_t found = 0;

	for (unsigned i = 0; i < SEKI_TOP_ROWS; i++)
		found |= (uint32_t)(top->digest[i] == digest) << i;
	return found == 0 ? SEKI_TOP_ROWS : (unsigned)__builtin_ctz(found);
}

/* Whether the word still says something at `t`. */
static bool
is_current(uint64_t word, struct seki_window_time t)
{
	return word != 0 && (int16_t)((uint16_t)(word >> 48) - t.window) > 0;
}

/* Brings a row that is current to the window of `t`. */
static void
roll(struct seki_top_row *row, struct seki_window_time t)
{
	uint64_t rolled = seki_window_roll(row->clock, t);

	if (rolled != row->clock) { /* by one window: by two, it were not current */
		row->packets[1] = row->packets[0];
		row->bytes[1] = row->bytes[0];
		row->packets[0] = row->bytes[0] = 0;
	}
	row->clock = rolled;
}

/* What came within the window, of counts that are brought to `t`. */
static uint64_t
estimate(const uint64_t counts[2], struct seki_window_time t)
{
	return counts[0] + (counts[1] * (65536u - t.passed) >> 16);
}

static uint32_t
at_most_32(uint64_t x)
{
	return x < UINT32_MAX ? (uint32_t)x : UINT32_MAX;
}

static uint32_t
packets_of(const struct seki_top_row *row, struct seki_window_time t)
{
	struct seki_top_row now = *row;

	if (!is_current(row->clock, t))
		return 0;
	roll(&now, t);
	return at_most_32(estimate(now.packets, t));
}

/* The row of whoever sends least, and how much that is: the new floor. */
static unsigned
last(struct seki_top *top, struct seki_window_time t)
{
	unsigned least = 0;

	for (unsigned i = 1; i < SEKI_TOP_ROWS; i++)
		if (packets_of(&top->row[i], t) < packets_of(&top->row[least], t))
			least = i;
	top->window = t.window;
	top->floor = packets_of(&top->row[least], t);
	return least;
}

static struct seki_top_row
name(enum seki_top_list list, const struct pkt *pkt, struct seki_window_time t)
{
	bool outbound = pkt->direction == SEKI_DIR_OUTBOUND;
	struct seki_top_row row = {
		.client = *key_client_of(pkt),
		.clock = seki_window_start(t, 0),
		.zone = pkt->zone,
		.domain = (uint8_t)pkt->domain,
		.l3 = pkt->l3,
	};

	if (list == SEKI_TOP_SOURCES) {
		if (row.l3 == PKT_L3_IP6)
			row.client.q[1] = 0;
		return row;
	}
	row.inside = outbound ? pkt->src : pkt->dst;
	row.client_port = outbound ? pkt->dport : pkt->sport;
	row.inside_port = outbound ? pkt->sport : pkt->dport;
	row.proto = pkt->proto;
	return row;
}

/* A row is written between two of these. */
static void
touch(struct seki_top *top, unsigned i)
{
	__atomic_store_n(&top->version[i], top->version[i] + 1, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

bool
seki_top_count(struct seki_top *top, enum seki_top_list list, const struct pkt *pkt, uint64_t digest,
	struct seki_window_time t, uint32_t sketched, uint32_t packets, uint32_t bytes)
{
	struct seki_top_row *row;
	bool comes;
	unsigned i;

	if (sketched < SEKI_TOP_LEAST)
		return false;
	i = find(top, digest);
	comes = i == SEKI_TOP_ROWS;
	if (comes) {
		if (top->window == t.window && sketched <= top->floor)
			return false;
		i = last(top, t);
		if (sketched <= top->floor)
			return false;
	}
	row = &top->row[i];
	touch(top, i);
	if (comes || !is_current(row->clock, t))
		*row = name(list, pkt, t);
	top->digest[i] = digest;
	roll(row, t);
	row->packets[0] += packets;
	row->bytes[0] += bytes;
	touch(top, i);
	return true;
}

static void
clear_row(struct seki_top *top, unsigned i)
{
	touch(top, i);
	memset(&top->row[i], 0, sizeof(top->row[i]));
	top->digest[i] = 0;
	touch(top, i);
}

void
seki_top_forget(struct seki_top *top, uint64_t now_ns)
{
	struct seki_window_time t = seki_window_at(now_ns, SEKI_SOURCE_SHIFT);

	if (top->forgot == t.window)
		return;
	top->forgot = t.window;
	for (unsigned i = 0; i < SEKI_TOP_ROWS; i++)
		if (top->row[i].clock != 0 && !is_current(top->row[i].clock, t))
			clear_row(top, i);
}

void
seki_top_clear(struct seki_top *top)
{
	for (unsigned i = 0; i < SEKI_TOP_ROWS; i++)
		clear_row(top, i);
	top->floor = 0;
}

/* A copy of the row that was not written meanwhile. False: the writer was at it again and again. */
static bool
copy(const struct seki_top *top, unsigned i, struct seki_top_row *row)
{
	for (unsigned tries = 0; tries < 100; tries++) {
		uint32_t before = __atomic_load_n(&top->version[i], __ATOMIC_ACQUIRE);

		*row = *(const volatile struct seki_top_row *)&top->row[i];
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (before % 2 == 0 && __atomic_load_n(&top->version[i], __ATOMIC_RELAXED) == before)
			return true;
	}
	return false;
}

static uint64_t
per_second(uint64_t amount)
{
	return (uint64_t)((unsigned __int128)amount * 1000000000 >> SEKI_SOURCE_SHIFT);
}

unsigned
seki_top_read(const struct seki_top *top, uint64_t now_ns, struct seki_top_rate out[SEKI_TOP_ROWS])
{
	struct seki_window_time t = seki_window_at(now_ns, SEKI_SOURCE_SHIFT);
	unsigned n = 0;

	for (unsigned i = 0; i < SEKI_TOP_ROWS; i++) {
		struct seki_top_rate *rate = &out[n];

		if (!copy(top, i, &rate->row) || !is_current(rate->row.clock, t))
			continue;
		roll(&rate->row, t);
		rate->pps = per_second(estimate(rate->row.packets, t));
		rate->bps = per_second(8 * estimate(rate->row.bytes, t));
		n++;
	}
	return n;
}
