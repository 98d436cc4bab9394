// Package loss holds the traffic-control program that loses packets on the lab's wire.
package loss

import "github.com/cilium/ebpf"

//go:generate go tool bpf2go -cc clang-14 -strip llvm-strip-14 -target bpfel -cflags "-O2 -g -Wall -Werror -I../../../bpf/headers" program loss.bpf.c

// Load is the program "drop", with the variables "to", "per_mille" and "min_len" to be set.
func Load() (*ebpf.CollectionSpec, error) { return loadProgram() }
