// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//go:build ignore

/*
 * Every call that moves bytes on a TCP socket or an AF_UNIX stream of the chosen network namespaces, or datagrams of DNS: who, when,
 * on which connection, at which place of its byte stream (TCP sequence number), and the
 * first bytes. Two variants of the same code, for the loader to choose from:
 *
 *   tp_btf      two programs on the entry and exit of every system call
 *   tracepoint  programs on the system calls that move bytes on sockets, and no others
 *
 * Nothing here depends on having seen a connection open: all is read from the socket.
 * Calls that moved nothing (EAGAIN, end of stream) and MSG_PEEK are no events. Ends are told by
 * the connection itself, not by close: a descriptor may have duplicates.
 */
#include "vmlinux.h"

#include "arch.h"
#include "call.h"
#include "counter.h"
#include "datagram.h"
#include "end.h"
#include "event.h"
#include "notice.h"
#include "pending.h"
#include "send.h"
#include "unseen.h"
#include <bpf/bpf_tracing.h>

/* The kernel's word for "GPL-2.0 OR BSD-2-Clause": the helpers we call want a GPL licence. */
char LICENSE[] SEC("license") = "Dual BSD/GPL";

const enum mode *mode_in_btf __attribute__((unused));
const struct local_end *local_in_btf __attribute__((unused));
const struct left_alone_set *left_alone_in_btf __attribute__((unused));
const struct event *event_in_btf __attribute__((unused));
const enum counter *counter_in_btf __attribute__((unused));
const enum event_kind *kind_in_btf __attribute__((unused));
const enum event_flag *flag_in_btf __attribute__((unused));
const enum end *end_in_btf __attribute__((unused));

/* A spare comes behind each program of a system call, and does its work where the kernel left it out. */

static __always_inline int on_enter(const struct call *c, bool spare)
{
	struct pending *p = NULL;
	if (may_miss) {
		p = pending_get(c->task);
		if (!p)
			return 0; /* its exit will do */
		if (spare && p->stage == STAGE_ENTERED) {
			p->stage = STAGE_CHECKED;
			return 0;
		}
		exit_unseen(p);
		p->enter_ns = 0;
		p->nr = c->nr;
		p->fd = c->fd;
		p->stage = spare ? STAGE_CHECKED : STAGE_ENTERED;
	}
	struct peek s = {};
	struct known own, *k = look(c, &s, &own);
	if (!k)
		return 0;
	if (!may_miss && !(p = pending_new(c->task))) {
		count(COUNTER_LOST_NO_STATE);
		return 0;
	}
	describe(p, c, &s, k);
	p->skimmed = c->outgoing && skims(p);
	/* Before a write: what it sets going may take its P. Nothing else of a goroutine changes while it writes. */
	if (c->outgoing && p->place_offset && !p->left_out && !p->skimmed)
		goroutine(p, c->regs, spare);
	if (p->local)
		local_enters(p);
	p->enter_ns = bpf_ktime_get_ns();
	return 0;
}

/* late_of is what is known of a call at its return; NULL: nothing is wanted of it. */
static __always_inline struct pending *late_of(const struct call *c, long *ret, __u32 room)
{
	struct record *r = bpf_map_lookup_elem(&records, &room);
	if (!r)
		return NULL;
	return late(c, ret, &r->late) ? &r->late : NULL;
}

static __always_inline int on_exit(const struct call *c, long ret, bool spare)
{
	struct pending *state = NULL, *p = NULL;
	bool is_late = at_exit(c);
	if (!is_late) {
		state = pending_get(c->task);
		if (spare && (!state || state->stage == STAGE_LEFT)) {
			if (state)
				state->stage = STAGE_NONE;
			return 0;
		}
		if (!state || !(may_miss ? same_call(state, ret) : state->enter_ns)) {
			if (may_miss && state)
				exit_unseen(state);
			is_late = may_miss || was_waiting();
		} else if (state->enter_ns && ret > 0) {
			p = state;
		} else if (state->enter_ns && state->local) {
			local_moved_nothing(state, ret);
		}
	}
	if (is_late)
		p = late_of(c, &ret, spare);
	if (p && p->datagram)
		send_datagrams(p, ret, c, spare);
	else if (p) /* once here: a program twice as long is found in the processor's caches less often */
		send(p, ret, c, spare);
	if (state)
		pending_drop(state, spare ? STAGE_NONE : STAGE_LEFT);
	return 0;
}

/* ---- tp_btf: all system calls come by ---- */

static __always_inline void arguments(struct call *c, struct pt_regs *regs)
{
	c->regs = regs;
	c->task = current_task();
	c->fd = regs->REG_ARG0;
	c->arg1 = regs->REG_ARG1;
	c->arg2 = regs->REG_ARG2;
	c->flags = flags_of(c->nr, c->arg2, regs->REG_ARG3);
	c->whom = name_of(c->nr, regs->REG_ARG4);
}

static __always_inline int all_enters(struct pt_regs *regs, long nr, bool spare)
{
	struct call c = { .nr = nr };
	c.kind = kind_of(nr, &c.outgoing);
	if (c.kind == CALL_NONE || at_exit(&c) || REGS_FOREIGN_ABI(regs))
		return 0;
	arguments(&c, regs);
	return on_enter(&c, spare);
}

static __always_inline int all_exits(struct pt_regs *regs, long ret, bool spare)
{
	struct call c = { .nr = regs->REG_NR };
	c.kind = kind_of(c.nr, &c.outgoing);
	if (c.kind == CALL_NONE || (at_exit(&c) && ret <= 0 && !may_end(ret)) || REGS_FOREIGN_ABI(regs))
		return 0;
	arguments(&c, regs);
	return on_exit(&c, ret, spare);
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

#define ENTER(name, suffix, call_kind, is_outgoing, flag_argument, name_argument, spare) \
	SEC("tracepoint/syscalls/sys_enter_" #name)                              \
	int one_enter_##name##suffix(struct trace_event_raw_sys_enter *ctx)      \
	{                                                                        \
		struct call c = {                                                \
			.task = current_task(),                                  \
			.kind = call_kind,                                       \
			.outgoing = is_outgoing,                                 \
			.nr = ctx->id,                                           \
			.fd = ctx->args[0],                                      \
			.arg1 = ctx->args[1],                                    \
			.arg2 = ctx->args[2],                                    \
			.flags = (flag_argument) ? ctx->args[flag_argument] : 0, \
			.whom = (name_argument) ? ctx->args[name_argument] : 0,  \
		};                                                               \
		return on_enter(&c, spare);                                      \
	}
#define ENTERS(name, ...)                 \
	ENTER(name, , __VA_ARGS__, false) \
	ENTER(name, _spare, __VA_ARGS__, true)

ENTERS(read, CALL_PLAIN, false, 0, 0)
ENTERS(recvfrom, CALL_PLAIN, false, 3, 4)
ENTERS(readv, CALL_PIECES, false, 0, 0)
ENTERS(recvmsg, CALL_MESSAGE, false, 2, 0)
ENTERS(recvmmsg, CALL_MESSAGES, false, 3, 0)
ENTERS(write, CALL_PLAIN, true, 0, 0)
ENTERS(sendto, CALL_PLAIN, true, 0, 4)
ENTERS(writev, CALL_PIECES, true, 0, 0)
ENTERS(sendmsg, CALL_MESSAGE, true, 0, 0)
ENTERS(sendmmsg, CALL_MESSAGES, true, 0, 0)
ENTERS(sendfile64, CALL_FILE, true, 0, 0)

/* The loader attaches it to the exit of each call above. */
SEC("tracepoint/syscalls/sys_exit")
int one_exit(struct trace_event_raw_sys_exit *ctx)
{
	struct call c = { .task = current_task() };
	return on_exit(&c, ctx->ret, false);
}

SEC("tracepoint/syscalls/sys_exit")
int one_exit_spare(struct trace_event_raw_sys_exit *ctx)
{
	struct call c = { .task = current_task() };
	return on_exit(&c, ctx->ret, true);
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
