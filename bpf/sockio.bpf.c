// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//go:build ignore

/*
 * Every call that moves bytes on a TCP socket of the chosen network namespaces: who, when,
 * on which connection, at which place of its byte stream (TCP sequence number), and the
 * first bytes. Two variants of the same code, for the loader to choose from:
 *
 *   tp_btf      two programs on the entry and exit of every system call
 *   tracepoint  programs on the system calls that move bytes on sockets, and no others
 *
 * Nothing here depends on having seen a connection open: all is read from the socket.
 * The sequence number is read at ENTRY: at exit a read that also took the FIN is one off.
 * Calls that moved nothing (EAGAIN, end of stream) and MSG_PEEK are no events. Ends are told by
 * the connection itself, not by close: a descriptor may have duplicates.
 */
#include "vmlinux.h"

#include "arch.h"
#include "counter.h"
#include "event.h"
#include "payload.h"
#include "pending.h"
#include "process.h"
#include "share.h"
#include "socket.h"
#include <bpf/bpf_tracing.h>

/* The kernel's word for "GPL-2.0 OR BSD-2-Clause": the helpers we call want a GPL licence. */
char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32); /* inode number */
	__type(value, __u8);
} namespaces SEC(".maps");

/* A bit for each port whose connections are left out. */
__u64 left_out_ports[1024];

const struct event *event_in_btf __attribute__((unused));
const enum counter *counter_in_btf __attribute__((unused));
const enum event_kind *kind_in_btf __attribute__((unused));
const enum event_flag *flag_in_btf __attribute__((unused));
const enum end *end_in_btf __attribute__((unused));

enum {
	FLAG_PEEK = 2,          /* MSG_PEEK */
	FLAG_TRUNC = 0x20,      /* MSG_TRUNC: the bytes are dropped unread */
	FLAG_ERRQUEUE = 0x2000, /* MSG_ERRQUEUE: not bytes of the stream */
};

enum { CALL_NONE, CALL_PLAIN, CALL_PIECES, CALL_MESSAGE, CALL_MESSAGES, CALL_FILE };

/* The parts of a call that the hooks know. */
struct call {
	int kind;
	bool outgoing;
	__u32 fd;
	__u64 arg1, arg2, flags;
};

static __always_inline bool port_left_out(__u16 port)
{
	return left_out_ports[port >> 6] >> (port & 63) & 1;
}

/* notice tells user space of a process or a connection that ends. */
static __always_inline void notice(__u8 kind, __u64 socket, __u32 netns, __u32 how)
{
	struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	if (!e) {
		count(COUNTER_NOTICE_LOST);
		return;
	}
	__u64 id = bpf_get_current_pid_tgid();
	__builtin_memset(e, 0, sizeof(*e));
	e->enter_ns = e->exit_ns = bpf_ktime_get_ns();
	e->socket = socket;
	e->pid = id >> 32;
	e->tid = id;
	e->netns = netns;
	e->length = how;
	e->kind = kind;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	bpf_ringbuf_submit(e, BPF_RB_NO_WAKEUP);
}

static __always_inline __u32 namespace_of(struct task_struct *task)
{
	if (typed_reads) {
		struct nsproxy *proxy = AS(struct task_struct, task)->nsproxy;
		return proxy ? proxy->net_ns->ns.inum : 0;
	}
	return BPF_CORE_READ(task, nsproxy, net_ns, ns.inum);
}

/* A process that runs another program has other goroutines, or none. */
static __always_inline int process_exec(void)
{
	struct task_struct *task = current_task();
	__u32 tgid = bpf_get_current_pid_tgid() >> 32, netns = namespace_of(task);
	struct process *process = bpf_map_lookup_elem(&processes, &tgid);
	if (process && process->left_out)
		return 0;
	if (process)
		bpf_map_delete_elem(&processes, &tgid);
	if (process || bpf_map_lookup_elem(&namespaces, &netns))
		notice(EVENT_EXEC, 0, netns, 0);
	return 0;
}

static __always_inline int process_exit(void)
{
	struct task_struct *task = current_task();
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	if (!bpf_map_lookup_elem(&processes, &tgid) || BPF_CORE_READ(task, signal, live.counter) > 0)
		return 0;
	bpf_map_delete_elem(&processes, &tgid);
	notice(EVENT_EXIT, 0, 0, 0);
	return 0;
}

/* States of a TCP connection (include/net/tcp_states.h), and of sk_shutdown. */
enum {
	STATE_ESTABLISHED = 1, STATE_FIN_WAIT1 = 4, STATE_FIN_WAIT2 = 5, STATE_CLOSE = 7, STATE_CLOSE_WAIT = 8, STATE_LAST_ACK = 9,
	SHUTDOWN_BOTH = 3,
};

/* end_of says how a change of state ends a connection; 0: it does not, or nobody sent anything on it. */
static __always_inline __u32 end_of(struct sock *sk, int before, int after)
{
	if (after == STATE_CLOSE_WAIT)
		return END_RECEIVED;
	if (after == STATE_FIN_WAIT1 || after == STATE_LAST_ACK)
		return BPF_CORE_READ(sk, sk_shutdown) == SHUTDOWN_BOTH ? END_CLOSED : END_SENT;
	if (after != STATE_CLOSE)
		return 0;
	if (before == STATE_ESTABLISHED || before == STATE_CLOSE_WAIT || before == STATE_FIN_WAIT1)
		return END_RESET;
	return before >= STATE_FIN_WAIT2 ? END_CLOSED : 0;
}

/* socket_state may run for any task, or for none. */
static __always_inline int socket_state(struct sock *sk, int before, int after)
{
	if (after != STATE_FIN_WAIT1 && after != STATE_CLOSE_WAIT && after != STATE_LAST_ACK && after != STATE_CLOSE)
		return 0;
	__u32 netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	if (!bpf_map_lookup_elem(&namespaces, &netns) || BPF_CORE_READ(sk, sk_protocol) != PROTOCOL_TCP)
		return 0;
	struct inet_sock *inet = (void *)sk;
	__u16 local = __builtin_bswap16(BPF_CORE_READ(inet, inet_sport)), remote = __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_dport));
	if (!remote || port_left_out(local) || port_left_out(remote))
		return 0;
	__u64 inode = BPF_CORE_READ(sk, sk_socket, file, f_inode, i_ino); /* 0: nobody has it, or has it yet */
	__u32 how = end_of(sk, before, after);
	if (inode && how)
		notice(EVENT_END, inode, netns, how);
	return 0;
}

/* look finds out what a call is about; false if it is none of ours. */
static __always_inline bool look(struct task_struct *task, const struct call *c, struct pending *p)
{
	struct peek s = {};
	if (!socket_of(task, c->fd, &s))
		return false;
	if (!bpf_map_lookup_elem(&namespaces, &s.netns)) {
		count(COUNTER_OTHER_NAMESPACE);
		return false;
	}
	if (s.protocol == PROTOCOL_MPTCP) {
		count(COUNTER_MPTCP);
		return false;
	}
	if (!c->outgoing && c->flags & (FLAG_PEEK | FLAG_ERRQUEUE)) {
		count(COUNTER_PEEK);
		return false;
	}
	p->sk = (__u64)s.sk;
	p->inode = s.inode;
	p->netns = s.netns;
	p->seq = c->outgoing ? s.write_seq : s.copied_seq;
	p->local_port = s.local_port;
	p->remote_port = s.remote_port;
	p->outgoing = c->outgoing;
	p->ipv6 = s.family == FAMILY_IPV6;
	p->buffer = c->arg1;
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct process *process = bpf_map_lookup_elem(&processes, &tgid);
	p->unknown = !process;
	p->goid_offset = process ? process->goid_offset : usual_goid_offset;
	if (process && process->left_out) {
		p->left_out = COUNTER_LEFT_OUT_PROCESS;
	} else if (port_left_out(s.local_port) || port_left_out(s.remote_port)) {
		p->left_out = COUNTER_LEFT_OUT_PORT;
	} else if (c->kind == CALL_FILE || (!c->outgoing && c->flags & FLAG_TRUNC)) {
		p->buffer_kind = BUFFER_NONE;
	} else if (c->kind == CALL_PIECES) {
		p->buffer_kind = BUFFER_PIECES;
		p->pieces = c->arg2;
	} else if (c->kind == CALL_MESSAGE || c->kind == CALL_MESSAGES) {
		struct user_msghdr m = {}; /* also the head of struct mmsghdr: the first message is read */
		bpf_probe_read_user(&m, sizeof(m), (void *)c->arg1);
		p->buffer_kind = BUFFER_PIECES;
		p->buffer = (__u64)m.msg_iov;
		p->pieces = m.msg_iovlen;
		p->several = c->kind == CALL_MESSAGES;
	}
	return true;
}

static __always_inline int on_enter(const struct call *c)
{
	struct pending p = {};
	if (!look(current_task(), c, &p))
		return 0;
	p.enter_ns = bpf_ktime_get_ns();
	if (!pending_put(&p))
		count(COUNTER_LOST_NO_STATE);
	return 0;
}

/* moved is how many bytes of the stream the call moved. */
static __always_inline __u32 moved(const struct pending *p, long ret)
{
	if (!p->several)
		return ret;
	struct tcp_sock *tcp = (void *)p->sk;
	return (p->outgoing ? BPF_CORE_READ(tcp, write_seq) : BPF_CORE_READ(tcp, copied_seq)) - p->seq;
}

/* fill writes all of the event but its payload; false if it must not be sent. */
static __always_inline bool fill(struct event *e, const struct pending *p, long ret)
{
	if (!socket_addresses((void *)p->sk, p->local_port, p->remote_port, p->ipv6, e->local, e->remote)) {
		count(COUNTER_LOST_SOCKET_GONE);
		return false;
	}
	__u64 id = bpf_get_current_pid_tgid();
	e->enter_ns = p->enter_ns;
	e->exit_ns = bpf_ktime_get_ns();
	e->socket = p->inode;
	e->goroutine = goroutine_of(p->goid_offset);
	e->pid = id >> 32;
	e->tid = id;
	e->netns = p->netns;
	e->seq = p->seq;
	e->length = moved(p, ret);
	e->captured = 0;
	e->local_port = p->local_port;
	e->remote_port = p->remote_port;
	e->goid_offset = p->goid_offset;
	e->kind = EVENT_IO;
	e->flags = (p->outgoing ? EVENT_OUTGOING : 0) | (p->ipv6 ? EVENT_IPV6 : 0);
	if (p->unknown)
		bpf_get_current_comm(e->comm, sizeof(e->comm));
	else
		e->comm[0] = 0; /* user space has it */
	return true;
}

static __always_inline void submit(struct event *e)
{
	if (!e->captured)
		e->flags |= EVENT_NO_DATA;
	count(COUNTER_CAPTURED);
	bpf_ringbuf_submit(e, BPF_RB_NO_WAKEUP);
}

/* A record's size must be a constant, so there are a few sizes. */
#define SEND_PLAIN(room)                                                                          \
	do {                                                                                      \
		if (!within_share(sizeof(*e) + (room))) {                                \
			count(COUNTER_LOST_SHARE);                                                \
			break;                                                                    \
		}                                                                                 \
		e = bpf_ringbuf_reserve(&events, sizeof(*e) + (room), 0);                         \
		if (!e) {                                                                         \
			count(COUNTER_LOST_RING_FULL);                                            \
		} else if (!fill(e, p, ret)) {                                              \
			bpf_ringbuf_discard(e, BPF_RB_NO_WAKEUP);                                 \
		} else {                                                                          \
			if ((room) && wanted && !(e->captured = copy_plain((__u8 *)(e + 1), room, p->buffer, wanted))) \
				count(COUNTER_FAULT);                                             \
			submit(e);                                                                \
		}                                                                                 \
	} while (0)

#define SEND_PIECES(room)                                                                         \
	do {                                                                                      \
		if (!within_share(sizeof(*e) + 2 * (room))) {                            \
			count(COUNTER_LOST_SHARE);                                                \
			break;                                                                    \
		}                                                                                 \
		e = bpf_ringbuf_reserve(&events, sizeof(*e) + 2 * (room), 0);                     \
		if (!e) {                                                                         \
			count(COUNTER_LOST_RING_FULL);                                            \
		} else if (!fill(e, p, ret)) {                                              \
			bpf_ringbuf_discard(e, BPF_RB_NO_WAKEUP);                                 \
		} else {                                                                          \
			bool more = false;                                                        \
			e->captured = copy_pieces((__u8 *)(e + 1), room, p, wanted, &more);       \
			if (more)                                                                 \
				count(COUNTER_MANY_PIECES);                                       \
			else if (wanted && !e->captured)                                          \
				count(COUNTER_FAULT);                                             \
			submit(e);                                                                \
		}                                                                                 \
	} while (0)

static __always_inline void send(const struct pending *p, long ret)
{
	count(COUNTER_DONE);
	if (p->left_out) {
		count(p->left_out);
		return;
	}
	struct event *e;
	__u32 wanted = moved(p, ret);
	if (wanted > payload_cap)
		wanted = head_wanted(p->inode, p->buffer, p->buffer_kind | p->outgoing << 8, p->seq, wanted);
	if (wanted > PAYLOAD_LIMIT)
		wanted = PAYLOAD_LIMIT;
	if (p->buffer_kind == BUFFER_NONE) {
		wanted = 0;
		SEND_PLAIN(0);
	} else if (p->buffer_kind == BUFFER_PIECES) {
		if (wanted <= 1024)
			SEND_PIECES(1024);
		else
			SEND_PIECES(PAYLOAD_LIMIT);
	} else if (wanted <= 64) {
		SEND_PLAIN(64);
	} else if (wanted <= 512) {
		SEND_PLAIN(512);
	} else if (wanted <= 1024) {
		SEND_PLAIN(1024);
	} else if (wanted <= 2048) {
		SEND_PLAIN(2048);
	} else {
		SEND_PLAIN(PAYLOAD_LIMIT);
	}
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

/* The flags of calls that may leave bytes in the socket; other calls have none. */
static __always_inline __u64 flags_of(long nr, __u64 arg2, __u64 arg3)
{
	if (nr == NR_RECVFROM || nr == NR_RECVMMSG)
		return arg3;
	return nr == NR_RECVMSG ? arg2 : 0;
}

/*
 * Threads that waited in a call when the capture began: its entry was not seen, so the
 * place in the stream is told by what the call has moved. User space finds the threads.
 * An entry is used up by the thread's first call of unknown entry, whatever that is: if
 * user space was late, that is no call on a socket of ours, for those have their entry.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64); /* process and thread id */
	__type(value, __u8);
} waiting SEC(".maps");

bool any_waiting; /* spares the look-up when there are none */

static __always_inline void waited(long ret)
{
	__u64 id = bpf_get_current_pid_tgid();
	if (!user_registers || bpf_map_delete_elem(&waiting, &id) || ret <= 0)
		return;
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
	long nr = BPF_CORE_READ(regs, REG_NR);
	struct call c = {
		.fd = BPF_CORE_READ(regs, REG_ARG0),
		.arg1 = BPF_CORE_READ(regs, REG_ARG1),
		.arg2 = BPF_CORE_READ(regs, REG_ARG2),
	};
	c.kind = kind_of(nr, &c.outgoing);
	c.flags = flags_of(nr, c.arg2, BPF_CORE_READ(regs, REG_ARG3));
	if (c.kind == CALL_NONE || c.kind == CALL_MESSAGES)
		return;
	struct pending p = {};
	if (!look(current_task(), &c, &p))
		return;
	p.seq -= ret;
	p.enter_ns = bpf_ktime_get_ns();
	send(&p, ret);
}

static __always_inline int on_exit(long ret)
{
	struct pending *p = pending_get();
	if (!p || !p->enter_ns) {
		if (any_waiting)
			waited(ret);
		return 0;
	}
	if (ret > 0)
		send(p, ret);
	pending_drop(p);
	return 0;
}

/* ---- tp_btf: all system calls come by ---- */

SEC("tp_btf/sys_enter")
int BPF_PROG(all_enter, struct pt_regs *regs, long nr)
{
	struct call c = {};
	c.kind = kind_of(nr, &c.outgoing);
	if (c.kind == CALL_NONE || REGS_FOREIGN_ABI(regs))
		return 0;
	c.fd = regs->REG_ARG0;
	c.arg1 = regs->REG_ARG1;
	c.arg2 = regs->REG_ARG2;
	c.flags = flags_of(nr, c.arg2, regs->REG_ARG3);
	return on_enter(&c);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(all_exit, struct pt_regs *regs, long ret)
{
	bool outgoing;
	int kind = kind_of(regs->REG_NR, &outgoing);
	if (kind == CALL_NONE)
		return 0;
	return on_exit(ret);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(all_process_exec)
{
	return process_exec();
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(all_process_exit)
{
	return process_exit();
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(all_state, struct sock *sk, int before, int after)
{
	return socket_state(sk, before, after);
}

/* ---- tracepoint: a program on the entry of each system call, one on all their exits ---- */

#define ENTER(name, call_kind, is_outgoing, flag_argument)                       \
	SEC("tracepoint/syscalls/sys_enter_" #name)                              \
	int one_enter_##name(struct trace_event_raw_sys_enter *ctx)              \
	{                                                                        \
		struct call c = {                                                \
			.kind = call_kind,                                       \
			.outgoing = is_outgoing,                                 \
			.fd = ctx->args[0],                                      \
			.arg1 = ctx->args[1],                                    \
			.arg2 = ctx->args[2],                                    \
			.flags = (flag_argument) ? ctx->args[flag_argument] : 0, \
		};                                                               \
		return on_enter(&c);                                             \
	}

ENTER(read, CALL_PLAIN, false, 0)
ENTER(recvfrom, CALL_PLAIN, false, 3)
ENTER(readv, CALL_PIECES, false, 0)
ENTER(recvmsg, CALL_MESSAGE, false, 2)
ENTER(recvmmsg, CALL_MESSAGES, false, 3)
ENTER(write, CALL_PLAIN, true, 0)
ENTER(sendto, CALL_PLAIN, true, 0)
ENTER(writev, CALL_PIECES, true, 0)
ENTER(sendmsg, CALL_MESSAGE, true, 0)
ENTER(sendmmsg, CALL_MESSAGES, true, 0)
ENTER(sendfile64, CALL_FILE, true, 0)

/* The loader attaches it to the exit of each call above. */
SEC("tracepoint/syscalls/sys_exit")
int one_exit(struct trace_event_raw_sys_exit *ctx)
{
	return on_exit(ctx->ret);
}

SEC("tracepoint/sched/sched_process_exec")
int one_process_exec(void *ctx)
{
	return process_exec();
}

SEC("tracepoint/sched/sched_process_exit")
int one_process_exit(void *ctx)
{
	return process_exit();
}

SEC("tracepoint/sock/inet_sock_set_state")
int one_state(struct trace_event_raw_inet_sock_set_state *ctx)
{
	return socket_state((void *)ctx->skaddr, ctx->oldstate, ctx->newstate);
}
