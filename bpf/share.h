/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * A process that moves more than the reader can read must not push others out of the ring. While
 * the ring has room everybody may use it; the fuller it is the less each process gets.
 */
#pragma once

#include "process.h"
#include <bpf/bpf_helpers.h>

/* The reader polls. A wake-up for each record would cost more than all else here. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20); /* the loader sets it */
} events SEC(".maps");

/* The loader sets it to the ring's size. */
volatile const __u64 ring_size = 16 << 20;

enum { SHARE_WINDOW = 26 }; /* as a power of two in nanoseconds: 67 ms */

/* within_fair_share is within_share of a ring that fills. */
__noinline bool within_fair_share(__u32 size, __u64 full)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct process *p = bpf_map_lookup_elem(&processes, &tgid);
	if (!p)
		return true; /* user space has not read its first call yet */
	__u32 window = bpf_ktime_get_ns() >> SHARE_WINDOW;
	if (p->window != window) { /* threads that race here give the process a little more, once */
		p->window = window;
		p->used = 0;
	}
	__u64 share = full < ring_size / 2 ? ring_size / 8 : full < ring_size / 4 * 3 ? ring_size / 16 : ring_size / 64;
	__sync_fetch_and_add(&p->used, size);
	return p->used <= share;
}

/* How much a CPU puts into a ring that was not a quarter full before it looks again: all of them, an eighth of the ring. */
volatile const __u64 look_again = 1 << 20;

/*
 * within_share reports whether the running process may put so many bytes in the ring now. unlooked is how much this CPU has
 * put there since it looked; it looks each time while the ring fills.
 */
static __always_inline bool within_share(__u64 *unlooked, __u32 size)
{
	*unlooked += size;
	if (*unlooked < look_again)
		return true;
	__u64 full = bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA);
	if (full >= ring_size / 4)
		return within_fair_share(size, full);
	*unlooked = 0;
	return true;
}
