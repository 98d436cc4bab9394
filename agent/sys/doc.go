// Package sys sees requests at the system calls of processes: SYS spans, by eBPF.
//
// The programs of package bpf put every call that moved bytes on a TCP socket of the
// chosen network namespaces into a ring. A reader polls the ring, gives each call to the
// session.Conn of its socket, and makes a span of every session that comes out.
//
// It also follows causality inside a process. A passage is one request's way through a
// process: it begins when a goroutine (or a thread, where a program has no goroutines) has
// read the header of a request, and lasts until that goroutine has read the next one. What
// the goroutine sends meanwhile belongs to the passage.
package sys
