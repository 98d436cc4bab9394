//go:build ignore
/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Loses packets that one node sends to another, on the wire between them: what the nodes'
 * captures show stays true (the sender's NIC shows all, the receiver's only what arrived).
 * For kernels without netem. */
#include "../skb.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

volatile const __u32 to = 0;       /* outer destination, host byte order */
volatile const __u32 per_mille = 0;
volatile const __u32 min_len = 0;  /* spares short packets (bare ACKs) */

__u64 dropped = 0;

SEC("tcx/ingress")
int drop(struct __sk_buff *skb)
{
	struct iphdr ip;
	if (skb->len < min_len || skb->protocol != bpf_htons(ETH_P_IP) ||
	    bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) || bpf_ntohl(ip.daddr) != to ||
	    bpf_get_prandom_u32() % 1000 >= per_mille)
		return TCX_NEXT;
	__sync_fetch_and_add(&dropped, 1);
	return TCX_DROP;
}
