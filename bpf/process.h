/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What user space found out about a process, and its goroutines. */
#pragma once

#include "arch.h"
#include "counter.h"
#include "socket.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/* A process that user space has looked at. */
struct process {
	__u16 goid_offset; /* of goid in Go's struct g; 0: no goroutines */
	__u8 left_out;     /* our own traffic */
	__u8 unused;
	__u32 window;      /* the kernel's: see share.h */
	__u32 used;
	__u32 unused2;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32); /* thread group id */
	__type(value, struct process);
} processes SEC(".maps");

/* For processes that user space has not looked at yet: right for most of them, and user
 * space drops the goroutine where it was wrong. */
volatile const __u16 usual_goid_offset = 152; /* GOID_OFFSET_A */
/* bpf_task_pt_regs came with Linux 5.15; without it there are no goroutines. */
volatile const bool user_registers = true;

enum {
	GOID_OFFSET_A = 152, /* Go 1.17 to 1.22, and from 1.25 on */
	GOID_OFFSET_B = 160, /* Go 1.23 and 1.24 */
};

/* The beginning of Go's struct g. Reading it at once costs half of reading its two parts. */
struct go_g {
	__u64 stack_low, stack_high;
	__u64 unused[17];
	__u64 goid_a, goid_b;
};

/*
 * goroutine_of reads the id of the goroutine that made the system call, 0 if none did.
 * Go keeps g in a register. C code of the same program (cgo) may have left an old value
 * there, but it runs on another stack: g counts only if its stack holds the stack pointer.
 */
static __always_inline __u64 goroutine_of(__u16 goid_offset)
{
	if (!user_registers || !goid_offset)
		return 0;
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
	__u64 g, sp, goid = 0;
	if (typed_reads) {
		g = regs->REG_GO_G;
		sp = regs->sp;
	} else {
		g = BPF_CORE_READ(regs, REG_GO_G);
		sp = BPF_CORE_READ(regs, sp);
	}
	struct go_g head;
	if (bpf_probe_read_user(&head, sizeof(head), (void *)g) || sp < head.stack_low || sp >= head.stack_high)
		return 0;
	if (goid_offset == GOID_OFFSET_A)
		return head.goid_a;
	if (goid_offset == GOID_OFFSET_B)
		return head.goid_b;
	bpf_probe_read_user(&goid, sizeof(goid), (void *)(g + goid_offset));
	return goid;
}
