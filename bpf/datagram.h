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

/*
 * datagrams are those of a call, in the room behind the payload: what is read there takes none of the 512 bytes of stack that
 * all functions of a program share before Linux 6.13.
 */
struct datagrams {
	__u64 sk, at, name; /* name: of the address that stands beside it, 0 for none */
	__u32 kind, length; /* kind: an enum buffer */
	bool several;
	struct user_msghdr header;
	struct iovec first;
	struct name6 address;
};

static __always_inline struct datagrams *datagrams_of(struct record *r)
{
	return (struct datagrams *)(r->payload + PAYLOAD_LIMIT);
}

/* remote_named reads the other end's address that stands beside a datagram; false if there is none. */
static __always_inline bool remote_named(struct event *e, struct datagrams *d)
{
	struct name6 *n = &d->address;
	struct name4 *n4 = (void *)n;
	if (!d->name || bpf_probe_read_user(n4, sizeof(*n4), (void *)d->name))
		return false;
	e->remote_port = __builtin_bswap16(n->port);
	if (n->family == FAMILY_IPV6) {
		bpf_probe_read_user(n, sizeof(*n), (void *)d->name);
		__builtin_memcpy(e->remote, n->address, sizeof(e->remote));
		return true;
	}
	if (n->family != FAMILY_IPV4)
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
static __always_inline bool ends_of_datagram(struct event *e, struct datagrams *d)
{
	struct sock *sk = (void *)d->sk;
	struct sock_common *c = &sk->__sk_common;
	e->local_port = __builtin_bswap16(BPF_CORE_READ((struct inet_sock *)sk, inet_sport)); /* the first that is sent gives it one */
	if (e->flags & EVENT_IPV6)
		bpf_core_read(e->local, 16, &c->skc_v6_rcv_saddr);
	else
		*(__be32 *)e->local = BPF_CORE_READ(c, skc_rcv_saddr);
	if (!remote_named(e, d)) {
		e->remote_port = __builtin_bswap16(BPF_CORE_READ(c, skc_dport));
		if (e->flags & EVENT_IPV6)
			bpf_core_read(e->remote, 16, &c->skc_v6_daddr);
		else
			*(__be32 *)e->remote = BPF_CORE_READ(c, skc_daddr);
	}
	return e->remote_port && (e->remote_port == PORT_DNS || e->local_port == PORT_DNS);
}

/* datagram sends one that was moved: the rest of its event is in the room. Of one in pieces the first is taken. */
static __always_inline void datagram(struct record *r, struct datagrams *d)
{
	__u64 at = d->at;
	__u32 kind = d->kind;
	if (kind == BUFFER_MESSAGES) {
		if (bpf_probe_read_user(&d->header, sizeof(d->header), (void *)at))
			return;
		if (d->several) /* struct mmsghdr: its length stands behind the other */
			bpf_probe_read_user(&d->length, sizeof(d->length), (void *)(at + sizeof(d->header)));
		at = (__u64)d->header.msg_iov;
		d->name = (__u64)d->header.msg_name;
		kind = BUFFER_PIECES;
	}
	if (!ends_of_datagram(&r->event, d))
		return;
	count(COUNTER_DONE);
	r->event.length = d->length;
	r->event.flags &= ~EVENT_NO_DATA;
	__u64 captured = 0;
	__u32 wanted = d->length < payload_cap ? d->length : payload_cap;
	if (wanted && kind == BUFFER_PIECES) {
		d->first.iov_len = 0;
		bpf_probe_read_user(&d->first, sizeof(d->first), (void *)at);
		at = (__u64)d->first.iov_base;
		if (d->first.iov_len < wanted)
			wanted = d->first.iov_len;
	}
	if (wanted && kind != BUFFER_NONE && !(captured = copy_plain(r->payload, PAYLOAD_LIMIT, at, wanted)))
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
}

/*
 * each_datagram sends those of a call: number of them, or one. A function of its own, of plain numbers: the verifier goes
 * through it once, and not on each way that leads here.
 */
__noinline __u32 each_datagram(__u32 room, __u32 number)
{
	struct record *r = bpf_map_lookup_elem(&records, &room);
	if (!r)
		return 0;
	struct datagrams *d = datagrams_of(r);
	for (__u32 i = 0; i < DATAGRAMS_READ && i < number; i++) {
		datagram(r, d);
		d->at += sizeof(struct user_msghdr) + sizeof(__u64); /* struct mmsghdr */
	}
	if (number > DATAGRAMS_READ)
		count(COUNTER_MANY_DATAGRAMS);
	return 1;
}

/* send_datagrams is send of a call that moved datagrams: ret bytes of one, or ret of them. */
static __always_inline void send_datagrams(struct pending *p, long ret, const struct call *c, __u32 room)
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
		goroutine(p, c->regs, room);
	fill(&r->event, p, c->task, 0, false);
	struct datagrams *d = datagrams_of(r);
	bpf_probe_read_kernel(&d->sk, sizeof(d->sk), &p->sk); /* to the verifier a number, not the pointer that it was */
	d->at = p->buffer;
	d->name = p->name;
	d->kind = p->buffer_kind;
	d->several = p->several;
	d->length = ret;
	each_datagram(room, p->several ? ret : 1);
}
