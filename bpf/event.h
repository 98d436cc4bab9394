/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What goes through the ring to user space. */
#pragma once

#include "vmlinux.h"

enum event_kind {
	EVENT_IO = 1,    /* bytes moved */
	EVENT_END = 2,   /* a direction of a connection ended, or all of it: length is an enum end */
	EVENT_EXEC = 3,  /* a process runs another program now */
	EVENT_EXIT = 4,  /* the last thread of a process is gone */
	EVENT_CONNECT = 5, /* a thread opens a connection */
};

/* How a connection ends. Which process closed its descriptor says nothing: others may have it too. */
enum end {
	END_SENT = 1,     /* this side will send no more (shutdown), and still reads */
	END_RECEIVED = 2, /* the other side will send no more */
	END_CLOSED = 3,   /* nobody has the socket any more, or both directions have ended */
	END_RESET = 4,    /* reset by either side, or given up by the kernel: what was under way is lost */
};

enum event_flag {
	EVENT_OUTGOING = 1, /* the process sent; else it received */
	EVENT_IPV6 = 2,     /* addresses are 16 bytes, else the first 4 */
	EVENT_NO_DATA = 4,  /* no payload for a reason: sendfile, MSG_TRUNC, a fault */
	EVENT_PLACE = 8,    /* place is told, and not comm */
	EVENT_ASKS = 16,    /* a goroutine begins a request of HTTP: struct before follows the payload */
	EVENT_LOCAL = 32,   /* an AF_UNIX stream: no addresses */
	EVENT_DATAGRAM = 64, /* of UDP: a whole message, or its beginning; seq is 0 */
	EVENT_ENDS = 128,   /* of an AF_UNIX stream: struct local_end follows all else */
};

/* Where a goroutine ran: when it wrote at entry, when it read at exit. */
struct place {
	__u64 parent; /* id of the goroutine that began it; 0: not known */
	__s32 p;
	__u32 tick;   /* time slices that the P had begun, its schedtick */
};

/* The goroutine that ran on the thread before the one that writes, and woke it; 0: not known. */
struct before {
	__u64 goroutine, parent;
	__u32 reason; /* why it waits: a value of its runtime */
	__u32 unused;
};

/* Both ends of an AF_UNIX stream. */
struct local_end {
	__u64 peer;    /* inode number of the other end's socket; 0: not accepted yet, or closed */
	__u8 serves;   /* the path is this end's: it was accepted */
	__u8 length;   /* of path */
	char path[110]; /* of the socket that listens */
};

/* Followed by the bytes of payload that were captured. A multiple of 8 bytes without holes. */
struct event {
	__u64 enter_ns, exit_ns; /* CLOCK_MONOTONIC */
	__u64 socket;            /* inode number in sockfs */
	__u64 goroutine;         /* by goid_offset, or a task's context; user space knows whether that was right */
	__u32 pid, tid;          /* as the initial pid namespace sees them */
	__u32 netns;             /* inode number of the socket's network namespace */
	__u32 seq;               /* TCP sequence number of the first byte, read at entry; of EVENT_LOCAL its place, see local.h */
	__u32 length;            /* bytes the call moved; of EVENT_END how it ended */
	__u32 other;             /* where the other direction was: of what is sent at entry, else at exit; 0: not known */
	__u16 local_port, remote_port;
	__u16 goid_offset; /* 0: not looked for */
	__u8 kind, flags;
	__u8 local[16], remote[16];
	union {
		char comm[16]; /* of processes that user space has not looked at, and of notices */
		struct place place;
	};
};
