package sys

import (
	"time"

	"github.com/throughline-io/throughline/agent/causality"
)

// opening is a connection that a process has begun to open and not used yet.
type opening struct {
	process *process
	cause   causality.Connection
	at      int64 // by the kernel's monotonic clock
}

// openings are these by the inode number of the socket.
type openings map[uint64]opening

const (
	// openingKept is how long one is remembered: a connection that is not there by then seldom comes.
	openingKept = time.Minute
	// openingsKept bounds them.
	openingsKept = 1 << 16
)

// Put reports whether there was room.
func (o *openings) Put(socket uint64, p *process, cause causality.Connection, now int64) bool {
	if len(*o) >= openingsKept {
		return false
	}
	if *o == nil {
		*o = openings{}
	}
	(*o)[socket] = opening{p, cause, now}
	return true
}

// Take is what is known of the opening of a socket's connection.
func (o openings) Take(socket uint64, p *process) causality.Connection {
	of, ok := o[socket]
	if !ok || of.process != p {
		return causality.Connection{}
	}
	delete(o, socket)
	return of.cause
}

// Sweep forgets those that were not used.
func (o openings) Sweep(now int64) {
	for socket, of := range o {
		if now-of.at > int64(openingKept) {
			delete(o, socket)
		}
	}
}
