/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Puts an interface into VLAN number VID, for kernels without VLAN devices: "tag" on egress, "untag" on ingress.
 * Built for BPF by netns.py, loaded by tc in direct-action mode.
 */
#include <linux/bpf.h>

#define ETH_P_8021Q_BE 0x0081 /* network order on a little-endian machine */
#define TC_ACT_UNSPEC (-1)    /* go on as if there were no classifier */

static long (*skb_vlan_push)(struct __sk_buff *, unsigned short, unsigned short) = (void *)BPF_FUNC_skb_vlan_push;
static long (*skb_vlan_pop)(struct __sk_buff *) = (void *)BPF_FUNC_skb_vlan_pop;

__attribute__((section("tag"), used)) int
seki_tag(struct __sk_buff *skb)
{
	skb_vlan_push(skb, ETH_P_8021Q_BE, VID);
	return TC_ACT_UNSPEC;
}

__attribute__((section("untag"), used)) int
seki_untag(struct __sk_buff *skb)
{
	if (skb->vlan_present && (skb->vlan_tci & 0xfff) == VID)
		skb_vlan_pop(skb);
	return TC_ACT_UNSPEC;
}

char seki_license[] __attribute__((section("license"), used)) = "Dual BSD/GPL";
