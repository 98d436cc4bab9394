// Package tunnel holds the traffic-control programs that put the lab's node-to-node
// packets into IPIP.
package tunnel

import "github.com/cilium/ebpf"

//go:generate go tool bpf2go -cc clang-14 -strip llvm-strip-14 -target bpfel -cflags "-O2 -g -Wall -Werror -I../../../bpf/headers" program tunnel.bpf.c

// Load is the programs "encap" and "decap", with the variable "node_id" to be set.
func Load() (*ebpf.CollectionSpec, error) { return loadProgram() }
