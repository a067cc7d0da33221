/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_PKT_FEATURE_H
#define SEKI_PKT_FEATURE_H

/*
 * Features: what the headers of one packet say that tells a tool from a client, in a few bytes. No address and no
 * payload is among them, so that samples of them may be kept and compared.
 *
 * A table (features.def) names them. Each is a number; what a packet does not have is 0: a UDP datagram has the window
 * 0, a later fragment the port 0. TTL, flags and the like are as they stand in the header, and the options of TCP are
 * their kinds in order, since stacks differ in that more than in anything else. The checksum of the transport header is
 * left out, since it covers the payload.
 */

#include "pkt.h"

/* No field crosses a multiple of 4 bytes: each is read by an aligned load, a shift and a mask. */
struct seki_features {
	uint32_t tcp_options; /* the kinds of the first 8, the first in the lowest nibble; above 14: 15. Ends with kind 0 */
	uint16_t l3_len;
	uint16_t sport;
	uint16_t dport;
	uint16_t ip_id;    /* IPv4 */
	uint16_t frag_off; /* bytes; not 0: a later fragment */
	uint16_t tcp_window;
	uint16_t tcp_mss; /* that of the option; 0: there is none */
	uint8_t vector;   /* enum seki_vector */
	uint8_t l3;       /* 4, 6, or 0: not IP */
	uint8_t proto;
	uint8_t ttl;
	uint8_t tos; /* of IPv6: the traffic class */
	uint8_t df;  /* 0 or 1 */
	uint8_t mf;  /* 0 or 1 */
	uint8_t tcp_flags;
	uint8_t tcp_ack;         /* 1: the acknowledgment number is not 0, whatever the flags say */
	uint8_t tcp_options_len; /* bytes */
	uint8_t icmp_type;
	uint8_t icmp_code;
	uint8_t flow_label; /* 1: that of IPv6 is not 0 */
	uint8_t zero;
} __attribute__((aligned(8)));

static_assert(sizeof(struct seki_features) == 32, "two to a cache line: samples are kept by the thousand");

enum seki_feature {
#define FEATURE(id, field, name) SEKI_FEATURE_##id,
#include "features.def"
#undef FEATURE
	SEKI_N_FEATURES,
};

/* Where a feature lies in struct seki_features. */
struct seki_feature_place {
	uint8_t word;  /* of 32 bits */
	uint8_t shift; /* in it */
	uint32_t mask; /* after the shift; also the largest value that it can have */
};

extern const struct seki_feature_place seki_feature_places[SEKI_N_FEATURES];

/*
 * Reads the features of a parsed packet: from its fields and its headers, never from payload. A packet with a defect and
 * a later fragment give what of them is there. Any thread that owns the pkt. About 10 ns in cache.
 */
void seki_features_read(const struct pkt *pkt, struct seki_features *out);

static inline uint32_t
seki_feature_at(const struct seki_features *features, struct seki_feature_place place)
{
	uint32_t word;

	memcpy(&word, (const char *)features + sizeof(word) * place.word, sizeof(word));
	return word >> place.shift & place.mask;
}

static inline uint32_t
seki_feature_value(const struct seki_features *features, enum seki_feature feature)
{
	return seki_feature_at(features, seki_feature_places[feature]);
}

/* "dst port"; "?" if it is none. Any thread, constant data. */
const char *seki_feature_name(unsigned feature);

/* Room for what the next one writes. */
#define SEKI_FEATURE_TEXT 64

/*
 * A value of it as people write it, without the name: "443", "syn+ack", "mss,sack,ts,nop,ws", "none", "yes", "no".
 * Returns `text`. Any thread.
 */
char *seki_feature_format(enum seki_feature feature, uint32_t value, char text[SEKI_FEATURE_TEXT]);

#endif
