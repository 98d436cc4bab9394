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

/* known fills in what is known of a process that makes a call, and reports whether its namespace is looked at. */
static __always_inline bool known(struct pending *p, __u32 tgid, __u32 netns)
{
	__u32 at = tgid & (KNOWN - 1);
	struct known *k = preemptible ? NULL : bpf_map_lookup_elem(&answers, &at); /* who may be preempted may not share */
	__u64 now = changes(); /* before anything is looked up */
	if (k && k->tgid == tgid && k->netns == netns && k->changes == now) {
		p->goid_offset = k->goid_offset;
		p->place_offset = k->place_offset;
		p->parent_offset = k->parent_offset;
		p->queue_offset = k->queue_offset;
		p->unknown = k->unknown;
		p->left_out = k->left_out;
		return k->watched;
	}
	bool watched = bpf_map_lookup_elem(&namespaces, &netns);
	struct process *process = bpf_map_lookup_elem(&processes, &tgid);
	p->unknown = !process;
	p->goid_offset = usual_goid_offset;
	if (process) {
		p->goid_offset = process->goid_offset;
		p->place_offset = process->place_offset;
		p->parent_offset = process->parent_offset;
		p->queue_offset = process->queue_offset;
		p->left_out = process->left_out ? COUNTER_LEFT_OUT_PROCESS : 0;
	}
	if (k) {
		k->changes = now;
		k->tgid = tgid;
		k->netns = netns;
		k->goid_offset = p->goid_offset;
		k->place_offset = p->place_offset;
		k->parent_offset = p->parent_offset;
		k->queue_offset = p->queue_offset;
		k->unknown = p->unknown;
		k->left_out = p->left_out;
		k->watched = watched;
	}
	return watched;
}
