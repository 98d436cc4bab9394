/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Sockets whose bytes user space cannot read: TLS, protocols that are not known. */
#pragma once

#include "payload.h"
#include "pending.h"
#include <bpf/bpf_helpers.h>

/* User space puts sockets in, and takes them out again after a while: it may have been wrong. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64); /* inode number in sockfs */
	__type(value, __u8);
} skims SEC(".maps");

bool any_skims; /* spares the look-up while there are none */

/* skimmed reports whether a call is of such a socket, and no message of HTTP begins with it either. */
static __always_inline bool skimmed(const struct pending *p)
{
	if (!any_skims || !bpf_map_lookup_elem(&skims, &p->inode))
		return false;
	if (p->buffer_kind == BUFFER_NONE)
		return true;
	__u64 first = first_piece(p->buffer, p->buffer_kind);
	return !begins_request(first) && !begins_answer(first);
}
