/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What differs between processors: registers at a system call, and its number. */
#pragma once

#if defined(__TARGET_ARCH_x86)

/* x86-64 numbers (arch/x86/entry/syscalls/syscall_64.tbl). */
enum {
	NR_READ = 0, NR_WRITE = 1, NR_READV = 19, NR_WRITEV = 20, NR_SENDFILE = 40,
	NR_SENDTO = 44, NR_RECVFROM = 45, NR_SENDMSG = 46, NR_RECVMSG = 47, NR_RECVMMSG = 299, NR_SENDMMSG = 307,
};
/* Names of fields of struct pt_regs. All but the result are the same at entry and exit. */
#define REG_NR orig_ax
#define REG_ARG0 di
#define REG_ARG1 si
#define REG_ARG2 dx
#define REG_ARG3 r10
#define REG_ARG4 r8
/* 32-bit programs use other numbers: their code segment tells (__USER32_CS). */
#define REGS_FOREIGN_ABI(regs) ((regs)->cs == 0x23)
#define REGS_FOREIGN_ABI_PROBED(regs) (BPF_CORE_READ(regs, cs) == 0x23)
/* Go keeps the running goroutine's g in R14 (ABIInternal, Go 1.17+). */
#define REG_GO_G r14
/* Where it passes the first four words of arguments, and of results. */
#define REG_GO_ARG0 ax
#define REG_GO_ARG1 bx
#define REG_GO_ARG2 cx
#define REG_GO_ARG3 di
/* The same of C. */
#define REG_C_ARG0 di
#define REG_C_ARG1 si
#define REG_C_ARG2 dx
#define REG_C_ARG3 cx
#define REG_C_ARG4 r8
#define REG_C_RESULT ax
/* runtime.mcall leaves the goroutine that calls the scheduler on the scheduler's stack. */
#define GO_MCALL_PUSHES_G

#elif defined(__TARGET_ARCH_arm64)

/* The generic table (include/uapi/asm-generic/unistd.h). */
enum {
	NR_READ = 63, NR_WRITE = 64, NR_READV = 65, NR_WRITEV = 66, NR_SENDFILE = 71,
	NR_SENDTO = 206, NR_RECVFROM = 207, NR_SENDMSG = 211, NR_RECVMSG = 212, NR_RECVMMSG = 243, NR_SENDMMSG = 269,
};
#define REG_NR syscallno
#define REG_ARG0 orig_x0 /* regs[0] holds the result at exit */
#define REG_ARG1 regs[1]
#define REG_ARG2 regs[2]
#define REG_ARG3 regs[3]
#define REG_ARG4 regs[4]
#define REGS_FOREIGN_ABI_PROBED(regs) false
#define REGS_FOREIGN_ABI(regs) false /* 32-bit numbers differ; such programs show nonsense calls that fail the socket test */
/* Go keeps the running goroutine's g in R28. */
#define REG_GO_G regs[28]
#define REG_GO_ARG0 regs[0]
#define REG_GO_ARG1 regs[1]
#define REG_GO_ARG2 regs[2]
#define REG_GO_ARG3 regs[3]
#define REG_C_ARG0 regs[0]
#define REG_C_ARG1 regs[1]
#define REG_C_ARG2 regs[2]
#define REG_C_ARG3 regs[3]
#define REG_C_ARG4 regs[4]
#define REG_C_RESULT regs[0]

#endif
