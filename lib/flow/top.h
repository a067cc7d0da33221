/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TOP_H
#define SEKI_TOP_H

/*
 * Who sends most, by name. Tables keep digests and no addresses, so that nobody can read from them who spoke with whom. An
 * operator in an attack may need to know, and where the policy lets him (telemetry.addresses), the few that send most
 * are written down here, and nowhere else: 32 sources and 32 flows a core, of what reaches `source_limit`, whether it
 * passes it or not.
 *
 * The sketch nominates: whoever it says sends more than the last of the list comes in, in his place. From then on he is
 * counted exactly, in a sliding window. Flows are only looked at where their source is in the list.
 *
 * Written by the owner core. Any thread may read: each row has a number that is odd while it is written.
 */

#include "pkt.h"
#include "window.h"

#define SEKI_TOP_ROWS 32

/* Nobody who sends less than that in a window is worth a row. */
#define SEKI_TOP_LEAST 256

enum seki_top_list {
	SEKI_TOP_SOURCES,
	SEKI_TOP_FLOWS,
	SEKI_N_TOPS,
};

struct seki_top_row {
	union pkt_addr client, inside; /* sources: client alone, of IPv6 its /64 */
	uint64_t clock;                /* window.h, without counts: of which windows the others are; 0: the row is free */
	uint64_t packets[2];           /* in the current window, and in the one before */
	uint64_t bytes[2];
	uint16_t client_port, inside_port;
	uint16_t zone;
	uint8_t domain;
	uint8_t proto; /* of flows */
	uint8_t l3;
};

struct seki_top {
	uint16_t window; /* in which `floor` was found */
	uint16_t forgot; /* in which the rows were last gone over */
	uint32_t floor;  /* what the last of the list sends: nobody below comes in */
	uint64_t digest[SEKI_TOP_ROWS];
	uint32_t version[SEKI_TOP_ROWS]; /* of each row */
	struct seki_top_row row[SEKI_TOP_ROWS];
};

/*
 * The sketch says that `digest`, whom the packet is of, sends `sketched`; `packets` and `bytes` of that come now. Returns
 * whether it is in the list. Owner core. About 10 ns if it is; 1 if it is not, and is not to come in.
 */
bool seki_top_count(struct seki_top *top, enum seki_top_list list, const struct pkt *pkt, uint64_t digest,
	struct seki_window_time t, uint32_t sketched, uint32_t packets, uint32_t bytes);

/* Forgets who has sent nothing for two windows. Owner core; a comparison where nothing is due. */
void seki_top_forget(struct seki_top *top, uint64_t now_ns);

/* Forgets all. Owner core. */
void seki_top_clear(struct seki_top *top);

/* What a row says of a second. */
struct seki_top_rate {
	struct seki_top_row row;
	uint64_t pps, bps;
};

/* Copies the rows that say something at `now_ns`, in any order. Any thread. Returns how many. */
unsigned seki_top_read(const struct seki_top *top, uint64_t now_ns, struct seki_top_rate out[SEKI_TOP_ROWS]);

#endif
