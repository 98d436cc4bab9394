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
#include "call.h"
#include "counter.h"
#include "end.h"
#include "event.h"
#include "notice.h"
#include "pending.h"
#include "send.h"
#include <bpf/bpf_tracing.h>

/* The kernel's word for "GPL-2.0 OR BSD-2-Clause": the helpers we call want a GPL licence. */
char LICENSE[] SEC("license") = "Dual BSD/GPL";

const struct event *event_in_btf __attribute__((unused));
const enum counter *counter_in_btf __attribute__((unused));
const enum event_kind *kind_in_btf __attribute__((unused));
const enum event_flag *flag_in_btf __attribute__((unused));
const enum end *end_in_btf __attribute__((unused));

/*
 * Where a task can be preempted inside of a program (Linux 7), the kernel leaves the same program out for
 * others on that CPU until the task goes on. A spare comes behind each and does its work if it was left out.
 */
static __always_inline bool first_ran(void)
{
	struct pending *p = pending_get();
	if (!p || !p->enter_ns || p->checked)
		return false;
	p->checked = true;
	return true;
}

static __always_inline int on_enter(const struct call *c, bool spare)
{
	if (spare && first_ran())
		return 0;
	struct pending p = { .checked = spare };
	if (!look(current_task(), c, &p))
		return 0;
	p.enter_ns = bpf_ktime_get_ns();
	if (!pending_put(&p))
		count(COUNTER_LOST_NO_STATE);
	return 0;
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
	send(&p, ret, 0);
}

static __always_inline int on_exit(long ret, bool spare)
{
	struct pending *p = pending_get();
	if (!p || !p->enter_ns) {
		if (any_waiting && !spare)
			waited(ret);
		return 0;
	}
	if (ret > 0)
		send(p, ret, spare);
	pending_drop(p);
	return 0;
}

/* ---- tp_btf: all system calls come by ---- */

static __always_inline int all_enters(struct pt_regs *regs, long nr, bool spare)
{
	struct call c = {};
	c.kind = kind_of(nr, &c.outgoing);
	if (c.kind == CALL_NONE || REGS_FOREIGN_ABI(regs))
		return 0;
	c.fd = regs->REG_ARG0;
	c.arg1 = regs->REG_ARG1;
	c.arg2 = regs->REG_ARG2;
	c.flags = flags_of(nr, c.arg2, regs->REG_ARG3);
	return on_enter(&c, spare);
}

static __always_inline int all_exits(struct pt_regs *regs, long ret, bool spare)
{
	bool outgoing;
	int kind = kind_of(regs->REG_NR, &outgoing);
	if (kind == CALL_NONE)
		return 0;
	return on_exit(ret, spare);
}

SEC("tp_btf/sys_enter")
int BPF_PROG(all_enter, struct pt_regs *regs, long nr)
{
	return all_enters(regs, nr, false);
}

SEC("tp_btf/sys_enter")
int BPF_PROG(all_enter_spare, struct pt_regs *regs, long nr)
{
	return all_enters(regs, nr, true);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(all_exit, struct pt_regs *regs, long ret)
{
	return all_exits(regs, ret, false);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(all_exit_spare, struct pt_regs *regs, long ret)
{
	return all_exits(regs, ret, true);
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
		return on_enter(&c, false);                                      \
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
	return on_exit(ctx->ret, false);
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
