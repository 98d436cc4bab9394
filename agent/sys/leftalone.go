package sys

import (
	"slices"
	"time"

	"github.com/cilium/ebpf"

	"github.com/throughline-io/throughline/bpf"
)

// leftAlone are the AF_UNIX sockets that the kernel takes nothing of. It is a table of sets, by inode number: one
// that is pushed out is looked at again.
type leftAlone struct {
	kernel *ebpf.Map
	sets   [leftAloneSets]bpf.SockioLeftAloneSet
	next   [leftAloneSets]uint8
	since  []aloneSince // the oldest first
}

type aloneSince struct {
	inode uint32
	at    int64 // by the kernel's monotonic clock
}

const (
	leftAloneSets = 4096 // LEFT_ALONE of bpf/socket.h
	// leftAlonePatience is when a socket is looked at again: it may have been met within a long body.
	leftAlonePatience = time.Minute
	// leftAloneKept bounds what is remembered; what is beyond stays until it is pushed out.
	leftAloneKept = 1 << 16
)

// Put leaves a socket alone from now on.
func (l *leftAlone) Put(inode uint64, now int64) {
	at := uint32(inode) % leftAloneSets
	set := &l.sets[at]
	set.Inode[l.next[at]] = uint32(inode)
	l.next[at] = (l.next[at] + 1) % uint8(len(set.Inode))
	if l.kernel.Put(at, *set) != nil {
		return // it is looked at on
	}
	if len(l.since) < leftAloneKept {
		l.since = append(l.since, aloneSince{uint32(inode), now})
	}
}

// Sweep takes those out that were put in long ago, and says so.
func (l *leftAlone) Sweep(now int64, out func(inode uint64)) {
	n := 0
	for ; n < len(l.since) && now-l.since[n].at > int64(leftAlonePatience); n++ {
		inode := l.since[n].inode
		out(uint64(inode))
		at := inode % leftAloneSets
		set := &l.sets[at]
		if i := slices.Index(set.Inode[:], inode); i >= 0 {
			set.Inode[i] = 0
			_ = l.kernel.Put(at, *set) // it took the set before
		}
	}
	l.since = slices.Delete(l.since, 0, n)
}
