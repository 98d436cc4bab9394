/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Which goroutine makes a system call, whose child it is, and in which time slice of which P. */
#pragma once

#include "arch.h"
#include "payload.h"
#include "pending.h"
#include "process.h"
#include "socket.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/* bpf_task_pt_regs came with Linux 5.15; without it there are no goroutines. */
volatile const bool user_registers = true;

enum {
	GOID_OFFSET_A = 152, /* Go 1.17 to 1.22, and from 1.25 on */
	GOID_OFFSET_B = 160, /* Go 1.23 and 1.24 */
};

/* The beginning of Go's struct g. Reading it at once costs half of reading its parts. */
struct go_g {
	__u64 stack_low, stack_high;
	__u64 unused[4];
	__u64 m;
	__u64 unused2[12];
	__u64 goid_a, goid_b;
};

/* Of Go's struct m, from p on. A thread in a system call has given its P back, and knows which it was. */
struct go_m {
	__u64 p, next, before_call;
};

/* Of Go's struct g: what sched begins with. */
enum { GO_G_SCHED_SP = 56, GO_STACK_ALIGN = 1024 };

/* Of Go's struct g, from goid on. */
struct go_wait {
	__u64 goid, link, since;
	__u32 reason; /* its first byte */
};

/* Of Go's struct p, from runqhead on; behind it the queue. */
struct go_queue {
	__u32 head, tail;
};
enum { GO_QUEUE = 256 };

/* The beginning of Go's struct p. */
struct go_p {
	__s32 id;
	__u32 status;
	__u64 link;
	__u32 tick, calls;
};

/*
 * What was read of a goroutine, and what it was read from: before Linux 6.13 all functions of a program share a
 * stack of 512 bytes. A spare has one of its own, as with records.
 */
struct seen {
	__u64 goroutine; /* 0: none made the call */
	struct place place;
	struct before before;
	__u8 placed, asks, unused[6];

	struct go_g head;
	struct go_m m;
	struct go_p p;
	struct go_queue queue;
	struct go_wait wait;
	__u64 word, stack[2];
};
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32); /* 1: of a spare */
	__type(value, struct seen);
} goroutines SEC(".maps");

/* Offsets, see process.h, in one number. */
#define GO_OFFSETS(goid, place, parent, queue) ((__u64)(goid) | (__u64)(place) << 16 | (__u64)(parent) << 32 | (__u64)(queue) << 48)

/*
 * queued reports whether a goroutine was taken from a queue. Else it was what the one before it on the P
 * woke last, and runs in what is left of that one's slice. Ps leave what they took where it was: of their own
 * queue before its head, of another's at the tail of theirs.
 */
static __always_inline bool queued(struct seen *s, __u64 g, __u64 p, __u16 queue_offset)
{
	p += queue_offset;
	if (bpf_probe_read_user(&s->queue, sizeof(s->queue), (void *)p))
		return true;
	p += sizeof(s->queue);
	return bpf_probe_read_user(&s->word, sizeof(s->word), (void *)(p + (s->queue.head - 1) % GO_QUEUE * sizeof(s->word))) || s->word == g ||
	       bpf_probe_read_user(&s->word, sizeof(s->word), (void *)(p + s->queue.tail % GO_QUEUE * sizeof(s->word))) || s->word == g;
}

/*
 * before reads which goroutine ran on the thread before this one: it called the scheduler (runtime.mcall),
 * which runs on a stack of the thread's own and leaves g as the first word there. What was called on that
 * stack since may have overwritten it: a g has a stack.
 */
static __always_inline void before(struct seen *s, __u64 m, __u16 goid_offset, __u16 parent_offset)
{
#ifdef GO_MCALL_PUSHES_G
	__u64 *g = &s->word, *stack = s->stack;
	if (bpf_probe_read_user(g, sizeof(*g), (void *)m) || bpf_probe_read_user(g, sizeof(*g), (void *)(*g + GO_G_SCHED_SP)) ||
	    bpf_probe_read_user(g, sizeof(*g), (void *)(*g - sizeof(*g))) || bpf_probe_read_user(stack, sizeof(s->stack), (void *)*g))
		return;
	if (stack[0] >= stack[1] || (stack[0] | stack[1]) % GO_STACK_ALIGN)
		return;
	bpf_probe_read_user(&s->wait, sizeof(s->wait), (void *)(*g + goid_offset));
	s->before.goroutine = s->wait.goid;
	s->before.reason = s->wait.reason & 0xff;
	if (parent_offset)
		bpf_probe_read_user(&s->before.parent, sizeof(s->before.parent), (void *)(*g + parent_offset));
#endif
}

/*
 * place reads where a goroutine runs: its P and how many time slices that has begun. A goroutine that
 * another one wakes and then waits runs in what is left of the other's slice, on the same thread.
 */
static __always_inline void place(struct seen *s, __u64 g, __u64 m, __u64 offsets, __u64 written)
{
	__u16 goid_offset = offsets, place_offset = offsets >> 16, parent_offset = offsets >> 32, queue_offset = offsets >> 48;
	if (!place_offset || bpf_probe_read_user(&s->m, sizeof(s->m), (void *)(m + place_offset)))
		return;
	__u64 p = s->m.p ? s->m.p : s->m.before_call;
	if (bpf_probe_read_user(&s->p, sizeof(s->p), (void *)p))
		return;
	s->place.p = s->p.id;
	s->place.tick = s->p.tick;
	s->placed = true;
	if (parent_offset)
		bpf_probe_read_user(&s->place.parent, sizeof(s->place.parent), (void *)(g + parent_offset));
	s->asks = written && begins_request(written);
	if (s->asks && !queued(s, g, p, queue_offset))
		before(s, m, goid_offset, parent_offset);
}

/*
 * read_goroutine reads which goroutine makes the system call; none if none does. written is what it writes,
 * 0 if nothing, or nothing plain.
 * Go keeps g in a register. C code of the same program (cgo) may have left an old value
 * there, but it runs on another stack: g counts only if its stack holds the stack pointer.
 * A function of its own, of plain numbers: the verifier goes through it once, and not on each way that leads here.
 */
__noinline int read_goroutine(__u32 room, __u64 offsets, __u64 written)
{
	struct seen *s = bpf_map_lookup_elem(&goroutines, &room);
	if (!user_registers || !s)
		return 0;
	__builtin_memset(s, 0, offsetof(struct seen, head));
	__u16 goid_offset = offsets;
	if (!goid_offset)
		return 0;
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
	__u64 g, sp;
	if (typed_reads) {
		g = regs->REG_GO_G;
		sp = regs->sp;
	} else {
		g = BPF_CORE_READ(regs, REG_GO_G);
		sp = BPF_CORE_READ(regs, sp);
	}
	struct go_g *head = &s->head;
	if (bpf_probe_read_user(head, sizeof(*head), (void *)g) || sp < head->stack_low || sp >= head->stack_high)
		return 0;
	if (goid_offset == GOID_OFFSET_A)
		s->goroutine = head->goid_a;
	else if (goid_offset == GOID_OFFSET_B)
		s->goroutine = head->goid_b;
	else
		bpf_probe_read_user(&s->goroutine, sizeof(s->goroutine), (void *)(g + goid_offset));
	place(s, g, head->m, offsets, written);
	return 1;
}

/* goroutine takes which goroutine makes the system call; none if none does. */
static __always_inline void goroutine(struct pending *p, __u32 room)
{
	if (!user_registers)
		return;
	read_goroutine(room, GO_OFFSETS(p->goid_offset, p->place_offset, p->parent_offset, p->queue_offset),
		       p->outgoing && p->buffer_kind == BUFFER_PLAIN ? p->buffer : 0);
	struct seen *s = bpf_map_lookup_elem(&goroutines, &room);
	if (!s)
		return;
	p->goroutine = s->goroutine;
	p->go = s->place;
	p->before = s->before;
	p->placed = s->placed;
	p->asks = s->asks;
}
