package sys

import "time"

// endedLocals are the AF_UNIX streams that have ended a moment ago, by inode number: what their ends move behind that, as who reads the
// rest before it closes, begins nothing.
type endedLocals map[uint64]int64 // when, by the kernel's monotonic clock

const (
	// endedLocalsKept bounds them.
	endedLocalsKept = 4096
	// endedLocalsFor is how long the ends of a stream may go on. Long enough for a machine that has no time.
	endedLocalsFor = 10 * time.Second
)

// Put remembers that a stream has ended.
func (e endedLocals) Put(inode uint64, now int64) {
	if len(e) < endedLocalsKept {
		e[inode] = now
	}
}

// Has reports whether a stream has ended a moment ago.
func (e endedLocals) Has(inode uint64) bool {
	_, ended := e[inode]
	return ended
}

// Sweep forgets those that ended before.
func (e endedLocals) Sweep(now int64) {
	for inode, at := range e {
		if now-at > int64(endedLocalsFor) {
			delete(e, inode)
		}
	}
}
