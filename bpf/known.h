/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What the hooks ask of each call on a socket: is its namespace looked at, and what is known of the process. Each CPU
 * keeps its answers for as long as nothing has changed, which spares two look-ups in hash tables.
 */
#pragma once

#include "counter.h"
#include "pending.h"
#include "process.h"
#include "scope.h"

/* An answer. */
struct known {
	__u64 changes; /* when it was given: the sum of both numbers below */
	__u32 tgid, netns;
	__u16 goid_offset, place_offset, parent_offset, queue_offset; /* see process.h */
	__u8 watched;  /* the namespace is one of ours */
	__u8 unknown;  /* user space has not looked at the process yet */
	__u8 left_out; /* enum counter, 0: not left out */
	__u8 unused[5];
};

enum { KNOWN = 64 }; /* answers of a CPU, a power of two */

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, KNOWN);
	__type(key, __u32); /* process id, its last bits */
	__type(value, struct known);
} answers SEC(".maps");

/* How often namespaces or processes have changed: by user space, which says so behind each change, and by us. */
__u64 changed_by_user;
__u64 changed_here;

static __always_inline __u64 changes(void)
{
	return *(volatile __u64 *)&changed_by_user + *(volatile __u64 *)&changed_here;
}

/* learn asks anew. */
static __always_inline void learn(struct known *k, __u32 tgid, __u32 netns, __u64 now)
{
	struct process *process = bpf_map_lookup_elem(&processes, &tgid);
	k->changes = now;
	k->tgid = tgid;
	k->netns = netns;
	k->watched = bpf_map_lookup_elem(&namespaces, &netns) != NULL;
	k->unknown = !process;
	k->goid_offset = process ? process->goid_offset : usual_goid_offset;
	k->place_offset = process ? process->place_offset : 0;
	k->parent_offset = process ? process->parent_offset : 0;
	k->queue_offset = process ? process->queue_offset : 0;
	k->left_out = process && process->left_out ? COUNTER_LEFT_OUT_PROCESS : 0;
}

/*
 * known is what is known of a process that makes a call; NULL: the socket's namespace is not looked at. own is room for it: who may
 * be preempted may not share a CPU's.
 */
static __always_inline struct known *known(__u32 tgid, __u32 netns, struct known *own)
{
	__u32 at = tgid & (KNOWN - 1);
	__u64 now = changes(); /* before anything is looked up */
	if (preemptible) {
		learn(own, tgid, netns, now);
		return own->watched ? own : NULL;
	}
	struct known *k = bpf_map_lookup_elem(&answers, &at);
	if (!k)
		return NULL;
	if (k->tgid != tgid || k->netns != netns || k->changes != now)
		learn(k, tgid, netns, now);
	return k->watched ? k : NULL;
}
