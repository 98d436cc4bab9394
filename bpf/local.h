/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Streams between programs of one machine: AF_UNIX, SOCK_STREAM, connected to a name. The kernel does not count
 * their bytes. Here they are: each direction from a number by chance on, so that what one end has sent from its
 * place on the other end has received from the same, and two places of two directions are those of one message.
 */
#pragma once

#include "event.h"
#include "known.h"
#include "notice.h"
#include "payload.h"
#include "pending.h"
#include "socket.h"
#include <bpf/bpf_core_read.h>

/* A direction of a connection. */
struct local_stream {
	__u64 sender;   /* inode number: tells a socket from one before it in the same memory; 0: not known */
	__u32 sent, received;
	__u32 writing;  /* calls that write, and have not returned */
	__u32 told[2];  /* when its ends were told by the receiver, and by the sender: see now_told */
	__u32 unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64); /* the sender's struct sock, which lives as long as the receiver's does */
	__type(value, struct local_stream);
} local_streams SEC(".maps");

/* How far a call of such a stream is counted. */
enum { LOCAL_CALL = 1, LOCAL_WRITES = 2 };

static __always_inline struct sock *peer_of(struct sock *sk)
{
	if (!bpf_core_type_exists(struct unix_sock))
		return NULL;
	if (typed_reads)
		return AS(struct unix_sock, sk)->peer;
	return BPF_CORE_READ((struct unix_sock *)sk, peer);
}

/* inode_of is the inode number of a socket; 0: no process has it, or has it yet. */
static __always_inline __u64 inode_of(struct sock *sk)
{
	if (typed_reads) {
		struct socket *socket = AS(struct sock, sk)->sk_socket;
		return socket ? socket->file->f_inode->i_ino : 0;
	}
	return BPF_CORE_READ(sk, sk_socket, file, f_inode, i_ino);
}

static __always_inline bool nothing_waits(struct sock *sk)
{
	if (typed_reads)
		return !AS(struct sock, sk)->sk_receive_queue.qlen;
	return !BPF_CORE_READ(sk, sk_receive_queue.qlen);
}

static __always_inline struct local_stream *local_stream(struct sock *sender, __u64 inode)
{
	__u64 key = (__u64)sender;
	struct local_stream *s = bpf_map_lookup_elem(&local_streams, &key);
	if (s && (!inode || s->sender == inode))
		return s;
	struct local_stream begin = { .sender = inode, .sent = bpf_get_prandom_u32() };
	begin.received = begin.sent;
	bpf_map_update_elem(&local_streams, &key, &begin, s ? BPF_ANY : BPF_NOEXIST); /* else the other end was faster */
	return bpf_map_lookup_elem(&local_streams, &key);
}

/* local_enters is called when a call enters. */
static __always_inline void local_enters(struct pending *p)
{
	if (!p->outgoing)
		return;
	struct local_stream *s = local_stream((void *)p->sk, p->inode);
	if (!s)
		return;
	__sync_fetch_and_add(&s->writing, 1);
	p->local = LOCAL_WRITES;
}

/*
 * now_told is another number every second or so, and when processes have changed; never 0. Both ends of a stream are told
 * once for each, which takes 120 bytes and a quarter of what else a call costs: user space keeps what it was told.
 */
static __always_inline __u32 now_told(void)
{
	return (__u32)(bpf_jiffies64() >> 8 << 1 ^ changes() << 16) | 1;
}

enum { TELLS_SHIFT = 32 };
#define TELLS (1ULL << TELLS_SHIFT) /* beside a place: the ends are to be told */

/* place_told is what local_place says of a call that has moved bytes, or none. */
static __always_inline __u64 place_told(struct local_stream *s, bool outgoing, __u32 place, __u32 moved)
{
	__u32 now = now_told(), *told = outgoing ? &s->told[1] : &s->told[0];
	if (!moved || *told == now)
		return place;
	*told = now;
	return place | TELLS;
}

/*
 * local_place counts the bytes that a call has moved, and says where in its stream they lie, and whether its ends are to be told; how is outgoing, and the call's
 * LOCAL_CALL or LOCAL_WRITES from the second byte on. A function of its own, of plain numbers, as head_wanted: the
 * verifier goes through it once, and not on each way that leads here.
 */
__noinline __u64 local_place(__u64 sk, __u64 inode, __u32 how, __u32 moved)
{
	bool outgoing = how & 0xff;
	struct sock *own = (void *)sk, *sender = outgoing ? own : peer_of(own);
	if (!sender)
		return TELLS;
	struct local_stream *s = local_stream(sender, outgoing ? inode : inode_of(sender));
	if (!s)
		return TELLS;
	if (outgoing) {
		__u32 place = s->sent;
		s->sent = place + moved;
		if (how >> 8 == LOCAL_WRITES)
			__sync_fetch_and_add(&s->writing, -1);
		return place_told(s, true, place, moved);
	}
	/* With nothing under way what was received is what was sent, whatever was not seen before. */
	volatile struct local_stream *now = s;
	__u32 sent = now->sent;
	if (!now->writing && nothing_waits(own) && now->sent == sent)
		s->received = sent - moved;
	__u32 place = s->received;
	s->received = place + moved;
	return place_told(s, false, place, moved);
}

/* local_leaves is called when a call returns; it says where in its stream the bytes lie that were moved. */
static __always_inline void local_leaves(struct pending *p, __u32 moved)
{
	__u64 sk = *(volatile __u64 *)&p->sk; /* from a map: to the verifier a number, not the pointer that it was */
	__u64 place = local_place(sk, p->inode, p->outgoing | p->local << 8, moved);
	p->seq = place;
	p->tells = place >> TELLS_SHIFT;
}

/* may_end reports whether a read that returned this may be the last one of a stream: it has ended, or was reset. */
static __always_inline bool may_end(long ret)
{
	enum { RESET = -104 }; /* ECONNRESET */
	return ret == 0 || ret == RESET;
}

/* local_moved_nothing is local_leaves of a call that moved no byte. With a read of none the other side's end is there. */
static __always_inline void local_moved_nothing(struct pending *p, long ret)
{
	if (p->outgoing)
		local_leaves(p, 0);
	else if (!p->left_out && may_end(ret) && (ret || p->sized))
		notice(EVENT_END, p->inode, p->netns, ret ? END_RESET : END_RECEIVED);
}

/* name_of_end is what a socket is bound to; NULL: to nothing. */
static __always_inline struct unix_address *name_of_end(struct sock *sk)
{
	if (typed_reads)
		return AS(struct unix_sock, sk)->addr;
	return BPF_CORE_READ((struct unix_sock *)sk, addr);
}

static __always_inline __u32 length_of_name(struct unix_address *address)
{
	if (typed_reads)
		return AS(struct unix_address, address)->len;
	return BPF_CORE_READ(address, len);
}

/* same_local reports whether a socket is the one that it was when a call entered. */
static __always_inline bool same_local(const struct pending *p)
{
	return !p->enter_ns || inode_of((void *)p->sk) == p->inode;
}

/* tell_local writes the ends of a stream; false if the socket is another one by now. */
static __always_inline bool tell_local(struct local_end *e, const struct pending *p)
{
	struct sock *own = (void *)p->sk, *peer = peer_of(own);
	if (!bpf_core_type_exists(struct unix_sock) || !peer || inode_of(own) != p->inode)
		return false;
	struct unix_address *address = name_of_end(own);
	e->serves = address != NULL; /* an accepted socket has the name of the one that listens */
	if (!address)
		address = name_of_end(peer);
	e->peer = inode_of(peer);
	__u32 length = address ? length_of_name(address) - sizeof(__u16) : 0;
	length = AT_MOST(length, sizeof(e->path));
	if (length && bpf_probe_read_kernel(e->path, length, (void *)address + bpf_core_field_offset(struct unix_address, name) + sizeof(__u16)))
		length = 0;
	e->length = length;
	return true;
}
