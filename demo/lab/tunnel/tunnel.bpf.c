//go:build ignore
/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* IPIP between nodes without an ipip device: programs on a node's uplink add and remove
 * the outer header (RFC 2003), so that the lab has Calico's packets on kernels that lack
 * the module. */
#include "../skb.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Host byte order. Node N has the pods pod_net + N*256 .. +255 and the address node_base + N. */
volatile const __u32 pod_net = 0x0af40000;
volatile const __u32 node_base = 0xac1e000a;
volatile const __u32 node_id = 0;

__u64 encapsulated = 0, decapsulated = 0, failed = 0;

static __always_inline int load_ipv4(struct __sk_buff *skb, struct iphdr *ip)
{
	return skb->protocol == bpf_htons(ETH_P_IP) && !bpf_skb_load_bytes(skb, ETH_HLEN, ip, sizeof(*ip));
}

SEC("tcx/egress")
int encap(struct __sk_buff *skb)
{
	struct iphdr inner;
	if (!load_ipv4(skb, &inner))
		return TCX_NEXT;
	__u32 dst = bpf_ntohl(inner.daddr);
	__u32 peer = (dst >> 8) & 0xff;
	if ((dst & 0xffff0000) != pod_net || peer == node_id)
		return TCX_NEXT;

	/* FIXED_GSO keeps the segment size of offloaded packets: the route's MTU has already
	 * left room for the outer header. */
	if (bpf_skb_adjust_room(skb, sizeof(struct iphdr), BPF_ADJ_ROOM_MAC,
				BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_FIXED_GSO))
		goto drop;
	struct iphdr outer = {
		.version = 4,
		.ihl = 5,
		.tos = inner.tos,
		.tot_len = bpf_htons(bpf_ntohs(inner.tot_len) + sizeof(outer)),
		.frag_off = bpf_htons(IP_DF),
		.ttl = 64,
		.protocol = IPPROTO_IPIP,
		.saddr = bpf_htonl(node_base + node_id),
		.daddr = bpf_htonl(node_base + peer),
	};
	__u32 sum = 0;
	__u16 *word = (void *)&outer;
#pragma unroll
	for (unsigned int i = 0; i < sizeof(outer) / 2; i++)
		sum += word[i];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	outer.check = ~sum;
	if (bpf_skb_store_bytes(skb, ETH_HLEN, &outer, sizeof(outer), BPF_F_INVALIDATE_HASH))
		goto drop;
	__sync_fetch_and_add(&encapsulated, 1);
	return TCX_NEXT;
drop:
	__sync_fetch_and_add(&failed, 1);
	return TCX_DROP;
}

SEC("tcx/ingress")
int decap(struct __sk_buff *skb)
{
	struct iphdr outer;
	if (!load_ipv4(skb, &outer) || outer.protocol != IPPROTO_IPIP)
		return TCX_NEXT;
	if (bpf_skb_adjust_room(skb, -(__s32)sizeof(struct iphdr), BPF_ADJ_ROOM_MAC,
				BPF_F_ADJ_ROOM_DECAP_L3_IPV4 | BPF_F_ADJ_ROOM_FIXED_GSO)) {
		__sync_fetch_and_add(&failed, 1);
		return TCX_DROP;
	}
	__sync_fetch_and_add(&decapsulated, 1);
	return TCX_NEXT;
}
