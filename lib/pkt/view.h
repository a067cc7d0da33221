/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_PKT_VIEW_H
#define SEKI_PKT_VIEW_H

/*
 * Internal to lib/pkt: how the parser reads a frame, and what its parts call of each other.
 *
 * A view is a readable prefix of the frame. Every read is preceded by view_need() for its end, so a byte that is
 * not asked for is never touched: this one rule keeps the parser out of payload and inside the data. Where the
 * frame lies in one piece the test is a compare. Where it does not, pkt_view_extend_slow copies what is needed,
 * and no more, into the packet's scratch and lets the view point there; so one parser serves both cases and they
 * cannot disagree. After view_need() a pointer into the view must be taken anew from view->data.
 */

#include "pkt.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "IPv4 addresses are widened by zero extension");

enum {
	ETH_HLEN = 14,
	VLAN_HLEN = 4,
	LLC_HLEN = 3,
	SNAP_HLEN = 8,
	IP4_HLEN = 20,
	IP6_HLEN = 40,
	TCP_HLEN = 20,
	UDP_HLEN = 8,
	ICMP_HLEN = 8,
	GRE_HLEN = 4,
	L4_HLEN_MAX = 60, /* TCP with all options */
};

enum {
	ETH_IP4 = 0x0800,
	ETH_IP6 = 0x86dd,
};

enum {
	PROTO_HOPOPTS = 0,
	PROTO_ICMP = 1,
	PROTO_IPIP = 4,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_IP6 = 41,
	PROTO_ROUTING = 43,
	PROTO_FRAGMENT = 44,
	PROTO_RSVP = 46,
	PROTO_GRE = 47,
	PROTO_AH = 51,
	PROTO_MINIMAL = 55, /* RFC 2004 */
	PROTO_ICMP6 = 58,
	PROTO_DSTOPTS = 60,
	PROTO_EIGRP = 88,
	PROTO_OSPF = 89,
	PROTO_IPIP_KA9Q = 94,
	PROTO_ETHERIP = 97,
	PROTO_ENCAP = 98, /* RFC 1241 */
	PROTO_PIM = 103,
	PROTO_VRRP = 112,
	PROTO_L2TP = 115,
	PROTO_MOBILITY = 135,
	PROTO_MPLS = 137,
	PROTO_HIP = 139,
	PROTO_SHIM6 = 140,
	PROTO_ETHERNET = 143, /* RFC 8986 */
};

struct view {
	const uint8_t *data;
	uint32_t avail; /* bytes that may be read at data, at most PKT_HEADERS_MAX */
	struct pkt *pkt;
	uint8_t *scratch; /* where split headers are gathered */

	/* Set when gathering begins. */
	const uint8_t *from; /* what is left of the piece being gathered */
	uint32_t from_len;
	const struct pkt_seg *next; /* the pieces after that one */
};

/*
 * Gathers until `end` bytes are readable; pkt's data, linear and PKT_F_HEADERS_SPLIT follow. False: the frame, or
 * what may be read of it, ends before.
 */
bool pkt_view_extend_slow(struct view *view, uint32_t end);

/* True if the first `end` bytes of the frame can be read at view->data. */
static inline bool
view_need(struct view *view, uint32_t end)
{
	return likely(end <= view->avail) || pkt_view_extend_slow(view, end);
}

static inline uint32_t
load_be16(const uint8_t *p)
{
	uint16_t x;

	memcpy(&x, p, sizeof(x));
	return __builtin_bswap16(x);
}

static inline uint32_t
load_16(const uint8_t *p)
{
	uint16_t x;

	memcpy(&x, p, sizeof(x));
	return x;
}

static inline uint32_t
load_32(const uint8_t *p)
{
	uint32_t x;

	memcpy(&x, p, sizeof(x));
	return x;
}

static inline uint64_t
load_64(const uint8_t *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	return x;
}

/*
 * The first thing found wrong is the packet's defect; what follows is parsed as far as it can be read. A source route
 * contradicts nothing and yields to what does, so that a zone which does not mind it still minds the rest.
 */
static inline void
flaw(struct pkt *pkt, enum seki_reason reason)
{
	if (pkt->defect == SEKI_REASON_NONE || pkt->defect == SEKI_REASON_SOURCE_ROUTE)
		pkt->defect = (uint8_t)reason;
}

/* Link layer other than plain Ethernet II with IP. Returns the EtherType that follows, 0 if nothing is to follow. */
uint32_t pkt_parse_l2_slow(struct pkt *pkt, struct view *view);

/* An IPv4 header with options, or with an impossible length. Returns its length, 0 if it cannot be read. */
uint32_t pkt_parse_ip4_options_slow(struct pkt *pkt, struct view *view);

/* Where a fragment belongs. */
struct frag {
	uint32_t offset; /* bytes */
	bool more;       /* others follow */
	uint32_t len;    /* bytes that it brings */
	uint32_t before; /* headers that the whole packet will have in front of offset 0, as its length field counts */
};

/* Flags and defects of a fragment; pkt->proto is known. False: a later one, without a transport header. */
bool pkt_parse_frag_slow(struct pkt *pkt, const struct frag *frag);

/* Extension headers from l4_off on; moves l4_off behind them. False: there is no transport header to parse. */
bool pkt_parse_ip6_chain_slow(struct pkt *pkt, struct view *view);

/* Transport protocols other than TCP and UDP. */
void pkt_parse_other_slow(struct pkt *pkt, struct view *view);

/* The transport header does not fit in the packet, or cannot be read. */
void pkt_parse_l4_short_slow(struct pkt *pkt);

/* IPv6 extension header that the chain goes on behind. */
static inline bool
is_ip6_extension(uint32_t proto)
{
	switch (proto) {
	case PROTO_HOPOPTS:
	case PROTO_ROUTING:
	case PROTO_FRAGMENT:
	case PROTO_AH:
	case PROTO_DSTOPTS:
	case PROTO_MOBILITY:
	case PROTO_HIP:
	case PROTO_SHIM6:
		return true;
	default:
		return false;
	}
}

/* A walk along IPv6 extension headers, of the packet itself or of one that an ICMPv6 error quotes. */
struct ip6_walk {
	uint32_t off;          /* in: of the first header; out: of what follows the last */
	uint32_t end;          /* in: where the packet ends */
	uint32_t proto;        /* in, out: type of the header at `off` */
	uint32_t read;         /* out: end of what was looked at */
	uint32_t frag_off;     /* out: of the fragment header; 0 if there is none */
	uint32_t frag;         /* out: its offset in bytes, and 1 for more-fragments; 0 if whole */
	bool source_route;     /* out: a routing header of type 0 with segments left is among them */
	enum seki_reason flaw; /* out */
};

void pkt_ip6_walk_slow(struct view *view, struct ip6_walk *walk);

/* The fragment header of a parsed IPv6 packet; NULL if it has none. */
const uint8_t *pkt_ip6_frag_header(const struct pkt *pkt);

#endif
