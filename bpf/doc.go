// Package bpf holds the kernel side: the BPF programs as C, the objects compiled from
// them, and their generated Go declarations. The agent loads them; nothing here runs.
//
// The C is licensed GPL-2.0 OR BSD-2-Clause. Objects are committed, for amd64 and arm64,
// so that a build needs neither clang nor kernel headers.
package bpf

// clang 14 and llvm-strip 14: another version gives other bytes.
//go:generate go tool bpf2go -cc clang-14 -strip llvm-strip-14 -target amd64,arm64 -type event -type counter -type event_kind -type event_flag -type end -type mode -type place -type before -type local_end -type left_alone_set -cflags "-O2 -g -Wall -Werror -I headers" Sockio sockio.bpf.c
//go:generate go tool bpf2go -cc clang-14 -strip llvm-strip-14 -target amd64,arm64 -type tls_told -type tls_kind -type tls_library -type tls_slot -cflags "-O2 -g -Wall -Werror -I headers" TLS tls.bpf.c
