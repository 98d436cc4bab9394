/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Where the frames of HTTP/2 lie in what a connection says inside of TLS. Calls of a library do not begin with a frame: nginx and
 * HAProxy write 16 KiB at a time, curl reads as much, and an answer's DATA is cut anywhere. Of a call only its beginning is taken;
 * from frames that lie behind that their headers are taken, too, each with a little of what it says. A place that was mistaken does no
 * harm: what is taken is what stands there.
 */
#pragma once

#include "payload.h"

enum {
	PIECES_KEPT = 7,     /* of a call */
	PIECE_DATA = 504,    /* a header block of an answer, or its trailers; cut if it is longer */
	PIECE_USUAL = 32,    /* of other frames: a code, the beginning of a message of gRPC */
	PIECES_FROM = 4096 + 64, /* where they lie in a record: behind FRAMES_CAP, and struct before */
	WALK_FRAMES = 64,    /* looked at in a call */
	PREFACE = 24,
	FRAME_PUSH = 5, /* PUSH_PROMISE */
};

#define WALK_LOST (~0u) /* where frames lie is not known */

struct tls_piece {
	__u32 offset, size;
};

/* A piece as it stands in a record. */
struct tls_slot {
	struct tls_piece piece;
	__u8 data[PIECE_DATA];
};

/* One direction of a connection. */
struct tls_frames {
	__u32 next;     /* where the next frame begins */
	__u32 have;     /* bytes of its header that the call before had */
	__u8 head[32];  /* those */
	__u32 count;    /* of the latest call */
	struct tls_piece pieces[8];
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct head_key);
	__type(value, struct tls_frames);
} tls_frames SEC(".maps");

static __always_inline __u32 frame_size(const __u8 *b)
{
	return (__u32)b[0] << 16 | (__u32)b[1] << 8 | b[2];
}

/* is_frame reports whether bytes may be a frame's header (RFC 9113, 4.1). */
static __always_inline bool is_frame(const __u8 *b)
{
	return b[3] <= 0x20 && b[5] < 0x80;
}

/* begins_frames reports whether a direction begins as one of HTTP/2: by the client's preface or the server's settings. */
static __always_inline bool begins_frames(const __u8 *b)
{
	if (frame_size(b) == ('P' << 16 | 'R' << 8 | 'I'))
		return true;
	return b[0] == 0 && b[3] == FRAME_SETTINGS && b[4] == 0 && !(b[5] | b[6] | b[7] | b[8]) && frame_size(b) < 256;
}

static const struct tls_frames no_frames = {};

/*
 * tls_frame notes a frame that begins at a place of a call, if it lies behind FRAMES_CAP, and gives where the next one begins; 0: it is
 * none, or too many are there. A function of its own, as tls_walk, of plain numbers: the verifier goes through it once.
 */
__noinline __u32 tls_frame(__u64 connection, __u64 buffer, __u32 how, __u32 at, __u32 moved)
{
	struct head_key key = { .socket = connection, .outgoing = how & 1 };
	struct tls_frames *f = bpf_map_lookup_elem(&tls_frames, &key);
	__u8 b[16] = {};
	__u32 left = moved - at, taken = PIECE_USUAL, size = 0;
	if (!f || at >= moved)
		return 0;
	if (left < FRAME_HEAD) { /* the rest comes with the next call */
		__u64 few = BELOW(left, 16);
		if (bpf_probe_read_user(f->head, few, (void *)(buffer + at)))
			return 0;
		f->have = left;
		taken = left;
	} else {
		if (bpf_probe_read_user(b, FRAME_HEAD, (void *)(buffer + at)))
			return 0;
		if (b[0] == 'P' && b[1] == 'R')
			return at + PREFACE;
		if (!is_frame(b))
			return 0;
		size = frame_size(b);
		if (b[3] == FRAME_HEADERS || b[3] == FRAME_CONTINUATION || b[3] == FRAME_PUSH)
			taken = PIECE_DATA - FRAME_HEAD;
		taken = FRAME_HEAD + (size < taken ? size : taken);
		if (taken > left)
			taken = left;
	}
	if (at + taken > FRAMES_CAP) {
		__u32 n = f->count;
		if (n >= PIECES_KEPT)
			return 0;
		f->pieces[n & 7].offset = at;
		f->pieces[n & 7].size = taken;
		f->count = n + 1;
	}
	return at + FRAME_HEAD + size;
}

/*
 * tls_walk_begin gives where in a call that moved bytes the first frame begins, or WALK_LOST. how says the direction, and whether the
 * connection is known to be one of HTTP/2.
 */
__noinline __u32 tls_walk_begin(__u64 connection, __u64 buffer, __u32 how, __u32 seq, __u32 moved)
{
	struct head_key key = { .socket = connection, .outgoing = how & 1 };
	struct tls_frames *f = bpf_map_lookup_elem(&tls_frames, &key);
	__u8 b[16] = {};
	__u32 at = f ? f->next - seq : 0;
	if (!f || (f->have ? at + f->have != 0 : at > 1 << 25)) { /* it begins, or calls were missed */
		if (moved < FRAME_HEAD || bpf_probe_read_user(b, FRAME_HEAD, (void *)buffer))
			return WALK_LOST;
		if (!begins_frames(b) && !(how & 2 && is_frames(b, moved)))
			return WALK_LOST;
		bpf_map_update_elem(&tls_frames, &key, &no_frames, BPF_ANY);
		f = bpf_map_lookup_elem(&tls_frames, &key);
		if (!f)
			return WALK_LOST;
		at = 0;
	}
	f->count = 0;
	if (f->have) { /* the rest of a header */
		__u64 have = BELOW(f->have, 16), rest = FRAME_HEAD - have;
		if (rest > moved)
			rest = moved;
		rest = BELOW(rest, 16);
		if (bpf_probe_read_user(f->head + have, rest, (void *)buffer))
			return WALK_LOST;
		if (have + rest < FRAME_HEAD) {
			f->have = have + rest;
			return moved;
		}
		if (!is_frame(f->head))
			return WALK_LOST;
		at = rest + frame_size(f->head);
		f->have = 0;
	}
	return at;
}

/* tls_walk_end remembers where the next call is, and gives how many pieces this one has, or WALK_LOST. */
__noinline __u32 tls_walk_end(__u64 connection, __u32 how, __u32 seq, __u32 at, __u32 moved)
{
	struct head_key key = { .socket = connection, .outgoing = how & 1 };
	struct tls_frames *f = bpf_map_lookup_elem(&tls_frames, &key);
	if (!f)
		return WALK_LOST;
	if (at == WALK_LOST || at < moved) {
		bpf_map_delete_elem(&tls_frames, &key);
		return WALK_LOST;
	}
	f->next = seq + (f->have ? moved - f->have : at);
	return f->count;
}

/*
 * tls_walk follows the frames of a call that moved bytes, and notes those behind FRAMES_CAP. It gives how many, or WALK_LOST.
 * Its functions are called one after the other: they share the stack with who calls them.
 */
static __always_inline __u32 tls_walk(__u64 connection, __u64 buffer, __u32 how, __u32 seq, __u32 moved)
{
	__u32 at = tls_walk_begin(connection, buffer, how, seq, moved);
	for (int i = 0; i < WALK_FRAMES && at < moved; i++) {
		at = tls_frame(connection, buffer, how, at, moved);
		if (!at)
			break;
	}
	return tls_walk_end(connection, how, seq, at, moved);
}
