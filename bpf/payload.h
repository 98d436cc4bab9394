/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Copies the bytes a call moved out of the process's memory. */
#pragma once

#include "pending.h"
#include <bpf/bpf_helpers.h>

enum {
	PAYLOAD_LIMIT = 8192, /* of payload_cap, and of what is taken of a request's head */
	FRAMES_CAP = 4096, /* of a socket whose frames may begin anywhere: what readers read ahead */
	PIECES_READ = 256,
};

/* Bytes of payload taken of each call, at most PAYLOAD_LIMIT. */
volatile const __u32 payload_cap = 1024;

/*
 * A request of HTTP or FastCGI whose header is longer than payload_cap: what its trace context stands behind
 * may be a cookie or a token. Of such a request the first PAYLOAD_LIMIT bytes are taken, however many
 * calls they come in. So they are of a call that begins with a frame of HTTP/2 behind which others are, and of a pipeline of Redis.
 */
struct head_key {
	__u64 socket;
	__u64 outgoing;
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct head_key);
	__type(value, __u32); /* sequence number of the request's first byte */
} heads SEC(".maps");

enum { BEGINNING = 10 }; /* bytes that tell how a message begins */
union beginning {
	__u8 bytes[BEGINNING];
	__u64 first;
};

/*
 * is_request reports whether bytes begin with a method (a token of capital letters) and a path, or with the record
 * that begins a request of FastCGI. A method's first letter may have been read before: Go's server waits for a
 * connection's end by a read of one byte.
 */
static __always_inline bool is_request(const __u8 *b)
{
	if (b[0] == 1)
		return b[1] == 1 && b[4] == 0 && b[5] == 8 && b[7] == 0;
	bool letters = b[0] >= 'A' && b[0] <= 'Z';
	for (int i = 1; i < 9 && letters; i++) {
		if (b[i] == ' ')
			return i > 1 && b[i + 1] == '/';
		letters = b[i] >= 'A' && b[i] <= 'Z';
	}
	return false;
}

enum { FRAME_HEAD = 9, FRAME_DATA = 0, FRAME_HEADERS = 1, FRAME_RESET = 3, FRAME_SETTINGS = 4, FRAME_PING = 6, FRAME_WINDOW = 8, FRAME_CONTINUATION = 9 };

/* is_header_frame reports whether bytes begin with a frame of HTTP/2 that carries a header block (RFC 9113, 6.2). */
static __always_inline bool is_header_frame(const __u8 *b)
{
	return b[0] == 0 && (b[3] == FRAME_HEADERS || b[3] == FRAME_CONTINUATION) && (b[4] & ~0x2d) == 0 && b[5] < 0x80 && (b[5] | b[6] | b[7] | b[8]);
}

/*
 * is_frames reports whether the first of length bytes are a frame of HTTP/2 with a header block or what is said in front
 * of one, or DATA behind which, within PAYLOAD_LIMIT, comes another frame: the trailers that tell how a call of gRPC ended.
 */
static __always_inline bool is_frames(const __u8 *b, __u32 length)
{
	__u32 size = (__u32)b[1] << 8 | b[2];
	if (b[0] == 'P')
		return b[1] == 'R' && b[2] == 'I' && b[3] == ' ' && b[4] == '*';
	if (b[0] != 0 || b[5] >= 0x80)
		return false;
	switch (b[3]) {
	case FRAME_DATA:
		return (b[4] & ~9) == 0 && (b[5] | b[6] | b[7] | b[8]) && size + FRAME_HEAD < length && size + 2 * FRAME_HEAD <= PAYLOAD_LIMIT;
	case FRAME_RESET:
	case FRAME_WINDOW:
		return size == 4 && b[4] == 0;
	case FRAME_SETTINGS:
		return size < 256 && b[4] <= 1 && !(b[5] | b[6] | b[7] | b[8]);
	case FRAME_PING:
		return size == 8 && b[4] <= 1 && !(b[5] | b[6] | b[7] | b[8]);
	}
	return is_header_frame(b);
}

static __always_inline bool is_upper(__u8 c)
{
	return (c >= 'A' && c <= 'Z') || c == '_';
}

/* is_params reports whether bytes begin with parameters of FastCGI, which PHP-FPM reads apart: two lengths and a name. */
static __always_inline bool is_params(const __u8 *b)
{
	if (b[0] < 2 || b[0] > 63)
		return false;
	return b[1] & 0x80 ? is_upper(b[6]) && is_upper(b[7]) && is_upper(b[8]) : is_upper(b[2]) && is_upper(b[3]) && is_upper(b[4]);
}

/* A word's bytes as they lie in memory, of which the last is not looked at. */
#define WORD_OF(a, b, c, d, e, f, g) \
	((__u64)(a) | (__u64)(b) << 8 | (__u64)(c) << 16 | (__u64)(d) << 24 | (__u64)(e) << 32 | (__u64)(f) << 40 | (__u64)(g) << 48)

/* is_answer reports whether bytes, of which the first eight are given, begin with an answer's line. One comparison: the verifier follows each. */
static __always_inline bool is_answer(__u64 first)
{
	return first << 8 == WORD_OF('H', 'T', 'T', 'P', '/', '1', '.') << 8;
}

static __always_inline bool is_digit(__u8 c)
{
	return c >= '0' && c <= '9';
}

/*
 * is_pipeline reports whether the first of length bytes, which are more than payload_cap, begin with a command of Redis or with
 * an answer behind which others are: those of a pipeline, of which each that is left out makes it unknown which answer is whose.
 * So it is of NATS, whose clients put what all their threads say into one call.
 */
static __always_inline bool is_pipeline(const __u8 *b, __u32 length)
{
	__u32 size = 0;
	switch (b[0]) {
	case 'H': /* HPUB, HMSG */
		return (b[1] == 'P' && b[2] == 'U' && b[3] == 'B' && b[4] == ' ') || (b[1] == 'M' && b[2] == 'S' && b[3] == 'G' && b[4] == ' ');
	case 'P':
		return b[1] == 'U' && b[2] == 'B' && b[3] == ' ';
	case 'M':
		return b[1] == 'S' && b[2] == 'G' && b[3] == ' ';
	case 0xda: /* Dubbo, whose clients and servers put what many threads say into one call */
		return b[1] == 0xbb;
	case '+': /* a line, which is short */
	case '-':
		return b[1] >= 'A' && b[1] <= 'Z' && b[2] >= 'A' && b[2] <= 'Z';
	case ':':
		return is_digit(b[1]) && (is_digit(b[2]) || b[2] == '\r');
	case '*':
		return is_digit(b[1]) && (b[2] == '\r' ? b[3] == '\n' : is_digit(b[2]) && (is_digit(b[3]) || b[3] == '\r'));
	case '$':
		if (b[1] == '-')
			return b[2] == '1' && b[3] == '\r';
		for (int i = 1; i < 8; i++) {
			if (b[i] == '\r')
				return i > 1 && size + 8 < length;
			if (!is_digit(b[i]))
				return false;
			size = size * 10 + b[i] - '0';
		}
	}
	return false;
}

/* A frame's header that is read apart, as Go's server does, announces what is read next. */
static __always_inline bool begins_head(__u64 from, __u32 length)
{
	__u8 b[BEGINNING] = {};
	if (length == FRAME_HEAD)
		return !bpf_probe_read_user(b, FRAME_HEAD, (void *)from) && is_header_frame(b);
	return !bpf_probe_read_user(b, sizeof(b), (void *)from) && (is_request(b) || is_params(b) || is_frames(b, length) || is_pipeline(b, length));
}

static __always_inline bool begins_message(__u64 from)
{
	union beginning b = {};
	return !bpf_probe_read_user(&b, BEGINNING, (void *)from) && (is_request(b.bytes) || is_answer(b.first) || is_header_frame(b.bytes));
}

/* first_piece is where the bytes of a buffer begin. */
static __always_inline __u64 first_piece(__u64 buffer, __u8 kind)
{
	struct iovec first = { .iov_base = (void *)buffer };
	if (kind == BUFFER_PIECES)
		bpf_probe_read_user(&first, sizeof(first), (void *)buffer);
	return (__u64)first.iov_base;
}

/*
 * head_wanted is how much is taken of a call that moves more than payload_cap, or a frame's header. A function of its own,
 * of plain numbers: the verifier goes through it once, and not on each way that leads here.
 */
__noinline __u32 head_wanted(__u64 socket, __u64 buffer, __u32 how, __u32 seq, __u32 length)
{
	__u8 kind = how, outgoing = how >> 8;
	struct head_key key = { .socket = socket, .outgoing = outgoing };
	__u32 *begin = bpf_map_lookup_elem(&heads, &key), behind = begin ? seq - *begin : PAYLOAD_LIMIT;
	if (kind != BUFFER_NONE && begins_head(first_piece(buffer, kind), length)) {
		if (length < PAYLOAD_LIMIT)
			bpf_map_update_elem(&heads, &key, &seq, BPF_ANY);
		behind = 0;
	}
	__u32 left = behind < PAYLOAD_LIMIT ? PAYLOAD_LIMIT - behind : 0;
	__u32 least = how >> 16 && payload_cap < FRAMES_CAP ? FRAMES_CAP : payload_cap;
	if (left < least)
		left = least;
	return length < left ? length : left;
}

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

/* A value below limit, a power of two, keeps it; the verifier sees the bound. Before Linux 6.2 it follows a
 * comparison also on ways that no value goes, and then knows nothing of the value any more; a mask holds. */
#define BELOW(n, limit)                      \
	({                                   \
		__u64 _n = (n);              \
		asm volatile("" : "+r"(_n)); \
		_n & ((limit) - 1);          \
	})
