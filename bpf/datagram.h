/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Datagrams of DNS, over UDP. A call may move several (sendmmsg: a resolver asks for both kinds of addresses at once), and
 * a socket need have no peer: then the address stands beside each. Nothing is counted by the kernel, so a datagram has
 * no place in a stream: user space takes one from its bytes.
 */
#pragma once

#include "call.h"
#include "send.h"

enum { DATAGRAMS_READ = 64 };

/* sockaddr_in and sockaddr_in6, as far as they are read. */
struct name4 {
	__u16 family, port;
	__u32 address;
};
struct name6 {
	__u16 family, port;
	__u32 flow;
	__u8 address[16];
};

/* remote_named reads the other end's address that stands beside a datagram; false if there is none. */
static __always_inline bool remote_named(struct event *e, __u64 name)
{
	struct name6 n = {};
	struct name4 *n4 = (void *)&n;
	if (!name || bpf_probe_read_user(&n, sizeof(struct name4), (void *)name))
		return false;
	e->remote_port = __builtin_bswap16(n.port);
	if (n.family == FAMILY_IPV6) {
		bpf_probe_read_user(&n, sizeof(n), (void *)name);
		__builtin_memcpy(e->remote, n.address, sizeof(e->remote));
		return true;
	}
	if (n.family != FAMILY_IPV4)
		return false;
	__u32 address = n4->address;
	__builtin_memset(e->remote, 0, sizeof(e->remote));
	if (e->flags & EVENT_IPV6) { /* ::ffff:a.b.c.d */
		e->remote[10] = e->remote[11] = 0xff;
		*(__u32 *)(e->remote + 12) = address;
	} else {
		*(__u32 *)e->remote = address;
	}
	return true;
}

/* ends_of_datagram fills in both ends; false if it is none of DNS, as far as ports tell. */
static __always_inline bool ends_of_datagram(struct event *e, struct sock *sk, __u64 name)
{
	struct sock_common *c = &sk->__sk_common;
	e->local_port = __builtin_bswap16(BPF_CORE_READ((struct inet_sock *)sk, inet_sport)); /* the first that is sent gives it one */
	if (e->flags & EVENT_IPV6)
		bpf_core_read(e->local, 16, &c->skc_v6_rcv_saddr);
	else
		*(__be32 *)e->local = BPF_CORE_READ(c, skc_rcv_saddr);
	if (!remote_named(e, name)) {
		e->remote_port = __builtin_bswap16(BPF_CORE_READ(c, skc_dport));
		if (e->flags & EVENT_IPV6)
			bpf_core_read(e->remote, 16, &c->skc_v6_daddr);
		else
			*(__be32 *)e->remote = BPF_CORE_READ(c, skc_daddr);
	}
	return e->remote_port && (e->remote_port == PORT_DNS || e->local_port == PORT_DNS);
}

/* How a datagram lies in memory: an enum buffer, and of BUFFER_PIECES how many. */
#define DATAGRAM_HOW(room, kind, number) ((room) | (kind) << 1 | (number) << 4)

/*
 * datagram sends one that was moved: the rest of its event is in the room. A function of its own, of plain numbers: the
 * verifier goes through it once, and not on each way that leads here.
 */
__noinline __u32 datagram(__u64 sk, __u64 at, __u64 name, __u32 how, __u32 length)
{
	__u32 room = how & 1, number = how >> 4;
	__u8 kind = how >> 1 & 7;
	struct record *r = bpf_map_lookup_elem(&records, &room);
	if (!r)
		return 0;
	if (kind == BUFFER_MESSAGES) {
		struct user_msghdr m = {};
		if (bpf_probe_read_user(&m, sizeof(m), (void *)at))
			return 0;
		if (!length) /* of struct mmsghdr: it stands behind the other */
			bpf_probe_read_user(&length, sizeof(length), (void *)(at + sizeof(m)));
		at = (__u64)m.msg_iov;
		number = m.msg_iovlen;
		name = (__u64)m.msg_name;
		kind = BUFFER_PIECES;
	}
	if (!ends_of_datagram(&r->event, (void *)sk, name))
		return 0;
	count(COUNTER_DONE);
	r->event.length = length;
	r->event.flags &= ~EVENT_NO_DATA;
	__u64 captured = 0;
	__u32 wanted = length < payload_cap ? length : payload_cap;
	if (wanted && kind == BUFFER_PIECES)
		captured = pieces(at, number, wanted, room);
	else if (wanted && kind == BUFFER_PLAIN && !(captured = copy_plain(r->payload, PAYLOAD_LIMIT, at, wanted)))
		count(COUNTER_FAULT);
	captured = AT_MOST(captured, PAYLOAD_LIMIT);
	if (!captured)
		r->event.flags |= EVENT_NO_DATA;
	__u64 size = sizeof(r->event) + captured;
	if (!within_share(&r->unlooked, size))
		count(COUNTER_LOST_SHARE);
	else if (bpf_ringbuf_output(&events, &r->event, size, BPF_RB_NO_WAKEUP))
		count(COUNTER_LOST_RING_FULL);
	else
		count(COUNTER_CAPTURED);
	return 1;
}

/* send_datagrams is send of a call that moved datagrams: ret bytes of one, or ret of them. */
static __always_inline void send_datagrams(struct pending *p, long ret, struct pt_regs *regs, __u32 room)
{
	if (p->left_out) {
		count(COUNTER_DONE);
		count(p->left_out);
		return;
	}
	struct record *r = bpf_map_lookup_elem(&records, &room);
	if (!r)
		return;
	if (p->goid_offset && (!p->outgoing || !p->place_offset)) /* else it was looked at before */
		goroutine(p, regs, room);
	fill(&r->event, p, 0, false);
	__u64 sk = 0, at = p->buffer;
	bpf_probe_read_kernel(&sk, sizeof(sk), &p->sk); /* to the verifier a number, not the pointer that it was */
	if (!p->several) {
		datagram(sk, at, p->name, DATAGRAM_HOW(room, p->buffer_kind, p->pieces), ret);
		return;
	}
	for (__u32 i = 0; i < DATAGRAMS_READ; i++) {
		if (i >= ret)
			return;
		datagram(sk, at, 0, DATAGRAM_HOW(room, BUFFER_MESSAGES, 0), 0);
		at += sizeof(struct user_msghdr) + sizeof(__u64); /* struct mmsghdr */
	}
	if (ret > DATAGRAMS_READ)
		count(COUNTER_MANY_DATAGRAMS);
}
