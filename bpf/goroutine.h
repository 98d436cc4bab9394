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

/* The beginning of Go's struct g, whose end is in what follows for every version. A read of user memory costs 60 ns however much it reads. */
struct go_g {
	__u64 stack_low, stack_high;
	__u64 unused[4];
	__u64 m, sched_sp;
	__u64 unused2[11];
	__u64 goid_a, goid_b;
	__u64 unused3;
	__u64 reason_a, reason_b; /* why it waits: the first byte */
	__u64 unused4[10];
	__u64 parent_a, parent_b;
};

/* Of Go's struct m, from p on. A thread in a system call has given its P back, and knows which it was. */
struct go_m {
	__u64 p, next, before_call;
};

enum { GO_STACK_ALIGN = 1024 };

/* Of Go's struct p, runqhead and runqtail; behind them the queue. */
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

enum { GO_P_READ = 2048 }; /* runqhead is before it */

/*
 * What was read of a goroutine, and what it was read from: before Linux 6.13 all functions of a program share a
 * stack of 512 bytes. A spare has one of its own, as with records.
 */
struct seen {
	struct place place;
	struct before before;

	struct go_g head, other;
	struct go_m m;
	__u8 p[GO_P_READ + sizeof(struct go_queue)];
	__u64 word, queue[2];
};
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32); /* 1: of a spare */
	__type(value, struct seen);
} goroutines SEC(".maps");

/* Offsets, see process.h, in one number. */
#define GO_OFFSETS(goid, place, parent, queue) ((__u64)(goid) | (__u64)(place) << 16 | (__u64)(parent) << 32 | (__u64)(queue) << 48)

/* goid_of is the id of a goroutine at an address, the beginning of which was read. word is room for a read. */
static __always_inline __u64 goid_of(const struct go_g *g, __u64 at, __u16 offset, __u64 *word)
{
	if (offset == offsetof(struct go_g, goid_a))
		return g->goid_a;
	if (offset == offsetof(struct go_g, goid_b))
		return g->goid_b;
	bpf_probe_read_user(word, sizeof(*word), (void *)(at + offset));
	return *word;
}

/* parent_of is the id of the goroutine that began it; 0: not known. */
static __always_inline __u64 parent_of(const struct go_g *g, __u64 at, __u16 offset, __u64 *word)
{
	if (offset == offsetof(struct go_g, parent_a))
		return g->parent_a;
	if (offset == offsetof(struct go_g, parent_b))
		return g->parent_b;
	if (!offset)
		return 0;
	bpf_probe_read_user(word, sizeof(*word), (void *)(at + offset));
	return *word;
}

/* reason_of says why a goroutine waits. It stands at the same distance behind goid in every version. */
static __always_inline __u32 reason_of(const struct go_g *g, __u64 at, __u16 goid_offset, __u64 *word)
{
	enum { BEHIND_GOID = offsetof(struct go_g, reason_a) - offsetof(struct go_g, goid_a) };
	if (goid_offset == offsetof(struct go_g, goid_a))
		return g->reason_a & 0xff;
	if (goid_offset == offsetof(struct go_g, goid_b))
		return g->reason_b & 0xff;
	bpf_probe_read_user(word, sizeof(*word), (void *)(at + goid_offset + BEHIND_GOID));
	return *word & 0xff;
}

/*
 * queued reports whether a goroutine was taken from a queue. Else it was what the one before it on the P
 * woke last, and runs in what is left of that one's slice. Ps leave what they took where it was: of their own
 * queue before its head, of another's at the tail of theirs. In an empty queue the two lie side by side.
 */
static __always_inline bool queued(struct seen *s, __u64 g, __u64 p, __u16 offset)
{
	if (offset > GO_P_READ)
		return true;
	struct go_queue *queue = (void *)(s->p + BELOW(offset, GO_P_READ));
	__u32 taken = (queue->head - 1) % GO_QUEUE, tail = queue->tail % GO_QUEUE;
	p += offset + sizeof(*queue);
	if (bpf_probe_read_user(s->queue, sizeof(s->queue), (void *)(p + taken * sizeof(__u64))) || s->queue[0] == g)
		return true;
	if (tail == taken + 1)
		return s->queue[1] == g;
	return bpf_probe_read_user(&s->word, sizeof(s->word), (void *)(p + tail * sizeof(__u64))) || s->word == g;
}

/*
 * before reads which goroutine ran on the thread before this one: it called the scheduler (runtime.mcall),
 * which runs on a stack of the thread's own and leaves g as the first word there. What was called on that
 * stack since may have overwritten it: a g has a stack.
 */
static __always_inline void before(struct seen *s, __u64 m, __u16 goid_offset, __u16 parent_offset)
{
#ifdef GO_MCALL_PUSHES_G
	struct go_g *other = &s->other;
	__u64 *g = &s->word;
	if (bpf_probe_read_user(g, sizeof(*g), (void *)m) || bpf_probe_read_user(g, sizeof(*g), (void *)(*g + offsetof(struct go_g, sched_sp))) ||
	    bpf_probe_read_user(g, sizeof(*g), (void *)(*g - sizeof(*g))) || bpf_probe_read_user(other, sizeof(*other), (void *)*g))
		return;
	if (other->stack_low >= other->stack_high || (other->stack_low | other->stack_high) % GO_STACK_ALIGN)
		return;
	s->before.goroutine = goid_of(other, *g, goid_offset, s->queue);
	s->before.reason = reason_of(other, *g, goid_offset, s->queue);
	s->before.parent = parent_of(other, *g, parent_offset, s->queue);
#endif
}

/*
 * place_of reads where a goroutine runs: its P and how many time slices that has begun. A goroutine that
 * another one wakes and then waits runs in what is left of the other's slice, on the same thread. asks: it begins a
 * request of HTTP.
 * A function of its own, of plain numbers: the verifier goes through it once, and not on each way that leads here.
 */
__noinline int place_of(__u32 room, __u64 g, __u64 m, __u64 offsets, __u32 asks)
{
	__u16 goid_offset = offsets, place_offset = offsets >> 16, parent_offset = offsets >> 32, queue_offset = offsets >> 48;
	struct seen *s = bpf_map_lookup_elem(&goroutines, &room);
	if (!user_registers || !s)
		return 0;
	s->before = (struct before){};
	if (bpf_probe_read_user(&s->m, sizeof(s->m), (void *)(m + place_offset)))
		return 0;
	struct go_p *p = (void *)s->p;
	__u64 at = s->m.p ? s->m.p : s->m.before_call;
	__u64 size = asks ? BELOW(queue_offset, GO_P_READ) + sizeof(struct go_queue) : sizeof(*p);
	if (bpf_probe_read_user(p, AT_MOST(size, sizeof(s->p)), (void *)at))
		return 0;
	s->place.p = p->id;
	s->place.tick = p->tick;
	s->place.parent = parent_of(&s->head, g, parent_offset, s->queue);
	if (asks && !queued(s, g, at, queue_offset))
		before(s, m, goid_offset, parent_offset);
	return 1;
}

/* context is the address of the context in which the first thread of a Python makes the system call; 0: not known. */
static __always_inline __u64 context(void)
{
	__u64 id = bpf_get_current_pid_tgid(), at = 0;
	__u32 tgid = id >> 32;
	struct process *process = bpf_map_lookup_elem(&processes, &tgid);
	if (process && (__u32)id == tgid)
		bpf_probe_read_user(&at, sizeof(at), (void *)process->context_at);
	return at;
}

/*
 * beginning_of is how the bytes begin that a goroutine writes: nothing that is known where they are in pieces. A function
 * of its own, of plain numbers, as place_of.
 */
enum begins { BEGINS_OTHER, BEGINS_REQUEST, BEGINS_ANSWER };
__noinline enum begins beginning_of(__u64 buffer)
{
	union beginning b = {};
	if (bpf_probe_read_user(&b, BEGINNING, (void *)buffer))
		return BEGINS_OTHER;
	return is_answer(b.first) ? BEGINS_ANSWER : is_request(b.bytes) ? BEGINS_REQUEST : BEGINS_OTHER;
}

/*
 * goroutine takes which goroutine makes the system call; none if none does.
 * Go keeps g in a register. C code of the same program (cgo) may have left an old value
 * there, but it runs on another stack: g counts only if its stack holds the stack pointer.
 * Who writes or reads an answer of HTTP is not asked, which spares a read or several of user memory, 95 ns each: whose
 * it is says the connection, and calls are told by who reads requests, and who writes them.
 */
static __always_inline void goroutine(struct pending *p, struct pt_regs *regs, __u32 room)
{
	struct seen *s = bpf_map_lookup_elem(&goroutines, &room);
	if (!user_registers || !s || !p->goid_offset)
		return;
	if (p->goid_offset == BY_CONTEXT) {
		p->goroutine = context();
		return;
	}
	/* Who began a goroutine is asked for where it writes; what tells that may be a cold line. */
	bool follows = p->place_offset, begun = follows && p->outgoing;
	enum begins begins = begun && p->buffer_kind == BUFFER_PLAIN ? beginning_of(p->buffer) : BEGINS_OTHER;
	if (begins == BEGINS_ANSWER)
		return;
	__u64 g, sp;
	if (regs) {
		g = regs->REG_GO_G;
		sp = regs->sp;
	} else {
		regs = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
		if (typed_reads) {
			g = regs->REG_GO_G;
			sp = regs->sp;
		} else {
			g = BPF_CORE_READ(regs, REG_GO_G);
			sp = BPF_CORE_READ(regs, sp);
		}
	}
	struct go_g *head = &s->head;
	__u32 size = begun ? sizeof(*head) : offsetof(struct go_g, unused3);
	if (bpf_probe_read_user(head, size, (void *)g) || sp < head->stack_low || sp >= head->stack_high)
		return;
	p->goroutine = goid_of(head, g, p->goid_offset, &s->word);
	if (!follows || !place_of(room, g, head->m, GO_OFFSETS(p->goid_offset, p->place_offset, begun ? p->parent_offset : 0, begun ? p->queue_offset : 0),
			       begins == BEGINS_REQUEST))
		return;
	p->placed = true;
	p->go = s->place;
	p->before = s->before;
	p->asks = begins == BEGINS_REQUEST;
}
