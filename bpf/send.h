/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* From a call that returned to a record of it in the ring. */
#pragma once

#include "call.h"
#include "counter.h"
#include "event.h"
#include "goroutine.h"
#include "local.h"
#include "mode.h"
#include "payload.h"
#include "pending.h"
#include "process.h"
#include "share.h"
#include "socket.h"

/* moved_since is how far the stream went since the call's entry. */
static __always_inline __u32 moved_since(const struct pending *p)
{
	struct tcp_sock *tcp = (void *)p->sk;
	return (p->outgoing ? BPF_CORE_READ(tcp, write_seq) : BPF_CORE_READ(tcp, copied_seq)) - p->seq;
}

/* moved is how many bytes of the stream the call moved. */
static __always_inline __u32 moved(const struct pending *p, long ret)
{
	return p->several ? moved_since(p) : ret;
}

/* What a thread read it could read when it returned: what it has answered by then is to something else. */
static __always_inline __u32 write_seq_of(struct tcp_sock *tcp)
{
	if (typed_reads)
		return AS(struct tcp_sock, tcp)->write_seq;
	return BPF_CORE_READ(tcp, write_seq);
}

/* fill writes all of the event but its addresses and its payload. */
static __always_inline void fill(struct event *e, struct pending *p, struct task_struct *task, __u32 length, bool answers)
{
	__u64 id = pid_tgid(task);
	e->goroutine = p->goroutine;
	e->exit_ns = p->outgoing && answers && p->enter_ns ? p->enter_ns : bpf_ktime_get_ns(); /* an answer ends when its last bytes go out */
	e->enter_ns = p->enter_ns ? p->enter_ns : e->exit_ns; /* the exit's, where nothing was seen of its entry */
	e->socket = p->inode;
	e->pid = id >> 32;
	e->tid = id;
	e->netns = p->netns;
	e->seq = p->seq;
	e->length = length;
	e->other = p->outgoing ? p->other : p->local || p->datagram ? 0 : write_seq_of((void *)p->sk);
	e->local_port = p->local_port;
	e->remote_port = p->remote_port;
	e->goid_offset = p->goid_offset;
	e->kind = EVENT_IO;
	e->flags = p->flags | (p->placed & 1) * EVENT_PLACE | (p->asks & 1) * EVENT_ASKS;
	if (p->placed)
		e->place = p->go;
	else if (p->unknown)
		bpf_get_current_comm(e->comm, sizeof(e->comm));
	else
		e->comm[0] = 0;
}

/*
 * A record is put together here and then copied to the ring, at its own length: so the ring's memory,
 * which is cold, is written once and in order, and there is less of it. One program at a time uses a
 * CPU's room: the kernel lets none run inside itself. A spare, which may, has a room of its own.
 */
struct record {
	__u64 unlooked; /* see within_share */
	struct pending late; /* of a call that is looked at when it has returned: it would take half of what a program has of stack */
	struct event event;
	__u8 payload[2 * PAYLOAD_LIMIT]; /* see piece */
};
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32); /* 1: of a spare */
	__type(value, struct record);
} records SEC(".maps");

enum { NO_PIECE = 0xffffffff };

/*
 * piece adds the memory that a struct iovec names to what is there already of the bytes wanted, and returns how many
 * bytes that were. The room has space for twice PAYLOAD_LIMIT, so that the verifier needs no relation between offset
 * and size. A function of its own, of plain numbers: the verifier goes through it once, and not for each piece.
 */
__noinline __u32 piece(__u64 iovec, __u32 have, __u32 wanted, __u32 room)
{
	struct iovec piece;
	struct record *r = bpf_map_lookup_elem(&records, &room);
	if (!r || have >= wanted || bpf_probe_read_user(&piece, sizeof(piece), (void *)iovec))
		return NO_PIECE;
	__u64 n = piece.iov_len;
	if (n > wanted - have)
		n = wanted - have;
	__u64 at = BELOW(have, PAYLOAD_LIMIT); /* have < wanted <= PAYLOAD_LIMIT */
	n = AT_MOST(n, PAYLOAD_LIMIT);
	if (n && bpf_probe_read_user(r->payload + at, n, piece.iov_base))
		return NO_PIECE;
	return n;
}

/* pieces takes what is wanted of the bytes a call moved by an array of struct iovec into a CPU's room. A function of its own, as head_wanted. */
__noinline __u32 pieces(__u64 array, __u32 number, __u32 wanted, __u32 room)
{
	__u32 have = 0;
	for (__u32 i = 0; i < PIECES_READ; i++) {
		if (i >= number || have >= wanted)
			goto taken;
		__u32 n = piece(array + i * sizeof(struct iovec), have, wanted, room);
		if (n == NO_PIECE)
			goto taken;
		have += n;
	}
	if (have < wanted && number > PIECES_READ)
		count(COUNTER_MANY_PIECES);
taken:
	if (!have)
		count(COUNTER_FAULT);
	return have;
}

static __always_inline void send(struct pending *p, long ret, const struct call *c, __u32 room)
{
	count(COUNTER_DONE);
	if (p->local)
		local_leaves(p, ret);
	if (p->left_out) {
		count(p->left_out);
		return;
	}
	if (p->outgoing ? p->skimmed : skims(p)) {
		count(COUNTER_SKIMMED);
		return;
	}
	__u32 length = moved(p, ret), wanted = length;
	struct record *r = bpf_map_lookup_elem(&records, &room);
	if (!r)
		return;
	if (p->local ? !same_local(p) : !socket_addresses((void *)p->sk, p->local_port, p->remote_port, p->ipv6, r->event.local, r->event.remote)) {
		count(COUNTER_LOST_SOCKET_GONE);
		return;
	}
	if (wanted > payload_cap || wanted == FRAME_HEAD)
		wanted = head_wanted(p->inode, p->buffer, p->buffer_kind | p->outgoing << 8 | framed(p->inode) << 16, p->seq, wanted);
	__u64 captured = 0;
	if (wanted && p->buffer_kind != BUFFER_NONE) {
		if (p->buffer_kind == BUFFER_PIECES)
			captured = pieces(p->buffer, p->pieces, wanted, room);
		else if (!(captured = copy_plain(r->payload, PAYLOAD_LIMIT, p->buffer, wanted)))
			count(COUNTER_FAULT);
		captured = AT_MOST(captured, PAYLOAD_LIMIT);
	}
	/* What changes while a goroutine writes was looked at before. */
	bool answers = captured >= sizeof(__u64) && is_answer(*(__u64 *)r->payload);
	if (p->goid_offset && !(answers && p->goid_offset != BY_CONTEXT) && (!p->outgoing || !p->place_offset))
		goroutine(p, c->regs, room);
	fill(&r->event, p, c->task, length, answers);
	if (!captured)
		r->event.flags |= EVENT_NO_DATA;
	if (p->asks) {
		*(struct before *)(r->payload + captured) = p->before;
		captured += sizeof(p->before);
	}
	if (p->tells) {
		if (!tell_local((struct local_end *)(r->payload + captured), p)) {
			count(COUNTER_LOST_SOCKET_GONE);
			return;
		}
		r->event.flags |= EVENT_ENDS;
		captured += sizeof(struct local_end);
	}
	__u64 size = sizeof(r->event) + captured;
	if (!within_share(&r->unlooked, size))
		count(COUNTER_LOST_SHARE);
	else if (bpf_ringbuf_output(&events, &r->event, size, BPF_RB_NO_WAKEUP))
		count(COUNTER_LOST_RING_FULL);
	else
		count(COUNTER_CAPTURED);
}
