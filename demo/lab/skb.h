/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The part of the kernel's user-space ABI (include/uapi/linux/bpf.h, ip.h) that the lab's
 * traffic-control programs use. Stated here, so that regenerating the objects gives the
 * same bytes whichever kernel headers are installed. */
#pragma once

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;

#define TCX_NEXT -1
#define TCX_DROP 2
#define ETH_HLEN 14
#define ETH_P_IP 0x0800
#define IP_DF 0x4000
#define IPPROTO_IPIP 4
#define BPF_ADJ_ROOM_MAC 1
#define BPF_F_ADJ_ROOM_FIXED_GSO (1ULL << 0)
#define BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 (1ULL << 1)
#define BPF_F_ADJ_ROOM_DECAP_L3_IPV4 (1ULL << 7)
#define BPF_F_INVALIDATE_HASH (1ULL << 1)

struct __sk_buff {
	__u32 len;
	__u32 pkt_type;
	__u32 mark;
	__u32 queue_mapping;
	__u32 protocol;
};

struct iphdr {
	__u8 ihl : 4, version : 4;
	__u8 tos;
	__be16 tot_len;
	__be16 id;
	__be16 frag_off;
	__u8 ttl;
	__u8 protocol;
	__u16 check;
	__be32 saddr;
	__be32 daddr;
};
