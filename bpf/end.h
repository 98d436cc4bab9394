/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* How connections begin and end. */
#pragma once

#include "event.h"
#include "notice.h"
#include "scope.h"
#include "socket.h"
#include <bpf/bpf_core_read.h>

/* States of a TCP connection (include/net/tcp_states.h), and of sk_shutdown. */
enum {
	STATE_ESTABLISHED = 1, STATE_SYN_SENT = 2, STATE_FIN_WAIT1 = 4, STATE_FIN_WAIT2 = 5, STATE_CLOSE = 7, STATE_CLOSE_WAIT = 8, STATE_LAST_ACK = 9,
	SHUTDOWN_BOTH = 3,
};

/* end_of says how a change of state ends a connection; 0: it does not, or nobody sent anything on it. */
static __always_inline __u32 end_of(struct sock *sk, int before, int after)
{
	if (after == STATE_CLOSE_WAIT)
		return END_RECEIVED;
	if (after == STATE_FIN_WAIT1 || after == STATE_LAST_ACK)
		return BPF_CORE_READ(sk, sk_shutdown) == SHUTDOWN_BOTH ? END_CLOSED : END_SENT;
	if (after != STATE_CLOSE)
		return 0;
	if (before == STATE_ESTABLISHED || before == STATE_CLOSE_WAIT || before == STATE_FIN_WAIT1)
		return END_RESET;
	return before >= STATE_FIN_WAIT2 ? END_CLOSED : 0;
}

/* Whether user space wants to know what the running process opens. It does if it has not looked at it yet. */
static __always_inline bool tells_opening(void)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct process *process = bpf_map_lookup_elem(&processes, &tgid);
	return !process || process->opens;
}

/* socket_state may run for any task, or for none; for SYN_SENT it runs for the thread that connects. */
static __always_inline int socket_state(struct sock *sk, int before, int after)
{
	bool opens = after == STATE_SYN_SENT;
	if (!opens && after != STATE_FIN_WAIT1 && after != STATE_CLOSE_WAIT && after != STATE_LAST_ACK && after != STATE_CLOSE)
		return 0;
	__u32 netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	if (!bpf_map_lookup_elem(&namespaces, &netns) || BPF_CORE_READ(sk, sk_protocol) != PROTOCOL_TCP)
		return 0;
	struct inet_sock *inet = (void *)sk;
	__u16 local = __builtin_bswap16(BPF_CORE_READ(inet, inet_sport)), remote = __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_dport));
	if (!remote || port_left_out(local) || port_left_out(remote))
		return 0;
	__u64 inode = BPF_CORE_READ(sk, sk_socket, file, f_inode, i_ino); /* 0: nobody has it, or has it yet */
	if (opens) {
		if (inode && tells_opening())
			notice_to(EVENT_CONNECT, inode, netns, 0, sk);
		return 0;
	}
	__u32 how = end_of(sk, before, after);
	if (inode && how)
		notice(EVENT_END, inode, netns, how);
	return 0;
}
