/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What user space is told beside calls: processes that run another program, or end. */
#pragma once

#include "counter.h"
#include "event.h"
#include "known.h"
#include "pending.h"
#include "process.h"
#include "scope.h"
#include "share.h"
#include <bpf/bpf_core_read.h>

/* notice_to tells user space of a process or a connection that begins or ends; of a connection its other end, where it is asked for. */
static __always_inline void notice_to(__u8 kind, __u64 socket, __u32 netns, __u32 how, struct sock *sk)
{
	struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	if (!e) {
		count_anywhere(COUNTER_NOTICE_LOST);
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
	if (sk) {
		struct sock_common *c = &sk->__sk_common;
		e->remote_port = __builtin_bswap16(BPF_CORE_READ(c, skc_dport));
		if (BPF_CORE_READ(c, skc_family) == FAMILY_IPV6) {
			e->flags = EVENT_IPV6;
			bpf_core_read(e->remote, 16, &c->skc_v6_daddr);
		} else {
			*(__be32 *)e->remote = BPF_CORE_READ(c, skc_daddr);
		}
	}
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	bpf_ringbuf_submit(e, BPF_RB_NO_WAKEUP);
}

static __always_inline void notice(__u8 kind, __u64 socket, __u32 netns, __u32 how)
{
	notice_to(kind, socket, netns, how, NULL);
}

static __always_inline __u32 namespace_of(struct task_struct *task)
{
	if (typed_reads) {
		struct nsproxy *proxy = AS(struct task_struct, task)->nsproxy;
		return proxy ? proxy->net_ns->ns.inum : 0;
	}
	return BPF_CORE_READ(task, nsproxy, net_ns, ns.inum);
}

static __always_inline void forget(__u32 tgid)
{
	bpf_map_delete_elem(&processes, &tgid);
	__sync_fetch_and_add(&changed_here, 1);
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
		forget(tgid);
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
	forget(tgid);
	notice(EVENT_EXIT, 0, 0, 0);
	return 0;
}
