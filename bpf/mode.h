/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* How much is taken of a socket's calls. User space says so of sockets whose bytes it cannot read. */
#pragma once

#include "payload.h"
#include "pending.h"
#include <bpf/bpf_helpers.h>

enum mode {
	MODE_FULL, /* every call: of sockets that are not in the map */
	MODE_HEAD, /* calls with which a message of HTTP seems to begin: user space may be wrong, and asks for all again after a while */
	MODE_OFF,  /* none: it has given the connection up */
	MODE_FRAMES, /* every call, and more of it: of HTTP/2, whose frames begin anywhere in what a reader reads ahead */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64); /* inode number in sockfs */
	__type(value, __u8);
} modes SEC(".maps");

/*
 * A bit for each of them, by the end of its inode number, which others may share: a call on a socket that is in full
 * mode costs no look-up in a hash table. There is TLS on every node.
 */
__u64 limited[1024];

static __always_inline bool is_limited(__u64 inode)
{
	return limited[inode >> 6 & 1023] >> (inode & 63) & 1;
}

/*
 * skimmed reports whether nothing is taken of a call on a socket. A function of its own, of plain numbers, as
 * head_wanted: the verifier goes through it once, and not on each way that leads here.
 */
__noinline __u32 skimmed(__u64 inode, __u64 buffer, __u32 kind)
{
	__u8 *mode = bpf_map_lookup_elem(&modes, &inode);
	if (!mode || *mode == MODE_FRAMES)
		return 0;
	return *mode == MODE_OFF || kind == BUFFER_NONE || !begins_message(first_piece(buffer, kind));
}

/* framed reports whether a socket's frames may begin anywhere. */
__noinline __u32 framed(__u64 inode)
{
	__u8 *mode = is_limited(inode) ? bpf_map_lookup_elem(&modes, &inode) : NULL;
	return mode && *mode == MODE_FRAMES;
}

/* skims reports whether nothing is taken of a call. What is read must have been read. */
static __always_inline bool skims(const struct pending *p)
{
	return is_limited(p->inode) && skimmed(p->inode, p->buffer, p->buffer_kind);
}
