//go:build linux && amd64

package libchdb

import (
	"syscall"
	"unsafe"
)

// guarded are the signals whose handlers libchdb replaces when it connects, and those the
// Go runtime cannot do without. With libchdb's handlers a nil dereference in Go, which the
// runtime turns into a panic by its own SIGSEGV handler, hangs the process for ever.
var guarded = []syscall.Signal{
	syscall.SIGILL, syscall.SIGABRT, syscall.SIGFPE, syscall.SIGBUS, syscall.SIGSEGV, syscall.SIGTRAP,
	syscall.SIGSYS, syscall.SIGTSTP, syscall.SIGURG, syscall.SIGPIPE, syscall.SIGPROF, syscall.SIGUSR1, syscall.SIGUSR2,
	syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGHUP,
}

// handlers are raw struct sigaction of libc, with room to spare.
type handlers [][256]byte

func saveHandlers() handlers {
	h := make(handlers, len(guarded))
	for i, sig := range guarded {
		libcSigaction(int32(sig), nil, unsafe.Pointer(&h[i]))
	}
	return h
}

func restoreHandlers(h handlers) {
	for i, sig := range guarded {
		libcSigaction(int32(sig), unsafe.Pointer(&h[i]), nil)
	}
}
