/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The system calls that are hooked, and what a call is about. */
#pragma once

#include "arch.h"
#include "counter.h"
#include "goroutine.h"
#include "known.h"
#include "local.h"
#include "pending.h"
#include "scope.h"
#include "socket.h"

enum {
	FLAG_PEEK = 2,          /* MSG_PEEK */
	FLAG_TRUNC = 0x20,      /* MSG_TRUNC: the bytes are dropped unread */
	FLAG_ERRQUEUE = 0x2000, /* MSG_ERRQUEUE: not bytes of the stream */
};

/*
 * Reads are looked at when they have returned, and not before: what they were is in the registers still. Only where the
 * kernel runs every exit (see unseen.h), and the variant has the registers.
 */
volatile const bool reads_at_exit = false;

enum { CALL_NONE, CALL_PLAIN, CALL_PIECES, CALL_MESSAGE, CALL_MESSAGES, CALL_FILE };

/* The parts of a call that the hooks know. */
struct call {
	int kind;
	bool outgoing;
	__u32 nr, fd;
	__u64 arg1, arg2, flags;
	struct task_struct *task; /* that makes it, see current_task */
	struct pt_regs *regs; /* of user space, where a hook is given them */
	__u64 whom; /* of sendto and recvfrom: where the other end's address stands, or will */
};

enum { PORT_DNS = 53 };

/* name_port is the port of an address that a process has in its memory; 0: there is none. */
static __always_inline __u16 name_port(__u64 name)
{
	__u16 head[2] = {}; /* of struct sockaddr_in and sockaddr_in6: family and port */
	if (!name || bpf_probe_read_user(head, sizeof(head), (void *)name))
		return 0;
	return __builtin_bswap16(head[1]);
}

/*
 * may_ask_names reports whether a call on a UDP socket may move datagrams of DNS, as far as its port tells. Who
 * reads on a socket without a peer is told by what was read, see datagram.h.
 */
static __always_inline bool may_ask_names(const struct call *c, const struct peek *s)
{
	if (s->local_port == PORT_DNS || s->remote_port)
		return s->local_port == PORT_DNS || s->remote_port == PORT_DNS;
	if (!c->outgoing || c->kind == CALL_FILE)
		return !c->outgoing && c->kind != CALL_PIECES && (c->kind != CALL_PLAIN || c->whom);
	if (c->kind != CALL_MESSAGE && c->kind != CALL_MESSAGES)
		return name_port(c->whom) == PORT_DNS;
	struct user_msghdr m = {};
	bpf_probe_read_user(&m, sizeof(m), (void *)c->arg1);
	return name_port((__u64)m.msg_name) == PORT_DNS;
}

static __always_inline int kind_of(long nr, bool *outgoing)
{
	switch (nr) {
	case NR_READ:
	case NR_RECVFROM:
		return CALL_PLAIN;
	case NR_READV:
		return CALL_PIECES;
	case NR_RECVMSG:
		return CALL_MESSAGE;
	case NR_RECVMMSG:
		return CALL_MESSAGES;
	}
	*outgoing = true;
	switch (nr) {
	case NR_WRITE:
	case NR_SENDTO:
		return CALL_PLAIN;
	case NR_WRITEV:
		return CALL_PIECES;
	case NR_SENDMSG:
		return CALL_MESSAGE;
	case NR_SENDMMSG:
		return CALL_MESSAGES;
	case NR_SENDFILE:
		return CALL_FILE;
	}
	return CALL_NONE;
}

/* at_exit reports whether nothing of a call is looked at when it enters. */
static __always_inline bool at_exit(const struct call *c)
{
	return reads_at_exit && !c->outgoing && c->kind != CALL_NONE && c->kind != CALL_MESSAGES;
}

/* The flags of calls that may leave bytes in the socket; other calls have none. */
static __always_inline __u64 flags_of(long nr, __u64 arg2, __u64 arg3)
{
	if (nr == NR_RECVFROM || nr == NR_RECVMMSG)
		return arg3;
	return nr == NR_RECVMSG ? arg2 : 0;
}

/* The argument that has it; other calls have none. */
static __always_inline __u64 name_of(long nr, __u64 arg4)
{
	return nr == NR_RECVFROM || nr == NR_SENDTO ? arg4 : 0;
}

/* look finds out which socket a call is on, and what is known of who makes it; NULL if it is none of ours. own: see known. */
static __always_inline struct known *look(const struct call *c, struct peek *s, struct known *own)
{
	if (!socket_of(c->task, c->fd, s))
		return NULL;
	bool local = s->family == FAMILY_LOCAL, datagram = s->protocol == PROTOCOL_UDP;
	if (datagram && !may_ask_names(c, s))
		return NULL;
	struct known *k = known(pid_tgid(c->task) >> 32, s->netns, own);
	if (!k) {
		if (!local && !datagram)
			count(COUNTER_OTHER_NAMESPACE);
		return NULL;
	}
	if (s->protocol == PROTOCOL_MPTCP) {
		count(COUNTER_MPTCP);
		return NULL;
	}
	if (!c->outgoing && c->flags & (FLAG_PEEK | FLAG_ERRQUEUE)) {
		count(COUNTER_PEEK);
		return NULL;
	}
	if (local && c->kind == CALL_MESSAGES)
		return NULL; /* how many bytes it moves is not known; nobody does so */
	return k;
}

/* describe writes what a call is about: all but its times, its thread's state and what is taken only if it is told that it is known. */
static __always_inline void describe(struct pending *p, const struct call *c, const struct peek *s, const struct known *k)
{
	bool local = s->family == FAMILY_LOCAL, datagram = s->protocol == PROTOCOL_UDP;
	no_marks(p);
	__builtin_memcpy(&p->goid_offset, &k->goid_offset, 4 * sizeof(k->goid_offset));
	p->goroutine = 0;
	p->unknown = k->unknown;
	p->left_out = k->left_out;
	p->local = local ? LOCAL_CALL : 0;
	p->sized = c->kind != CALL_PLAIN || c->arg2;
	p->sk = (__u64)s->sk;
	p->inode = s->inode;
	p->nr = c->nr;
	p->fd = c->fd;
	p->netns = s->netns;
	p->datagram = datagram;
	p->name = c->whom;
	p->seq = c->outgoing ? s->write_seq : s->copied_seq;
	p->other = c->outgoing ? s->copied_seq : s->write_seq;
	p->local_port = s->local_port;
	p->remote_port = s->remote_port;
	p->outgoing = c->outgoing;
	p->ipv6 = s->family == FAMILY_IPV6;
	p->flags = (c->outgoing ? EVENT_OUTGOING : 0) | (s->family == FAMILY_IPV6 ? EVENT_IPV6 : 0) | (local ? EVENT_LOCAL : 0) | (datagram ? EVENT_DATAGRAM : 0);
	p->buffer = c->arg1;
	if (p->left_out) {
		/* the process is */
	} else if (port_left_out(s->local_port) || port_left_out(s->remote_port)) {
		p->left_out = COUNTER_LEFT_OUT_PORT;
	} else if (c->kind == CALL_FILE || (!c->outgoing && c->flags & FLAG_TRUNC)) {
		p->buffer_kind = BUFFER_NONE;
	} else if (c->kind == CALL_PIECES) {
		p->buffer_kind = BUFFER_PIECES;
		p->pieces = c->arg2;
	} else if (datagram && (c->kind == CALL_MESSAGE || c->kind == CALL_MESSAGES)) {
		p->buffer_kind = BUFFER_MESSAGES;
		p->several = c->kind == CALL_MESSAGES;
	} else if (c->kind == CALL_MESSAGE || c->kind == CALL_MESSAGES) {
		struct user_msghdr m = {}; /* also the head of struct mmsghdr: the first message is read */
		bpf_probe_read_user(&m, sizeof(m), (void *)c->arg1);
		p->buffer_kind = BUFFER_PIECES;
		p->buffer = (__u64)m.msg_iov;
		p->pieces = m.msg_iovlen;
		p->several = c->kind == CALL_MESSAGES;
	}
}
