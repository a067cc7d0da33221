/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_PKT_CONTROL_H
#define SEKI_PKT_CONTROL_H

/*
 * Internal to lib/pkt: what serves the network itself, and so is never scrubbed and goes first.
 *
 * PKT_F_CONTROL frees a packet of every countermeasure, so the question for each rule is what somebody several
 * router hops away, who sets every header field as he likes, can make arrive here. He cannot make a frame that a
 * router does not send, so only three things earn the flag:
 *
 *   - what is in the link layer: EtherTypes, LLC, reserved group MAC addresses. Routers write these anew.
 *   - a destination of link scope: 224.0.0.0/24 (RFC 5771 4), ffx2::/16 and fe80::/10 (RFC 4291 2.7, 2.5.6).
 *     No router forwards them, whatever their TTL. Not so 169.254.0.0/16, which many routers do forward, and not
 *     a link-local *source*, which is his to write.
 *   - a TTL of 255 where the protocol demands one (RFC 5082): every router on the way takes one off. BFD on one
 *     hop (RFC 5881 5), VRRP (RFC 9568 5.1.1.3), neighbour discovery (RFC 4861 6.1, 7.1).
 *
 * A protocol number or port alone earns PKT_F_ROUTED_CONTROL at most: BGP or OSPF to a unicast address could
 * come from anywhere, and become control only between addresses that the operator has named as peers. IGMP and
 * MLD to a group of wider scope earn nothing: their TTL of 1 can be aimed from afar.
 *
 * Limits. Whoever shares the link is trusted by all of this. So is a tunnel that ends on the router next to
 * Seki: what it decapsulates has crossed no hop, and can carry TTL 255 and link-scope addresses unless the
 * router filters them. Spoofed peers' addresses pass as routed control where the upstream lets them in; the
 * routers' own protection (TCP-AO, GTSM on BGP) remains needed.
 */

#include "view.h"

/*
 * UDP destination ports that say what follows: those of routing protocols, and those of tunnels (PKT_F_TUNNEL,
 * which earns nothing, see docs/adr/0006). In a table without collisions as in vector.h: one load, one compare.
 */
#define DPORT_MUL 0x9c2du
#define DPORT_SLOT(port) ((uint16_t)((port)*DPORT_MUL) >> 11)

struct dport_row {
	uint16_t port;
	uint16_t flag; /* what the port says by itself */
	uint16_t gtsm; /* ... and with a TTL of 255 */
};

extern const struct dport_row pkt_dport_udp[32];

/* PKT_F_ROUTED_CONTROL, PKT_F_CONTROL, PKT_F_TUNNEL, or nothing. */
static inline uint16_t
dport_udp(uint32_t dport, uint32_t ttl)
{
	struct dport_row row = pkt_dport_udp[DPORT_SLOT(dport)];

	if (likely(row.port != dport))
		return 0;
	return ttl == 255 ? row.gtsm : row.flag;
}

/*
 * TCP ports of routing protocols: BGP, MSDP, LDP. `ports` are both as they lie in the header. All are compared at once,
 * without a branch: half of all ports come from an attacker.
 */
static inline uint16_t
control_tcp(uint32_t ports)
{
	typedef uint16_t eight __attribute__((vector_size(16)));
	typedef uint32_t four __attribute__((vector_size(16)));
	typedef uint64_t two __attribute__((vector_size(16)));
	const uint16_t bgp = __builtin_bswap16(179), msdp = __builtin_bswap16(639), ldp = __builtin_bswap16(646);
	const eight known = {bgp, bgp, msdp, msdp, ldp, ldp, ldp, ldp};
	two same = (two)((eight)((four){0} + ports) == known);

	return (same[0] | same[1]) != 0 ? PKT_F_ROUTED_CONTROL : 0;
}

/* Destinations that no router forwards. */
static inline bool
control_ip4_dst(uint32_t dst_be)
{
	return (dst_be & 0x00ffffffu) == 0x000000e0u; /* 224.0.0.0/24 as it lies in memory */
}

static inline bool
control_ip6_dst(const uint8_t *dst)
{
	return (dst[0] == 0xff && (dst[1] & 0x0f) == 2) || (dst[0] == 0xfe && (dst[1] & 0xc0) == 0x80);
}

/* What a transport protocol other than TCP and UDP earns. */
uint16_t pkt_control_proto(const struct pkt *pkt);

/*
 * Neighbour discovery with a fragment header, be the packet whole or not, which every node must ignore (RFC 6980 5).
 * It earns nothing, and takes from the packet what its destination has earned.
 */
bool pkt_control_is_void(const struct pkt *pkt);

/* PKT_F_TUNNEL if packets of this protocol carry packets in the clear, else 0. */
uint16_t pkt_tunnel_proto(uint8_t proto);

/* What the link layer says. */
enum l2_kind {
	L2_OTHER, /* not IP, nothing that is known */
	L2_CONTROL,
	L2_OPAQUE, /* an encapsulation that is not looked into */
};

enum l2_kind pkt_control_ethertype(uint32_t type);

/* Destination MAC addresses that bridges do not forward and that no IP address maps to. */
bool pkt_control_mac(const uint8_t *dst);

#endif
