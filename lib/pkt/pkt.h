/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_PKT_H
#define SEKI_PKT_H

/*
 * One packet as Seki sees it: a view of its headers, and what the stages found out about it.
 *
 * Why two cache lines: a burst of 32 is 4 KiB and stays in L1 together with the headers. The first line is what
 * the wire and the parser say and the verdict, the second the addresses and what they were looked up to. Every
 * field has one stage that writes it, named beside it; later stages only read.
 *
 * What is a header (docs/adr/0005): L2-L4 with options and extension headers, and the headers quoted by ICMP
 * errors. All else is payload: the parser computes where it starts and never reads it. Multi-byte fields are in
 * host order unless the name ends in _be.
 */

#include "verdict.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Largest burst that the packet path is given. */
#define PKT_BURST 32

/* Bytes of the largest IP packet that a port may be set up for. */
#define PKT_MTU_MAX 16000

/* No more than this many bytes of headers are ever looked at; a chain that goes on is IP6_CHAIN. */
#define PKT_HEADERS_MAX 512

/* IPv6 extension headers in one packet, at most (RFC 8504 5.3 leaves the number to the node). */
#define PKT_EXT_MAX 8

enum pkt_l3 {
	PKT_L3_NONE, /* not IP, or not readable */
	PKT_L3_IP4,
	PKT_L3_IP6,
};

/* What the packet carries that Seki knows but does not look into; written by parse. */
enum pkt_encap {
	PKT_ENCAP_NONE,
	PKT_ENCAP_ICMP_QUOTE, /* inner_* are the headers quoted by an ICMP error */
	PKT_ENCAP_OPAQUE,     /* an L2 encapsulation that hides the IP packet: MPLS, PPPoE, three tags, PBB, NSH, ... */
};

/* pkt.flags; written by parse unless noted. */
enum pkt_flag {
	PKT_F_FRAG = 1u << 0,       /* a fragment: offset or more-fragments is set (atomic IPv6 fragments are not) */
	PKT_F_FRAG_LATER = 1u << 1, /* ... whose offset is not 0: no transport header */
	PKT_F_CONTROL = 1u << 2,    /* serves the network itself; classify adds routed control between peers */
	PKT_F_IP_OPTIONS = 1u << 3, /* IPv4 options or IPv6 extension headers present */
	PKT_F_PORTS = 1u << 4,      /* sport and dport are read */
	PKT_F_TCP = 1u << 5,        /* tcp_flags is read */
	PKT_F_ICMP = 1u << 6,       /* icmp_type and icmp_code are read */
	PKT_F_CSUM_OK = 1u << 7,    /* wire: the port has checked the IPv4 header checksum and found it good */
	PKT_F_CSUM_BAD = 1u << 8,   /* wire: ... and found it wrong */
	PKT_F_REAL_DIR = 1u << 9,   /* wire: the direction is that of a port or MAC, not guessed from addresses */
	PKT_F_HEADERS_SPLIT = 1u << 10,  /* parse: the headers were gathered from several segments */
	PKT_F_ROUTED_CONTROL = 1u << 11, /* BGP, BFD, OSPF, VRRP, ... by protocol: control if both ends are peers */
	PKT_F_SRC_IN_ZONE = 1u << 12,    /* classify: the source is an address of some zone of the domain */
	PKT_F_TUNNEL = 1u << 13, /* carries a packet of its own that is not looked into: IP in IP, GRE, VXLAN, ... */
	PKT_F_ATOMIC = 1u << 14, /* whole, but with an IPv6 fragment header (RFC 6946); PKT_F_FRAG is not set */
	PKT_F_HELD = 1u << 15,   /* decide: it would be dropped, if its zone did not observe */
};

/* What is known of the conversation that the packet belongs to; pkt.flow, written by track. 0: nothing. */
enum pkt_flow {
	PKT_FLOW_KNOWN = 1u << 0,    /* the inside has taken part in it */
	PKT_FLOW_ASKED = 1u << 1,    /* the inside spoke first */
	PKT_FLOW_VERIFIED = 1u << 2, /* the client has proven its address in it */
	PKT_FLOW_CHECKED = 1u << 3,  /* under the policy in force nothing is known of the client's address, and it is served */
	PKT_FLOW_NEW = 1u << 4,      /* this packet has made it a conversation */
	PKT_FLOW_STRICT = 1u << 5,   /* its source is over a limit: it is charged packet by packet */
	PKT_FLOW_ROUND = 1u << 6,    /* the last packet of a round of 32, whose charge says whether it is strict */
};

union pkt_addr {
	uint32_t v4_be; /* IPv4: the first four bytes; the other twelve are zero */
	uint8_t b[16];
	uint64_t q[2];
};

/* One contiguous piece of a frame that the port delivered in several. */
struct pkt_seg {
	const uint8_t *data;
	uint32_t len;
	const struct pkt_seg *next;
};

struct pkt {
	/* Line 0: wire (rx_view). */
	const uint8_t *data; /* the frame; `linear` bytes are readable here */
	uint64_t arrival_ns; /* mono_ns; the burst's one clock read when live, the capture's time offline */
	uint32_t len;        /* the frame on the wire, without FCS */
	uint16_t linear;     /* bytes readable at data, at most 65535 */

	/* Line 0: decide; classify clears them. */
	uint8_t observed; /* enum seki_reason: the drop that observe mode held back; 0 if none */
	uint8_t hit;      /* enum seki_reason: what the countermeasure now running says; decide reads and clears it */

	/* Line 0: parse. Offsets are from data. */
	uint16_t l3_off;
	uint16_t l4_off;       /* valid if l3 is IP and defect is 0 and the packet is no later fragment */
	uint16_t payload_off;  /* first byte that is not a header; everything from here on is never read */
	uint16_t l3_len;       /* IP packet with its header, as the header says and the frame confirms; at most 65535 */
	uint16_t l4_len;       /* from l4_off to the end of the IP packet */
	uint16_t inner_l3_off; /* of the quoted packet, where encap says there is one */
	uint16_t inner_l4_off; /* 0: the quote ends before its transport header */
	uint16_t sport;
	uint16_t dport;
	uint8_t tcp_flags;
	uint8_t ttl;   /* TTL or hop limit */
	uint8_t proto; /* last next-header value: the transport protocol */
	uint8_t icmp_type;
	uint8_t icmp_code;
	uint8_t n_vlan;

	/* Line 0: what the packet is, also read as one word: pkt_what. */
	uint8_t l3;     /* enum pkt_l3 */
	uint8_t encap;  /* enum pkt_encap */
	uint8_t defect; /* enum seki_reason: what `malformed` would drop it for; 0 if sound */
	uint8_t vector; /* enum seki_vector */
	uint16_t flags; /* enum pkt_flag; some are the wire's */
	uint8_t flow;   /* track: enum pkt_flow */
	uint8_t batch;  /* track: packets that its source is charged for with this one; 0: none, it is charged later */

	/* Line 0: the packet's fate, laid out as struct seki_fate, so that it is copied and compared as one word. */
	uint16_t zone;     /* classify: zone of the inside address; SEKI_ZONE_NONE if none */
	uint8_t in_port;   /* wire: index into the port table */
	uint8_t direction; /* enum seki_direction; rx_view when live, classify offline */
	uint8_t reason;    /* classify: enum seki_reason for which it passes if nobody objects; decide: the last word */
	uint8_t verdict;   /* likewise: enum seki_verdict */
	uint16_t egress;   /* classify: index into the egress table */

	/* Line 1: addresses (parse). */
	union pkt_addr src;
	union pkt_addr dst;

	/* Line 1: parse, then classify. */
	uint16_t vlan[2];           /* VLAN ids, outermost first */
	uint16_t domain;            /* classify: by the port pair and the outermost VLAN */
	uint16_t src_set;           /* classify: interned set of lists that hold the source; 0: none */
	uint32_t todo;              /* classify: countermeasures that want this packet, a bit each in table order */
	uint32_t batch_bytes;       /* track: bytes that its source is charged for */
	const struct pkt_seg *segs; /* wire: the further pieces after `data`; NULL if there is one piece */
	uint64_t digest;            /* track: keyed digest of the source, where it is charged */
} __attribute__((aligned(64)));

static_assert(sizeof(struct pkt) == 128, "two cache lines: a burst of 32 must stay in L1");
static_assert(offsetof(struct pkt, src) == 64, "parse and verdict in the first line, addresses in the second");

/* What is known of a packet at its end; also what travels with it to the TX core, in an mbuf dynamic field. */
struct seki_fate {
	uint16_t zone;
	uint8_t in_port;   /* index into the port table */
	uint8_t direction; /* enum seki_direction */
	uint8_t reason;    /* enum seki_reason */
	uint8_t verdict;   /* enum seki_verdict */
	uint16_t egress;   /* index into the egress table */
} __attribute__((aligned(8)));

static_assert(sizeof(struct seki_fate) == 8, "one word");
#define PKT_FATE_LIES(field) \
	static_assert(offsetof(struct pkt, field) - offsetof(struct pkt, zone) == offsetof(struct seki_fate, field), \
		"struct pkt holds its fate as struct seki_fate lays it out")
PKT_FATE_LIES(in_port);
PKT_FATE_LIES(direction);
PKT_FATE_LIES(reason);
PKT_FATE_LIES(verdict);
PKT_FATE_LIES(egress);
#undef PKT_FATE_LIES

/* Where in the word that pkt_what returns the fields lie. */
#define PKT_WHAT_AT(field) (8 * (offsetof(struct pkt, field) - offsetof(struct pkt, l3)))
#define PKT_WHAT(field, x) ((uint64_t)(x) << PKT_WHAT_AT(field))

static_assert(offsetof(struct pkt, l3) % 8 == 0 && PKT_WHAT_AT(batch) == 56, "what a packet is, in one word");
static_assert(offsetof(struct pkt, zone) % 8 == 0, "and its fate in another");

/* What the packet is. */
static inline uint64_t
pkt_what(const struct pkt *pkt)
{
	uint64_t word;

	static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first field is the lowest byte");
	memcpy(&word, &pkt->l3, sizeof(word));
	return word;
}

/* Where the packet is from and belongs to: zone, in_port and direction in one word. */
static inline uint32_t
pkt_where(const struct pkt *pkt)
{
	uint32_t word;

	memcpy(&word, &pkt->zone, sizeof(word));
	return word;
}

/* The fate of a decided packet. */
static inline struct seki_fate
pkt_fate(const struct pkt *pkt)
{
	struct seki_fate fate;

	memcpy(&fate, (const char *)pkt + offsetof(struct pkt, zone), sizeof(fate));
	return fate;
}

static inline uint64_t
seki_fate_word(struct seki_fate fate)
{
	uint64_t word;

	memcpy(&word, &fate, sizeof(word));
	return word;
}

/* The fate with another end and another way out; made in one register, since it is read as one word soon after. */
static inline struct seki_fate
seki_fate_with(struct seki_fate fate, enum seki_verdict verdict, enum seki_reason reason, uint16_t egress)
{
	uint64_t word = seki_fate_word(fate);

	static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the word is put together from its low end");
	word = (word & UINT32_MAX) | (uint64_t)reason << 32 | (uint64_t)verdict << 40 | (uint64_t)egress << 48;
	memcpy(&fate, &word, sizeof(fate));
	return fate;
}

static inline void
pkt_set_fate(struct pkt *pkt, struct seki_fate fate)
{
	memcpy((char *)pkt + offsetof(struct pkt, zone), &fate, sizeof(fate));
}

/* Two packets, or two of anything with a fate, that end alike. */
static inline bool
seki_fate_equal(struct seki_fate a, struct seki_fate b)
{
	return seki_fate_word(a) == seki_fate_word(b);
}

/*
 * What a burst is as a whole, so that no stage has to pass over it to learn what an earlier one could tell. Most bursts
 * are of one kind, and what is charged or counted for each of their packets is then charged or counted once.
 */
struct pkt_sum {
	uint64_t bytes;    /* of all frames */
	uint64_t differs;  /* 0: all have one fate, vector and arrival_ns, and of none a drop was held back */
	uint32_t longest;  /* frame */
	uint32_t todo_any; /* bits of pkt.todo that some packet has */
	uint32_t todo_all; /* bits that all have, though perhaps not every one of those */
};

#define PKT_SUM_NONE ((struct pkt_sum){.todo_all = UINT32_MAX})

/* Adds a packet whose fate and vector are those of `first`, the burst's first, or are held against them elsewhere. */
static inline void
pkt_sum_count(struct pkt_sum *sum, const struct pkt *first, const struct pkt *pkt)
{
	sum->bytes += pkt->len;
	sum->longest = pkt->len > sum->longest ? pkt->len : sum->longest;
	sum->todo_any |= pkt->todo;
	sum->todo_all &= pkt->todo;
	sum->differs |= pkt->arrival_ns ^ first->arrival_ns;
}

/* Adds a packet. */
static inline void
pkt_sum_add(struct pkt_sum *sum, const struct pkt *first, const struct pkt *pkt)
{
	pkt_sum_count(sum, first, pkt);
	sum->differs |= seki_fate_word(pkt_fate(pkt)) ^ seki_fate_word(pkt_fate(first));
	sum->differs |= (uint64_t)((pkt->vector ^ first->vector) | pkt->observed);
}

/* No zone protects the inside address. */
#define SEKI_ZONE_NONE 0

/* TCP flag bits (RFC 9293 3.1). */
enum {
	PKT_TCP_FIN = 0x01,
	PKT_TCP_SYN = 0x02,
	PKT_TCP_RST = 0x04,
	PKT_TCP_PSH = 0x08,
	PKT_TCP_ACK = 0x10,
	PKT_TCP_URG = 0x20,
};

/*
 * Parses `n` frames. Reads of each pkt: data, len, linear, segs, flags (the wire's bits), scratch below. Writes
 * all fields marked "parse", clears flow and batch, and writes nothing else. Total work per packet is bounded by
 * PKT_HEADERS_MAX bytes.
 *
 * A frame whose headers go beyond `linear` but not beyond `len` takes the _slow way: the headers, and only those,
 * are gathered from `data` and `segs` into `scratch[i]` (PKT_HEADERS_MAX bytes each, one per packet, living as
 * long as the burst); pkt->data then points there and pkt->linear says how much there is. All else is the same as
 * for the linear frame. So a viewed packet is parsed once. Where `segs` is NULL, what is missing was never
 * captured: headers in it are truncated, payload in it is not missed.
 *
 * With a defect, all fields are defined still. The first thing found wrong is named; what follows is parsed as far
 * as it can be read, so that addresses (and with them the zone) are known whenever the IP header is there: src and
 * dst are zero if l3 is PKT_L3_NONE. Rules that are ours to choose:
 *   - An IPv4 total length of 0 is IP_LENGTH. It exists only in captures taken above segmentation offload; no
 *     frame on a wire has it. So is an IPv6 jumbogram, which is longer than any Ethernet frame.
 *   - Bytes behind the IP packet are padding and belong to nothing.
 *   - A source route is the weakest defect: whatever else is wrong is named instead.
 *   - AH is looked through in IPv6, where it is an extension header, and is a protocol of its own in IPv4.
 *
 * RX core. No allocation, no clock. About 30 cycles for a plain UDP or TCP packet in cache.
 */
void pkt_parse_burst(struct pkt *pkt, unsigned n, uint8_t (*scratch)[PKT_HEADERS_MAX]);

/* Identification of the packet that this fragment is of (RFC 791 3.2, RFC 8200 4.5); PKT_F_FRAG is set. */
uint32_t pkt_frag_id(const struct pkt *pkt);

/*
 * Addresses of the packet quoted by an ICMP error, for the owner core. Returns false if the quote has no
 * complete IP header. Reads headers only; any thread that owns the pkt.
 */
bool pkt_quoted_addrs(const struct pkt *pkt, union pkt_addr *src, union pkt_addr *dst);

/* Its protocol and ports: false if it is neither TCP nor UDP right behind its IP header, or ends before its ports. */
bool pkt_quoted_ports(const struct pkt *pkt, uint8_t *proto, uint16_t *sport, uint16_t *dport);

#endif
