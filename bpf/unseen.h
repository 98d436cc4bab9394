/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Calls of which the hooks saw one end only: those that were under way when the capture began, and those
 * whose hook the kernel left out. It does so where a task is preempted inside of a program (syscall hooks of
 * Linux 7 can be): until that goes on, the same program runs for nobody on that CPU. Tracepoints are
 * left out, too, while a task that was preempted works on a map.
 */
#pragma once

#include "arch.h"
#include "call.h"
#include "counter.h"
#include "datagram.h"
#include "pending.h"
#include "send.h"

/*
 * Threads that waited in a call when the capture began. User space finds them. An entry is used up by the
 * thread's first call of unknown entry, whatever that is: if user space was late, that is no call on a
 * socket of ours, for those have their entry.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64); /* process and thread id */
	__type(value, __u8);
} waiting SEC(".maps");

bool any_waiting; /* spares the look-up when there are none */

static __always_inline bool was_waiting(void)
{
	__u64 id = bpf_get_current_pid_tgid();
	return any_waiting && !bpf_map_delete_elem(&waiting, &id);
}

/* same_call reports whether a state is of the call that returns now, and not of one whose exit was not seen. */
static __always_inline bool same_call(const struct pending *p, long ret)
{
	if (p->stage != STAGE_ENTERED && p->stage != STAGE_CHECKED)
		return false;
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
	if (p->nr != (__u32)BPF_CORE_READ(regs, REG_NR) || p->fd != (__u32)BPF_CORE_READ(regs, REG_ARG0))
		return false;
	if (!p->enter_ns || p->several || p->local || p->datagram || ret <= 0)
		return true;
	__u32 beyond = moved_since(p) - ret; /* 1: with the last bytes it took the FIN */
	return !beyond || (beyond == 1 && !p->outgoing);
}

/* exit_unseen counts the call of a state that nobody has used: lost, if it moved bytes. */
static __always_inline void exit_unseen(const struct pending *p)
{
	if (p->enter_ns && p->local)
		local_moved_nothing((struct pending *)p, 1);
	else if (p->enter_ns && !p->left_out && !p->datagram && moved_since(p)) /* of datagrams nobody knows */
		count(COUNTER_LOST_UNSEEN);
}

/* has_fin reports whether the last byte that was read of a socket's stream is the other side's FIN. */
static __always_inline bool has_fin(struct sock *sk)
{
	enum { DONE = 1 << 1 }; /* SOCK_DONE (include/net/sock.h): a FIN has come, whatever became of the connection since */
	struct tcp_sock *tcp = (void *)sk;
	if (typed_reads)
		return AS(struct sock, sk)->__sk_common.skc_flags & DONE && AS(struct tcp_sock, sk)->copied_seq == AS(struct tcp_sock, sk)->rcv_nxt;
	return BPF_CORE_READ(sk, __sk_common.skc_flags) & DONE && BPF_CORE_READ(tcp, copied_seq) == BPF_CORE_READ(tcp, rcv_nxt);
}

/* returned finds out which call it is that returns to user space; false if it is none that is hooked. */
static __always_inline bool returned(struct call *c)
{
	if (!user_registers)
		return false;
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
	c->nr = BPF_CORE_READ(regs, REG_NR);
	c->fd = BPF_CORE_READ(regs, REG_ARG0);
	c->arg1 = BPF_CORE_READ(regs, REG_ARG1);
	c->arg2 = BPF_CORE_READ(regs, REG_ARG2);
	c->kind = kind_of(c->nr, &c->outgoing);
	c->flags = flags_of(c->nr, c->arg2, BPF_CORE_READ(regs, REG_ARG3));
	c->whom = name_of(c->nr, BPF_CORE_READ(regs, REG_ARG4));
	return c->kind != CALL_NONE && !REGS_FOREIGN_ABI_PROBED(regs);
}

/*
 * late fills in a call whose entry was not seen, and reports whether it is one to send: what it was is in the registers
 * still, and its place in the stream is told by what it has moved. known is the call, if it is known already. Its entry's
 * time is not known: that of its exit stands for it. ret becomes how many bytes it moved.
 */
static __always_inline bool late(const struct call *known, long *ret, struct pending *p)
{
	struct call c = *known;
	bool ends = at_exit(&c) && may_end(*ret);
	if ((*ret <= 0 && !ends) || (c.kind == CALL_NONE && !returned(&c)))
		return false;
	struct peek s = {};
	struct known own, *k = look(&c, &s, &own);
	if (!k)
		return false;
	describe(p, &c, &s, k);
	p->enter_ns = 0;
	if (ends) {
		if (p->local)
			local_moved_nothing(p, *ret);
		return false;
	}
	if (!at_exit(&c) && !p->datagram)
		count(COUNTER_LATE);
	if (c.kind == CALL_MESSAGES && !p->datagram) { /* how many bytes stands behind each message; of one we look there */
		__u32 moved = 0;
		bpf_probe_read_user(&moved, sizeof(moved), (void *)(c.arg1 + sizeof(struct user_msghdr)));
		if (*ret > 1 || !moved) {
			count(COUNTER_LOST_UNSEEN);
			return false;
		}
		p->several = false;
		*ret = moved;
	}
	p->skimmed = c.outgoing && skims(p);
	if (c.outgoing)
		p->place_offset = 0; /* after a write its P may be at another slice */
	if (!p->local && !p->datagram)
		p->seq -= *ret + (!c.outgoing && has_fin((void *)p->sk));
	p->other = 0; /* what was sent may be answered by now */
	return true;
}
