// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//go:build ignore

/*
 * What processes say inside of TLS: programs for the entry and the return of the functions of TLS libraries by which a
 * program writes and reads in clear, or for instructions behind and in front of these that the kernel can emulate. User space
 * finds them and attaches the programs (agent/tlslib, agent/sys), and ties each connection of a library to its socket.
 */
#include "vmlinux.h"

#include "arch.h"
#include "tls.h"
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* What the programs have of the registers at a function. The part behind ___ is no part of the name to the loader (CO-RE). */
#if defined(__TARGET_ARCH_x86)
struct pt_regs___function {
	unsigned long ax, bx, cx, dx, si, di, r8, r14;
} __attribute__((preserve_access_index));
#else
#define pt_regs___function pt_regs
#endif

const struct tls_told *told_in_btf __attribute__((unused));
const enum tls_kind *tls_kind_in_btf __attribute__((unused));
const struct tls_slot *slot_in_btf __attribute__((unused));
const enum tls_library *tls_library_in_btf __attribute__((unused));

/* ---- C: OpenSSL's SSL_read and SSL_write, GnuTLS's gnutls_record_recv and gnutls_record_send (connection, buffer, size) ---- */

SEC("uprobe")
int c_read(struct pt_regs___function *ctx)
{
	return tls_enter(LIBRARY_OPENSSL, bpf_get_current_pid_tgid(), ctx->REG_C_ARG0, ctx->REG_C_ARG1, ctx->REG_C_ARG2, 0, false);
}

SEC("uprobe")
int c_write(struct pt_regs___function *ctx)
{
	return tls_enter(LIBRARY_OPENSSL, bpf_get_current_pid_tgid(), ctx->REG_C_ARG0, ctx->REG_C_ARG1, ctx->REG_C_ARG2, 0, true);
}

SEC("uprobe")
int gnutls_read(struct pt_regs___function *ctx)
{
	return tls_enter(LIBRARY_GNUTLS, bpf_get_current_pid_tgid(), ctx->REG_C_ARG0, ctx->REG_C_ARG1, ctx->REG_C_ARG2, 0, false);
}

SEC("uprobe")
int gnutls_write(struct pt_regs___function *ctx)
{
	return tls_enter(LIBRARY_GNUTLS, bpf_get_current_pid_tgid(), ctx->REG_C_ARG0, ctx->REG_C_ARG1, ctx->REG_C_ARG2, 0, true);
}

/* SSL_read_ex and SSL_write_ex: they tell success, and how many bytes at a fourth argument. */
SEC("uprobe")
int c_read_ex(struct pt_regs___function *ctx)
{
	return tls_enter(LIBRARY_OPENSSL, bpf_get_current_pid_tgid(), ctx->REG_C_ARG0, ctx->REG_C_ARG1, ctx->REG_C_ARG2, ctx->REG_C_ARG3, false);
}

SEC("uprobe")
int c_write_ex(struct pt_regs___function *ctx)
{
	return tls_enter(LIBRARY_OPENSSL, bpf_get_current_pid_tgid(), ctx->REG_C_ARG0, ctx->REG_C_ARG1, ctx->REG_C_ARG2, ctx->REG_C_ARG3, true);
}

/* SSL_write_ex2 has flags in front of that (OpenSSL 3.3). */
SEC("uprobe")
int c_write_ex2(struct pt_regs___function *ctx)
{
	return tls_enter(LIBRARY_OPENSSL, bpf_get_current_pid_tgid(), ctx->REG_C_ARG0, ctx->REG_C_ARG1, ctx->REG_C_ARG2, ctx->REG_C_ARG4, true);
}

SEC("uretprobe")
int c_return(struct pt_regs___function *ctx)
{
	return tls_leave(bpf_get_current_pid_tgid(), (int)ctx->REG_C_RESULT, 0);
}

/* SSL_free, gnutls_deinit. */
SEC("uprobe")
int c_free(struct pt_regs___function *ctx)
{
	return tls_forget(ctx->REG_C_ARG0);
}

/* ---- Go: (*Conn).Read and (*Conn).Write of crypto/tls, of a Go that passes arguments in registers (1.17) ---- */

SEC("uprobe")
int go_read(struct pt_regs___function *ctx)
{
	return tls_enter(LIBRARY_GO, ctx->REG_GO_G, ctx->REG_GO_ARG0, ctx->REG_GO_ARG1, ctx->REG_GO_ARG2, 0, false);
}

SEC("uprobe")
int go_write(struct pt_regs___function *ctx)
{
	return tls_enter(LIBRARY_GO, ctx->REG_GO_G, ctx->REG_GO_ARG0, ctx->REG_GO_ARG1, ctx->REG_GO_ARG2, 0, true);
}

/* At each return instruction: a return probe changes the stack, which Go moves. */
SEC("uprobe")
int go_return(struct pt_regs___function *ctx)
{
	return tls_leave(ctx->REG_GO_G, ctx->REG_GO_ARG0, 0);
}

/* The rest is cheaper. In Read, at the call of runtime.memmove(to, from, size), the bytes are still where they come from. */
SEC("uprobe")
int go_copies(struct pt_regs___function *ctx)
{
	return tls_leave(ctx->REG_GO_G, ctx->REG_GO_ARG2, ctx->REG_GO_ARG1);
}

/* In Write, at the call of writeRecordLocked(connection, kind, bytes), */
SEC("uprobe")
int go_sends(struct pt_regs___function *ctx)
{
	return tls_enter(LIBRARY_GO, ctx->REG_GO_G, ctx->REG_GO_ARG0, ctx->REG_GO_ARG2, ctx->REG_GO_ARG3, 0, true);
}

/* and behind it, which gives how much was written and an error: without one all of it. */
SEC("uprobe")
int go_sent(struct pt_regs___function *ctx)
{
	return tls_leave(ctx->REG_GO_G, ctx->REG_GO_ARG1 ? 0 : TLS_ALL, 0);
}
