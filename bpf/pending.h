/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What is known when a call enters and needed when it returns, for each thread. */
#pragma once

#include "event.h"
#include "socket.h"
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

enum buffer {
	BUFFER_PLAIN,  /* one piece of memory */
	BUFFER_PIECES, /* an array of struct iovec */
	BUFFER_NONE,   /* not readable: sendfile, MSG_TRUNC */
	BUFFER_MESSAGES, /* of datagrams: an array of struct mmsghdr, or one struct msghdr */
};

/* How much of a thread's call was seen, on kernels that may leave a program out: see unseen.h. */
enum stage {
	STAGE_NONE,    /* nothing since the exit of the last one */
	STAGE_ENTERED, /* a program ran at its entry, */
	STAGE_CHECKED, /* and the spare has seen that */
	STAGE_LEFT,    /* a program ran at its exit, and the spare has not seen that yet */
};

/* Filled in where it lies, field by field: zeroing and copying all of it costs more than looking at a socket. */
struct pending {
	__u64 enter_ns; /* 0: no call of ours is pending */
	__u64 sk;
	__u64 inode;
	__u64 buffer;
	__u64 name; /* of a datagram: where the other end's address stands; 0: nowhere, or in struct msghdr */
	__u64 goroutine;
	__u16 goid_offset, place_offset, parent_offset, queue_offset; /* see process.h; 8 bytes, as in struct known */
	__u8 outgoing, ipv6, buffer_kind; /* from here to the end of unused 16 bytes: no_marks */
	__u8 several; /* sendmmsg, recvmmsg: the result counts messages, not bytes */
	__u8 left_out; /* enum counter, 0: not left out */
	__u8 unknown;  /* a process that user space has not looked at yet */
	__u8 placed;   /* go is known */
	__u8 skimmed;  /* of what is written: nothing is taken of it */
	__u8 asks;     /* a goroutine begins a request of HTTP: before is known, or zero */
	__u8 local;    /* AF_UNIX: see local.h */
	__u8 sized;    /* there is room for bytes */
	__u8 datagram; /* UDP: see datagram.h */
	__u8 flags;    /* of its event, as far as they are known when it enters */
	__u8 tells;    /* of an AF_UNIX stream: its ends are told */
	__u8 unused[2];
	__u32 pieces; /* of BUFFER_PIECES */
	__u32 netns;
	__u32 seq, other;
	__u32 nr, fd;
	__u16 local_port, remote_port;
	__u8 stage;
	__u8 unused2[3];
	struct place go;      /* if it is placed */
	struct before before; /* if it asks */
};

static __always_inline void no_marks(struct pending *p)
{
	__builtin_memset(&p->outgoing, 0, 16);
}

/* Task storage costs a fifth of a hash map's insert and delete (Linux 5.11). */
volatile const bool task_storage = true;

/* The kernel may leave programs out. Only with task storage, and every thread that reads or writes has a state then. */
volatile const bool may_miss = false;

/* The running thread, to read from. Its typed form came with task storage. */
static __always_inline struct task_struct *current_task(void)
{
	if (task_storage)
		return bpf_get_current_task_btf();
	return (struct task_struct *)bpf_get_current_task();
}

/* The process and thread that run, as the initial pid namespace sees them: loads, and no call, where pointers are typed. */
static __always_inline __u64 pid_tgid(struct task_struct *task)
{
	if (!typed_reads)
		return bpf_get_current_pid_tgid();
	return (__u64)(__u32)task->tgid << 32 | (__u32)task->pid;
}

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct pending);
} pending_by_task SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64); /* process and thread id */
	__type(value, struct pending);
} pending_by_thread SEC(".maps");

static __always_inline struct pending *pending_get(struct task_struct *task)
{
	if (task_storage)
		return bpf_task_storage_get(&pending_by_task, task, 0, may_miss ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0);
	__u64 id = bpf_get_current_pid_tgid();
	return bpf_map_lookup_elem(&pending_by_thread, &id);
}

static const struct pending no_pending;

/* pending_new is the running thread's, to be filled in; NULL: there is no memory. */
static __always_inline struct pending *pending_new(struct task_struct *task)
{
	if (task_storage)
		return bpf_task_storage_get(&pending_by_task, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	__u64 id = bpf_get_current_pid_tgid();
	if (bpf_map_update_elem(&pending_by_thread, &id, &no_pending, BPF_ANY))
		return NULL;
	return bpf_map_lookup_elem(&pending_by_thread, &id);
}

static __always_inline void pending_drop(struct pending *p, __u8 stage)
{
	p->enter_ns = 0;
	p->stage = stage;
	if (!task_storage) {
		__u64 id = bpf_get_current_pid_tgid();
		bpf_map_delete_elem(&pending_by_thread, &id);
	}
}
