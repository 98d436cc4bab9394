/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * A call of a TLS library, from its entry to a record of the bytes in clear that it took or gave.
 *
 * The kernel may preempt these programs and run them for another thread on the same CPU (uprobes, Linux 5.19): nothing
 * that is in use is kept by CPU. A record is written into the ring where it lies, in one of few sizes.
 */
#pragma once

#include "counter.h"
#include "event.h"
#include "goroutine.h"
#include "mode.h"
#include "notice.h"
#include "payload.h"
#include "pending.h"
#include "process.h"
#include "scope.h"
#include "share.h"
#include "tlsframes.h"

/* Further kinds of events, see event.h. */
enum tls_kind {
	EVENT_TLS = 6,     /* bytes in clear that a process gave to a TLS library, or got of it */
	EVENT_TLS_END = 7, /* a TLS library forgets a connection */
};

/* Whose function was called. */
enum tls_library { LIBRARY_OPENSSL = 1, LIBRARY_GNUTLS = 2, LIBRARY_GO = 3 };

/* User space says of a process that what it says inside of TLS is not taken. */
#define TLS_OFF(process) ((process)->unused2)

/* A call that has entered. */
struct tls_call {
	__u64 connection;  /* the library's object: a number to tell connections of a process apart; 0: no call is under way */
	__u64 buffer;
	__u64 asked;       /* bytes that the caller had, or had room for */
	__u64 length_at;   /* where the library says how many bytes it moved; 0: it returns that */
	__u64 enter_ns;
	/* Of what is written, who writes. Most reads find nothing: of them no more is asked before they have. */
	__u64 goroutine;
	struct place go;
	struct before before;
	__u32 netns, other; /* how much has been read before it is written */
	__u16 goid_offset;
	__u8 outgoing, placed, asks, unknown;
	__u8 library, unused;
};

/*
 * Of C a thread is in one call at a time, of Go a goroutine, which may leave it on another thread. What has called stays in
 * the table for its next call: to look for it there costs a fifth of what it takes to come and go.
 */
struct tls_caller {
	__u64 process;
	__u64 thread; /* thread id, or address of a goroutine */
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 32768);
	__type(key, struct tls_caller);
	__type(value, struct tls_call);
} tls_calls SEC(".maps");

static __always_inline struct tls_call *tls_call_of(__u64 thread)
{
	struct tls_caller key = { .process = bpf_get_current_pid_tgid() >> 32, .thread = thread };
	return bpf_map_lookup_elem(&tls_calls, &key);
}

/* tls_first is tls_call_of of who has not called yet. A function of its own: what it needs of the stack, others need, too. */
__noinline int tls_first(__u64 thread)
{
	struct tls_caller key = { .process = bpf_get_current_pid_tgid() >> 32, .thread = thread };
	struct tls_call none = {};
	return bpf_map_update_elem(&tls_calls, &key, &none, BPF_ANY);
}

/* How many bytes of each direction a connection has moved since it was seen first: places of its streams in clear. */
struct tls_stream {
	__u32 read, written;
	__u32 frames; /* of which direction the frames are followed, by bits: 1 is what is read */
};
struct tls_connection {
	__u64 process;
	__u64 connection;
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct tls_connection);
	__type(value, struct tls_stream);
} tls_streams SEC(".maps");

/* Who uses a CPU's room to read goroutines in: it finds there another one, if it was preempted. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} tls_rooms SEC(".maps");

/* What EVENT_TLS has in place of addresses: connection is the event's socket, seq and other count bytes in clear. */
struct tls_told {
	__u64 asked;
	__u32 captured; /* bytes of payload: the record may be longer */
	__u32 library;  /* an enum tls_library: a process may use several */
	__u32 pieces;   /* of frames behind what was captured, from PIECES_FROM on: struct tls_slot */
	__u32 unused[3];
};

/* tls_mode is the number of a connection in the table of modes. User space makes it the same way. */
static __always_inline __u64 tls_mode(__u64 process, __u64 connection)
{
	return process << 48 ^ connection;
}

static __always_inline struct tls_stream *tls_stream(__u64 process, __u64 connection)
{
	struct tls_connection key = { .process = process, .connection = connection };
	struct tls_stream *s = bpf_map_lookup_elem(&tls_streams, &key), begin = {};
	if (s)
		return s;
	bpf_map_update_elem(&tls_streams, &key, &begin, BPF_NOEXIST);
	return bpf_map_lookup_elem(&tls_streams, &key);
}

/* tls_wanted reports whether a process is one of ours, and fills in what is known of it. */
static __always_inline bool tls_wanted(struct pending *p)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct process *process = bpf_map_lookup_elem(&processes, &tgid);
	if (process && (process->left_out || TLS_OFF(process)))
		return false;
	p->netns = namespace_of(current_task());
	if (!bpf_map_lookup_elem(&namespaces, &p->netns))
		return false;
	p->unknown = !process;
	p->goid_offset = process ? process->goid_offset : usual_goid_offset;
	if (process) {
		p->place_offset = process->place_offset;
		p->parent_offset = process->parent_offset;
		p->queue_offset = process->queue_offset;
	}
	return true;
}

/* tls_goroutine is goroutine, which needs room. Who was preempted knows the id at least, if it is read without. */
static __always_inline void tls_goroutine(struct pending *p)
{
	__u32 zero = 0;
	__u64 *room = bpf_map_lookup_elem(&tls_rooms, &zero), self = bpf_get_current_pid_tgid();
	if (!room || !p->goid_offset)
		return;
	*(volatile __u64 *)room = self;
	/* Of a system call who writes an answer of HTTP is not asked. Here it tells which socket it goes to. */
	if (p->outgoing && beginning_of(p->buffer) == BEGINS_ANSWER)
		p->buffer_kind = BUFFER_NONE;
	goroutine(p, NULL, 0);
	p->buffer_kind = BUFFER_PLAIN;
	if (*(volatile __u64 *)room == self)
		return;
	p->goroutine = 0; /* another thread was here: what was read may be of its */
	p->placed = false;
	p->asks = false;
	p->goid_offset = 0;
	count(COUNTER_LOST_UNSEEN);
}

/* tls_writes takes who writes, where it begins to; false: it is not one of ours. */
static __always_inline bool tls_writes(struct tls_call *c)
{
	struct pending p = { .buffer = c->buffer, .buffer_kind = BUFFER_PLAIN, .outgoing = true };
	if (!tls_wanted(&p))
		return false;
	struct tls_stream *s = tls_stream(bpf_get_current_pid_tgid() >> 32, c->connection);
	c->other = s ? s->read : 0;
	tls_goroutine(&p);
	c->netns = p.netns;
	c->unknown = p.unknown;
	c->goid_offset = p.goid_offset;
	c->goroutine = p.goroutine;
	c->placed = p.placed;
	c->asks = p.asks;
	c->go = p.go;
	c->before = p.before;
	return true;
}

static __always_inline int tls_enter(__u8 library, __u64 thread, __u64 connection, __u64 buffer, __u64 asked, __u64 length_at, bool outgoing)
{
	struct tls_call *c = tls_call_of(thread);
	if (!connection || !buffer)
		return 0;
	if (!c) {
		tls_first(thread);
		c = tls_call_of(thread);
	}
	if (!c) {
		count(COUNTER_LOST_NO_STATE);
		return 0;
	}
	c->connection = connection;
	c->buffer = buffer;
	c->asked = asked;
	c->length_at = length_at;
	c->enter_ns = bpf_ktime_get_ns();
	c->outgoing = outgoing;
	c->library = library;
	if (outgoing && !tls_writes(c))
		c->connection = 0;
	return 0;
}

/* tls_record writes a record with room for size bytes of payload into the ring. */
static __always_inline void tls_record(struct tls_call *c, __u32 length, __u32 seq, __u32 wanted, const __u32 size, __u32 pieces, __u64 mode)
{
	struct room {
		struct event event;
		__u8 payload[];
	} *r = bpf_ringbuf_reserve(&events, sizeof(struct event) + size + sizeof(struct before), 0);
	if (!r) {
		count(COUNTER_LOST_RING_FULL);
		return;
	}
	struct event *e = &r->event;
	struct tls_told *told = (void *)e->local;
	__u64 id = bpf_get_current_pid_tgid();
	__u64 captured = copy_plain(r->payload, size, c->buffer, wanted);
	captured = AT_MOST(captured, size);
	if (!captured)
		count(COUNTER_FAULT);
	*(struct before *)(r->payload + captured) = c->before;
	e->enter_ns = c->enter_ns;
	e->exit_ns = bpf_ktime_get_ns();
	e->socket = c->connection;
	e->goroutine = c->goroutine;
	e->pid = id >> 32;
	e->tid = id;
	e->netns = c->netns;
	e->seq = seq;
	e->length = length;
	e->other = c->other;
	e->local_port = e->remote_port = 0;
	e->goid_offset = c->goid_offset;
	e->kind = EVENT_TLS;
	e->flags = (c->outgoing ? EVENT_OUTGOING : 0) | (c->placed & 1) * EVENT_PLACE | (c->asks & 1) * EVENT_ASKS | (captured ? 0 : EVENT_NO_DATA);
	told->asked = c->asked;
	told->captured = captured;
	told->library = c->library;
	__builtin_memset(e->remote, 0, sizeof(e->remote));
	if (size == PAYLOAD_LIMIT && pieces) {
		struct head_key key = { .socket = mode, .outgoing = c->outgoing };
		struct tls_frames *f = bpf_map_lookup_elem(&tls_frames, &key);
		for (__u32 i = 0; f && i < PIECES_KEPT; i++) {
			struct tls_slot *slot = (void *)(r->payload + PIECES_FROM + i * sizeof(*slot));
			if (i >= pieces)
				break;
			slot->piece = f->pieces[i];
			__u64 n = BELOW(slot->piece.size, 512);
			if (bpf_probe_read_user(slot->data, n, (void *)(c->buffer + slot->piece.offset)))
				break;
			told->pieces = i + 1;
		}
	}
	e->place = c->go;
	if (c->unknown)
		bpf_get_current_comm(e->comm, sizeof(e->comm));
	count(COUNTER_CAPTURED);
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
}

/* A result: all that was asked for. */
#define TLS_ALL (~0ul >> 1)

/* tls_leave ends a call. from is where the bytes lie; 0: in the caller's buffer. */
static __always_inline int tls_leave(__u64 thread, long ret, __u64 from)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct tls_call *kept = tls_call_of(thread);
	if (!kept || !kept->connection)
		return 0;
	struct tls_call c = *kept;
	kept->connection = 0;
	__u64 moved = ret == TLS_ALL ? c.asked : ret;
	if (ret <= 0)
		return 0;
	struct pending p = { .buffer_kind = BUFFER_PLAIN };
	if (!c.outgoing && !tls_wanted(&p))
		return 0;
	if (from)
		c.buffer = from;
	if (c.length_at && bpf_probe_read_user(&moved, sizeof(moved), (void *)c.length_at))
		return 0;
	if (!moved || moved > c.asked)
		return 0;
	count(COUNTER_DONE);
	struct tls_stream *s = tls_stream(tgid, c.connection);
	if (!s) {
		count(COUNTER_LOST_NO_STATE);
		return 0;
	}
	__u32 seq;
	if (c.outgoing) {
		seq = s->written;
		s->written += moved;
	} else {
		seq = s->read;
		s->read += moved;
		c.other = s->written;
	}
	__u64 mode = tls_mode(tgid, c.connection);
	if (is_limited(mode) && skimmed(mode, c.buffer, BUFFER_PLAIN)) {
		count(COUNTER_SKIMMED);
		return 0;
	}
	if (!c.outgoing) {
		p.buffer = c.buffer;
		tls_goroutine(&p);
		c.netns = p.netns;
		c.unknown = p.unknown;
		c.goid_offset = p.goid_offset;
		c.goroutine = p.goroutine;
		c.placed = p.placed;
		c.asks = false;
		c.go = p.go;
	}
	__u32 wanted = moved, pieces = 0, followed = 1 << c.outgoing;
	bool is_framed = framed(mode);
	if (!seq || is_framed || s->frames & followed) {
		pieces = tls_walk(mode, c.buffer, c.outgoing | is_framed << 1, seq, moved);
		s->frames = pieces == WALK_LOST ? s->frames & ~followed : s->frames | followed;
	}
	if (s->frames & followed)
		wanted = moved < FRAMES_CAP ? moved : FRAMES_CAP;
	else if (wanted > payload_cap || wanted == FRAME_HEAD)
		wanted = head_wanted(mode, c.buffer, BUFFER_PLAIN | c.outgoing << 8 | is_framed << 16, seq, wanted);
	__u64 looks = look_again; /* each time: what is counted by CPU would be shared */
	if (!within_share(&looks, sizeof(struct event) + wanted)) {
		count(COUNTER_LOST_SHARE);
		return 0;
	}
	if (wanted <= 256)
		tls_record(&c, moved, seq, wanted, 256, 0, mode);
	else if (wanted <= 1024)
		tls_record(&c, moved, seq, wanted, 1024, 0, mode);
	else
		tls_record(&c, moved, seq, wanted, PAYLOAD_LIMIT, s->frames & followed ? pieces : 0, mode);
	return 0;
}

static __always_inline int tls_forget(__u64 connection)
{
	struct pending p = {};
	struct tls_connection key = { .process = bpf_get_current_pid_tgid() >> 32, .connection = connection };
	if (!bpf_map_lookup_elem(&tls_streams, &key) || !tls_wanted(&p))
		return 0;
	bpf_map_delete_elem(&tls_streams, &key);
	notice(EVENT_TLS_END, connection, p.netns, 0);
	return 0;
}
