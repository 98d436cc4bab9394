/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * From a file descriptor to its socket. Two ways to follow kernel pointers: typed
 * (a load the verifier checks and the JIT inlines; needs bpf_rdonly_cast, Linux 6.2) and
 * probed (a helper call for each step; any kernel with BTF). The loader sets the constant,
 * the verifier drops the other way.
 */
#pragma once

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

volatile const bool typed_reads = true;

extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;
#define AS(type, ptr) ((type *)bpf_rdonly_cast((const void *)(ptr), bpf_core_type_id_kernel(type)))

enum {
	FILE_TYPE_MASK = 0170000,
	FILE_TYPE_SOCKET = 0140000,
	FAMILY_LOCAL = 1, /* AF_UNIX */
	FAMILY_IPV4 = 2,
	FAMILY_IPV6 = 10,
	TYPE_STREAM = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_MPTCP = 262,
};

/* What is read of a socket when a call enters. */
struct peek {
	struct sock *sk;
	__u64 inode;
	__u32 netns;
	__u32 write_seq, copied_seq;
	__u16 family, protocol;
	__u16 local_port, remote_port; /* host byte order */
};

/*
 * AF_UNIX sockets whose bytes user space could not read: most of them, of databases, desktops, logs. They are told
 * by their inode number in the entry that it leads to, so that a call on one costs no look-up in a hash.
 */
struct left_alone_set {
	__u32 inode[4];
};
enum { LEFT_ALONE = 4096 }; /* entries */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, LEFT_ALONE);
	__type(key, __u32);
	__type(value, struct left_alone_set);
} left_alone SEC(".maps");

static __always_inline bool is_left_alone(__u64 inode)
{
	__u32 at = inode & (LEFT_ALONE - 1), is = inode;
	struct left_alone_set *l = bpf_map_lookup_elem(&left_alone, &at);
	return l && (l->inode[0] == is || l->inode[1] == is || l->inode[2] == is || l->inode[3] == is);
}

/* local_typed takes a stream that is connected to a name: no pair, which a program has to itself, or has inherited. */
static __always_inline bool local_typed(struct sock *sk, struct file *file, struct peek *out)
{
	if (!bpf_core_type_exists(struct unix_sock) || sk->sk_type != TYPE_STREAM)
		return false;
	struct unix_sock *own = AS(struct unix_sock, sk);
	struct sock *peer = own->peer;
	if (!peer || (!own->addr && !AS(struct unix_sock, peer)->addr))
		return false;
	out->inode = file->f_inode->i_ino;
	if (is_left_alone(out->inode))
		return false;
	out->sk = sk;
	out->netns = sk->__sk_common.skc_net.net->ns.inum;
	return true;
}

static __always_inline bool local_probed(struct sock *sk, struct file *file, struct peek *out)
{
	struct unix_sock *own = (void *)sk;
	if (!bpf_core_type_exists(struct unix_sock) || BPF_CORE_READ(sk, sk_type) != TYPE_STREAM)
		return false;
	struct unix_sock *peer = (void *)BPF_CORE_READ(own, peer);
	if (!peer || (!BPF_CORE_READ(own, addr) && !BPF_CORE_READ(peer, addr)))
		return false;
	out->inode = BPF_CORE_READ(file, f_inode, i_ino);
	if (is_left_alone(out->inode))
		return false;
	out->sk = sk;
	out->netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	return true;
}

/* An element of a plain array of pointers has no type to follow: it is taken for the first of this array in a struct. */
struct files_struct___array {
	struct file *fd_array[64];
} __attribute__((preserve_access_index));

static __always_inline bool socket_typed(struct task_struct *task, __u32 fd, struct peek *out)
{
	struct fdtable *table = AS(struct task_struct, task)->files->fdt;
	if (fd >= table->max_fds)
		return false;
	struct file *file = AS(struct files_struct___array, (void *)(table->fd + fd) - bpf_core_field_offset(struct files_struct___array, fd_array))->fd_array[0];
	if (!file)
		return false;
	if ((file->f_inode->i_mode & FILE_TYPE_MASK) != FILE_TYPE_SOCKET)
		return false;
	struct sock *sk = AS(struct socket, file->private_data)->sk;
	if (!sk)
		return false;
	out->family = sk->__sk_common.skc_family;
	if (out->family == FAMILY_LOCAL)
		return local_typed(sk, file, out);
	if (out->family != FAMILY_IPV4 && out->family != FAMILY_IPV6)
		return false;
	out->protocol = sk->sk_protocol;
	out->netns = sk->__sk_common.skc_net.net->ns.inum;
	if (out->protocol != PROTOCOL_TCP && out->protocol != PROTOCOL_UDP)
		return out->protocol == PROTOCOL_MPTCP;
	out->sk = sk;
	out->inode = file->f_inode->i_ino;
	out->local_port = __builtin_bswap16(AS(struct inet_sock, sk)->inet_sport);
	out->remote_port = __builtin_bswap16(sk->__sk_common.skc_dport);
	if (out->protocol == PROTOCOL_UDP)
		return true;
	struct tcp_sock *tcp = AS(struct tcp_sock, sk);
	out->write_seq = tcp->write_seq;
	out->copied_seq = tcp->copied_seq;
	return true;
}

static __always_inline bool socket_probed(struct task_struct *task, __u32 fd, struct peek *out)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	if (fd >= BPF_CORE_READ(table, max_fds))
		return false;
	struct file *file = NULL, **entries = BPF_CORE_READ(table, fd);
	bpf_probe_read_kernel(&file, sizeof(file), entries + fd);
	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & FILE_TYPE_MASK) != FILE_TYPE_SOCKET)
		return false;
	struct socket *socket = BPF_CORE_READ(file, private_data);
	struct sock *sk = BPF_CORE_READ(socket, sk);
	if (!sk)
		return false;
	out->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (out->family == FAMILY_LOCAL)
		return local_probed(sk, file, out);
	if (out->family != FAMILY_IPV4 && out->family != FAMILY_IPV6)
		return false;
	out->protocol = BPF_CORE_READ(sk, sk_protocol);
	out->netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	if (out->protocol != PROTOCOL_TCP && out->protocol != PROTOCOL_UDP)
		return out->protocol == PROTOCOL_MPTCP;
	out->sk = sk;
	out->inode = BPF_CORE_READ(file, f_inode, i_ino);
	struct inet_sock *inet = (void *)sk;
	out->local_port = __builtin_bswap16(BPF_CORE_READ(inet, inet_sport));
	out->remote_port = __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_dport));
	if (out->protocol == PROTOCOL_UDP)
		return true;
	struct tcp_sock *tcp = (void *)sk;
	out->write_seq = BPF_CORE_READ(tcp, write_seq);
	out->copied_seq = BPF_CORE_READ(tcp, copied_seq);
	return true;
}

/* socket_of reports whether fd is a TCP (or MPTCP: then only protocol and netns are set) or UDP socket, or an AF_UNIX stream. */
static __always_inline bool socket_of(struct task_struct *task, __u32 fd, struct peek *out)
{
	if (typed_reads)
		return socket_typed(task, fd, out);
	return socket_probed(task, fd, out);
}

/* socket_addresses fills both ends' addresses; false if the socket is another one by now. */
static __always_inline bool socket_addresses(struct sock *sk, __u16 local_port, __u16 remote_port, bool ipv6, void *local, void *remote)
{
	struct sock_common *c = &sk->__sk_common;
	__be32 local4, remote4;
	__be16 sport, dport; /* not skc_num: a reset connection gives its number back while data can still be read */
	if (typed_reads) {
		struct sock *typed = AS(struct sock, sk);
		sport = AS(struct inet_sock, sk)->inet_sport;
		dport = typed->__sk_common.skc_dport;
		local4 = typed->__sk_common.skc_rcv_saddr;
		remote4 = typed->__sk_common.skc_daddr;
	} else {
		struct inet_sock *inet = (void *)sk;
		sport = BPF_CORE_READ(inet, inet_sport);
		dport = BPF_CORE_READ(c, skc_dport);
		local4 = BPF_CORE_READ(c, skc_rcv_saddr);
		remote4 = BPF_CORE_READ(c, skc_daddr);
	}
	if (sport != __builtin_bswap16(local_port) || dport != __builtin_bswap16(remote_port))
		return false;
	if (ipv6) { /* 16 bytes do not fit one typed load */
		bpf_core_read(local, 16, &c->skc_v6_rcv_saddr);
		bpf_core_read(remote, 16, &c->skc_v6_daddr);
	} else {
		*(__be32 *)local = local4;
		*(__be32 *)remote = remote4;
	}
	return true;
}
