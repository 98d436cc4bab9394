package spool

import (
	"fmt"
	"time"
)

// Stats are a log's figures since it was opened, for /metrics.
type Stats struct {
	Segments int   // that lie on disk and are not done, the open one among them
	Bytes    int64 // of these, and of what is about to be written

	Appended      uint64 // records acknowledged
	AppendedRows  uint64
	AppendedBytes uint64
	Groups        uint64 // written and synced
	Refused       uint64 // records refused with ErrFull
	Failed        uint64 // records refused with ErrBroken

	Done       uint64 // segments
	Recovered  uint64 // segments that an earlier process left
	TornBytes  uint64 // cut from the end of the last of these: never acknowledged, but for damage
	Damaged    uint64 // places in segments where bytes were not as written, each one record or more
	DamageSize uint64 // bytes of these

	Aside        int   // segments in aside/
	AsideBytes   int64 //
	SetAside     uint64
	AsideDropped uint64 // segments deleted from aside/ for its bound

	Broken error // why nothing is taken any more; nil: all is well
	// Full is why the disk refused the last records that came, FullAt when that was; nil: it took
	// them. It passes by itself, which shows when records come.
	Full   error
	FullAt time.Time
}

// refusedFor is how long after it refused records the disk counts as full. Whether it has room
// again shows only when records come, which may not while a health check fails.
const refusedFor = 10 * time.Second

// Problem is why the log's disk takes nothing; nil: it does.
func (s Stats) Problem() error {
	switch {
	case s.Broken != nil:
		return s.Broken
	case s.Full != nil && time.Since(s.FullAt) < refusedFor:
		return fmt.Errorf("the log's disk has no room; make some, or move the directory: %w", s.Full)
	}
	return nil
}

// Stats are the figures at this moment.
func (l *Log) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.stats
	s.Bytes = l.bytes
	s.Segments = len(l.sealed) + len(l.taken)
	if l.writing {
		s.Segments++
	}
	s.Broken = l.broken
	return s
}
