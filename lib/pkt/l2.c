/* SPDX-License-Identifier: BSD-3-Clause */
#include "control.h"

enum {
	ETH_LENGTH_MAX = 1500, /* below 1536 the field is a length (802.3 3.2.6), and no frame is longer than this */
	ETH_JUMBO_LLC = 0x8870,
	LLC_STP = 0x42,
	LLC_SNAP = 0xaa,
	LLC_ISO = 0xfe, /* IS-IS */
	OUI_ETHERTYPE = 0x000000,
	OUI_CISCO = 0x00000c,
	OUI_BRIDGED = 0x0080c2,
};

static inline bool
is_tag(uint32_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

/* The frame ends inside a link-layer header that starts at `off`. */
static uint32_t
l2_truncated(struct pkt *pkt, uint32_t off)
{
	flaw(pkt, SEKI_REASON_L2_TRUNCATED);
	pkt->l3_off = pkt->payload_off = (uint16_t)off;
	return 0;
}

/* Nothing in the frame that begins at `off` is looked at. */
static uint32_t
l2_end(struct pkt *pkt, uint32_t off, enum l2_kind kind)
{
	if (kind == L2_CONTROL)
		pkt->flags |= PKT_F_CONTROL;
	if (kind == L2_OPAQUE)
		pkt->encap = PKT_ENCAP_OPAQUE;
	pkt->l3_off = pkt->payload_off = (uint16_t)off;
	return 0;
}

/* The EtherType is known and is not a tag: go on if it is IP. */
static uint32_t
l2_type(struct pkt *pkt, uint32_t off, uint32_t type)
{
	if (type != ETH_IP4 && type != ETH_IP6)
		return l2_end(pkt, off, pkt_control_ethertype(type));
	pkt->l3_off = pkt->payload_off = (uint16_t)off;
	return type;
}

/* IEEE 802.2 LLC at `off`, and SNAP (RFC 1042). */
static uint32_t
l2_llc(struct pkt *pkt, struct view *view, uint32_t off)
{
	const uint8_t *p;
	uint32_t oui;

	if (!view_need(view, off + LLC_HLEN))
		return l2_truncated(pkt, off);
	p = view->data + off;
	if (p[0] != LLC_SNAP || p[1] != LLC_SNAP) {
		bool control = p[0] == p[1] && (p[0] == LLC_STP || p[0] == LLC_ISO);

		return l2_end(pkt, off + LLC_HLEN, control ? L2_CONTROL : L2_OTHER);
	}
	if (!view_need(view, off + SNAP_HLEN))
		return l2_truncated(pkt, off + LLC_HLEN);
	p = view->data + off;
	off += SNAP_HLEN;
	oui = load_be16(p + 3) << 8 | p[5];
	if (oui == OUI_ETHERTYPE)
		return l2_type(pkt, off, load_be16(p + 6));
	if (oui == OUI_BRIDGED)
		return l2_end(pkt, off, L2_OPAQUE);
	return l2_end(pkt, off, oui == OUI_CISCO ? L2_CONTROL : L2_OTHER);
}

uint32_t
pkt_parse_l2_slow(struct pkt *pkt, struct view *view)
{
	uint32_t off = ETH_HLEN;
	uint32_t type;

	if (!view_need(view, ETH_HLEN))
		return l2_truncated(pkt, 0);
	if (pkt_control_mac(view->data))
		return l2_end(pkt, off, L2_CONTROL);
	type = load_be16(view->data + ETH_HLEN - 2);
	while (is_tag(type) && pkt->n_vlan < 2) {
		if (!view_need(view, off + VLAN_HLEN))
			return l2_truncated(pkt, off);
		pkt->vlan[pkt->n_vlan++] = load_be16(view->data + off) & 0x0fff;
		type = load_be16(view->data + off + 2);
		off += VLAN_HLEN;
	}
	if (type <= ETH_LENGTH_MAX || type == ETH_JUMBO_LLC)
		return l2_llc(pkt, view, off);
	return l2_type(pkt, off, type);
}
