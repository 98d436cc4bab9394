/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Copies the bytes a call moved out of the process's memory. */
#pragma once

#include "pending.h"
#include <bpf/bpf_helpers.h>

enum {
	PAYLOAD_LIMIT = 4096, /* of payload_cap */
	PIECES_READ = 16,
};

/* Bytes of payload taken of each call, at most PAYLOAD_LIMIT. */
volatile const __u32 payload_cap = 1024;

/* The verifier has to see the bound, and clang folds a plain comparison into a form that
 * it cannot follow ("unbounded memory access"); the empty asm hides the value from clang. */
#define AT_MOST(n, limit)                   \
	({                                  \
		__u64 _n = (n);             \
		asm volatile("" : "+r"(_n)); \
		if (_n > (limit))           \
			_n = (limit);       \
		_n;                         \
	})

/* copy_plain copies length bytes, at most room; 0 if the memory cannot be read. */
static __always_inline __u32 copy_plain(__u8 *to, const __u32 room, __u64 from, __u32 length)
{
	__u64 n = AT_MOST(length, room);
	return bpf_probe_read_user(to, n, (void *)from) ? 0 : n;
}

/*
 * copy_pieces gathers length bytes, at most room, from the pieces that p describes. to has
 * space for twice room, so that the verifier needs no relation between offset and size.
 * *more is set if not all pieces were looked at.
 */
static __always_inline __u32 copy_pieces(__u8 *to, const __u32 room, const struct pending *p, __u32 length, bool *more)
{
	__u32 want = AT_MOST(length, room), have = 0;
	for (int i = 0; i < PIECES_READ; i++) {
		struct iovec piece;
		if (have >= want || i >= p->pieces)
			return have;
		if (bpf_probe_read_user(&piece, sizeof(piece), (void *)(p->buffer + i * sizeof(piece))))
			return have;
		__u64 n = piece.iov_len;
		if (n > want - have)
			n = want - have;
		__u64 at = AT_MOST(have, room);
		n = AT_MOST(n, room);
		if (n && bpf_probe_read_user(to + at, n, piece.iov_base))
			return have;
		have += n;
	}
	*more = have < want && p->pieces > PIECES_READ;
	return have;
}
