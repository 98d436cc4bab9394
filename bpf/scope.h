/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What is to be seen: network namespaces, and ports that are left out of them. */
#pragma once

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32); /* inode number */
	__type(value, __u8);
} namespaces SEC(".maps");

/* A bit for each port whose connections are left out. */
__u64 left_out_ports[1024];

static __always_inline bool port_left_out(__u16 port)
{
	return left_out_ports[port >> 6] >> (port & 63) & 1;
}
