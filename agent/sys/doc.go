// Package sys sees requests at the system calls of processes: SYS spans, by eBPF.
//
// The programs of package bpf put every call that moved bytes on a TCP socket of the
// chosen network namespaces into a ring. A reader polls the ring, gives each call to the
// session.Conn of its socket, and makes a span of every session that comes out.
//
// Which request of a process caused which of its calls is told by package causality, to which this
// one says what happens at the calls and on which goroutine or thread.
package sys
