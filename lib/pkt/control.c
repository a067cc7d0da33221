/* SPDX-License-Identifier: BSD-3-Clause */
#include "control.h"

/* Slot 0 is that of port 0, which must not match an empty slot; a collision does not compile, see vector.c. */
#define ROUTED(udp_port) [DPORT_SLOT(udp_port)] = {udp_port, PKT_F_ROUTED_CONTROL, PKT_F_ROUTED_CONTROL}
#define ONE_HOP(udp_port) [DPORT_SLOT(udp_port)] = {udp_port, PKT_F_ROUTED_CONTROL, PKT_F_CONTROL}
#define TUNNEL(udp_port) [DPORT_SLOT(udp_port)] = {udp_port, PKT_F_TUNNEL, PKT_F_TUNNEL}
const struct dport_row pkt_dport_udp[32] = {
	ROUTED(520),   /* RIP */
	ROUTED(521),   /* RIPng */
	ROUTED(646),   /* LDP hellos to a named neighbour */
	ROUTED(4784),  /* BFD over several hops (RFC 5883) */
	ROUTED(7784),  /* seamless BFD (RFC 7881) */
	ONE_HOP(3784), /* BFD on one hop */
	ONE_HOP(3785), /* BFD echo; its way back has a TTL of 254, and so needs named peers */
	ONE_HOP(6784), /* BFD on the members of a LAG (RFC 7130) */
	TUNNEL(1701),  /* L2TP */
	TUNNEL(2152),  /* GTP-U */
	TUNNEL(3544),  /* Teredo */
	TUNNEL(4341),  /* LISP */
	TUNNEL(4789),  /* VXLAN */
	TUNNEL(4790),  /* VXLAN-GPE */
	TUNNEL(6080),  /* GUE */
	TUNNEL(6081),  /* Geneve */
	TUNNEL(6635),  /* MPLS in UDP */
	TUNNEL(8472),  /* VXLAN as Linux had it first */
};

/* Neighbour discovery and redirects: RFC 4861. */
static bool
is_neighbour_discovery(const struct pkt *pkt)
{
	return pkt->proto == PROTO_ICMP6 && pkt->l3 == PKT_L3_IP6 && pkt->icmp_type >= 133 && pkt->icmp_type <= 137;
}

bool
pkt_control_is_void(const struct pkt *pkt)
{
	return is_neighbour_discovery(pkt) && (pkt->flags & (PKT_F_FRAG | PKT_F_ATOMIC)) != 0;
}

uint16_t
pkt_control_proto(const struct pkt *pkt)
{
	if (pkt->ttl == 255 && (pkt->proto == PROTO_VRRP || is_neighbour_discovery(pkt)))
		return PKT_F_CONTROL;
	switch (pkt->proto) {
	case PROTO_RSVP:
	case PROTO_EIGRP:
	case PROTO_OSPF:
	case PROTO_PIM:
	case PROTO_VRRP:
		return PKT_F_ROUTED_CONTROL;
	default:
		return 0;
	}
}

uint16_t
pkt_tunnel_proto(uint8_t proto)
{
	switch (proto) {
	case PROTO_IPIP:
	case PROTO_IP6:
	case PROTO_GRE:
	case PROTO_MINIMAL:
	case PROTO_IPIP_KA9Q:
	case PROTO_ETHERIP:
	case PROTO_ENCAP:
	case PROTO_L2TP:
	case PROTO_MPLS:
	case PROTO_ETHERNET:
		return PKT_F_TUNNEL;
	default:
		return 0;
	}
}

enum l2_kind
pkt_control_ethertype(uint32_t type)
{
	switch (type) {
	case 0x0806: /* ARP */
	case 0x8035: /* RARP */
	case 0x8808: /* MAC control: pause */
	case 0x8809: /* slow protocols: LACP, OAM */
	case 0x8863: /* PPPoE discovery */
	case 0x888e: /* 802.1X and MACsec key agreement */
	case 0x88cc: /* LLDP */
	case 0x88f5: /* MVRP */
	case 0x88f6: /* MMRP */
	case 0x88f7: /* PTP */
	case 0x8902: /* CFM */
	case 0x9000: /* configuration test: keepalives of switches */
		return L2_CONTROL;
	case 0x22f3: /* TRILL */
	case 0x6558: /* transparent Ethernet bridging */
	case 0x8100: /* a third tag */
	case 0x880b: /* PPP */
	case 0x8847: /* MPLS */
	case 0x8848: /* MPLS, upstream-assigned or multicast */
	case 0x8864: /* PPPoE session */
	case 0x88a8: /* a third tag */
	case 0x88e5: /* MACsec: carries everybody's packets, so it is hidden traffic and not control */
	case 0x88e7: /* provider backbone bridging */
	case 0x8903: /* FabricPath */
	case 0x893f: /* 802.1BR E-tag */
	case 0x894f: /* NSH */
	case 0x9100: /* a third tag */
	case 0x9200: /* pre-standard tags */
	case 0x9300:
		return L2_OPAQUE;
	default:
		return L2_OTHER;
	}
}

bool
pkt_control_mac(const uint8_t *dst)
{
	static const uint8_t standard[5] = {0x01, 0x80, 0xc2, 0x00, 0x00}; /* 802.1 groups: STP, LACP, LLDP, CFM */
	static const uint8_t cisco[5] = {0x01, 0x00, 0x0c, 0xcc, 0xcc};    /* CDP, VTP, UDLD, PVST */

	if (memcmp(dst, standard, sizeof(standard)) == 0)
		return true;
	return memcmp(dst, cisco, sizeof(cisco)) == 0 && (dst[5] == 0xcc || dst[5] == 0xcd);
}
