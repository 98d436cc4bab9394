/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What user space found out about a process. */
#pragma once

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

/* A process that user space has looked at. */
struct process {
	__u16 goid_offset; /* of goid in Go's struct g, or BY_CONTEXT; 0: no goroutines */
	__u8 left_out;     /* our own traffic */
	__u8 opens;        /* user space wants to know when it opens a connection */
	__u32 window;      /* the kernel's: see share.h */
	__u32 used;
	__u16 place_offset;  /* of p in Go's struct m; 0: the P is not asked for */
	__u16 parent_offset; /* of parentGoid in g; 0: there is none */
	__u16 queue_offset;  /* of runqhead in p */
	__u16 unused2;
	__u32 unused3;
	__u64 context_at; /* of BY_CONTEXT: the address of the context that the first thread of a Python is in */
};

/* No offset in g: what runs in an event loop of Python is told apart by its context (contextvars), of which each task has one. */
enum { BY_CONTEXT = 1 };

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
