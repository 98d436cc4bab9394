/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Counters by reason, one set per CPU. What is captured, lost and left out adds up to what was done. */
#pragma once

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

enum counter {
	COUNTER_DONE,             /* calls that moved bytes on a TCP socket, or an AF_UNIX stream, and datagrams of DNS, of our namespaces */
	COUNTER_CAPTURED,         /* of those: put into the ring */
	COUNTER_LOST_RING_FULL,   /* of those: no room in the ring */
	COUNTER_LOST_SHARE,       /* of those: the ring fills, and the process had more than its share */
	COUNTER_LOST_SOCKET_GONE, /* of those: the socket was closed, and reused, during the call */
	COUNTER_LEFT_OUT_PORT,    /* of those: a port we were told to leave out */
	COUNTER_LEFT_OUT_PROCESS, /* of those: a process we were told to leave out */
	COUNTER_SKIMMED,          /* of those: on a socket whose bytes cannot be read */
	COUNTER_LOST_NO_STATE,    /* calls of which nothing is known: no memory for the thread's state */
	COUNTER_LOST_UNSEEN,      /* calls that moved bytes, of which the hooks saw too little: see unseen.h */
	COUNTER_LATE,             /* calls of which the hooks saw only the exit; they are taken all the same */
	COUNTER_NOTICE_LOST,      /* notices of ends, exec and exit that found no room in the ring */
	COUNTER_FAULT,            /* captured, but the payload could not be read */
	COUNTER_MANY_PIECES,      /* captured, but the payload had more pieces (iovecs) than are read */
	COUNTER_PEEK,             /* reads that leave the bytes in the socket: no I/O of a message */
	COUNTER_OTHER_NAMESPACE,  /* calls on TCP and MPTCP sockets of other namespaces */
	COUNTER_MANY_DATAGRAMS,   /* calls that moved more datagrams than are read */
	COUNTER_MPTCP,            /* calls on MPTCP sockets of our namespaces, whose sequence numbers are not TCP's */
	COUNTERS
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTERS);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

/* A task may be preempted inside of a program (Linux 7), and another run it, or another program, on the same CPU. */
volatile const bool preemptible = false;

/* count counts something of a system call. */
static __always_inline void count(__u32 which)
{
	__u64 *n = bpf_map_lookup_elem(&counters, &which);
	if (!n)
		return;
	if (preemptible)
		__sync_fetch_and_add(n, 1);
	else
		++*n;
}

/* count_anywhere counts something that interrupts count, too. */
static __always_inline void count_anywhere(__u32 which)
{
	__u64 *n = bpf_map_lookup_elem(&counters, &which);
	if (n)
		__sync_fetch_and_add(n, 1);
}
