/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What differs between processors: registers at a system call, and its number. */
#pragma once

#if defined(__TARGET_ARCH_x86)

/* x86-64 numbers (arch/x86/entry/syscalls/syscall_64.tbl). */
enum {
	NR_READ = 0, NR_WRITE = 1, NR_CLOSE = 3, NR_READV = 19, NR_WRITEV = 20, NR_SENDFILE = 40,
	NR_SENDTO = 44, NR_RECVFROM = 45, NR_SENDMSG = 46, NR_RECVMSG = 47, NR_RECVMMSG = 299, NR_SENDMMSG = 307,
};
#define REGS_NR(regs) ((long)(regs)->orig_ax)
#define REGS_ARG0(regs) ((regs)->di)
#define REGS_ARG1(regs) ((regs)->si)
#define REGS_ARG2(regs) ((regs)->dx)
#define REGS_ARG3(regs) ((regs)->r10)
/* 32-bit programs use other numbers: their code segment tells (__USER32_CS). */
#define REGS_FOREIGN_ABI(regs) ((regs)->cs == 0x23)
/* Go keeps the running goroutine's g in R14 (ABIInternal, Go 1.17+). */
#define REG_GO_G r14

#elif defined(__TARGET_ARCH_arm64)

/* The generic table (include/uapi/asm-generic/unistd.h). */
enum {
	NR_CLOSE = 57, NR_READ = 63, NR_WRITE = 64, NR_READV = 65, NR_WRITEV = 66, NR_SENDFILE = 71,
	NR_SENDTO = 206, NR_RECVFROM = 207, NR_SENDMSG = 211, NR_RECVMSG = 212, NR_RECVMMSG = 243, NR_SENDMMSG = 269,
};
#define REGS_NR(regs) ((long)(regs)->syscallno)
#define REGS_ARG0(regs) ((regs)->orig_x0) /* regs[0] holds the result at exit */
#define REGS_ARG1(regs) ((regs)->regs[1])
#define REGS_ARG2(regs) ((regs)->regs[2])
#define REGS_ARG3(regs) ((regs)->regs[3])
#define REGS_FOREIGN_ABI(regs) false /* 32-bit numbers differ; such programs show nonsense calls that fail the socket test */
/* Go keeps the running goroutine's g in R28. */
#define REG_GO_G regs[28]

#endif
