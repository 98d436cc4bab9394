package spool

import (
	"cmp"
	"errors"
	"log/slog"
	"time"
)

// Errors of Append, Next and Open.
var (
	// ErrFull refuses a record because the log has MaxBytes, or the disk has no room or the
	// process no file handle left (then the error is the system's too, such as
	// syscall.ENOSPC). It passes by itself: the caller says 503 with Retry-After.
	ErrFull = errors.New("the log on disk takes no more for now")
	// ErrTooLarge refuses a record above MaxRecord, now and always.
	ErrTooLarge = errors.New("the record is larger than the log takes")
	// ErrBroken says that the disk failed or is read-only. Nothing is taken until the process
	// is started again; what was acknowledged can still be consumed as far as it can be read.
	ErrBroken = errors.New("the disk of the log failed; mend it and restart")
	ErrClosed = errors.New("the log is closed")
	// ErrLocked says that another process has the folder.
	ErrLocked = errors.New("another process uses this folder")
	// ErrVersion says that a newer version wrote the folder.
	ErrVersion = errors.New("written by a newer version")
)

// Options bound a Log. The zero value takes the defaults.
type Options struct {
	MaxBytes int64 // of all segments; then ErrFull. 4 GiB
	// AsideBytes bounds aside/: beyond it the oldest file goes, counted. 256 MiB.
	AsideBytes int64

	// A segment is sealed when it has SegmentBytes or SegmentRows, or is SegmentAge old and no
	// other waits for the consumer, all overrun by at most one group, or when the log or its disk
	// is full. 64 MiB, 400,000 rows, 5 s.
	SegmentBytes int64
	SegmentRows  int
	SegmentAge   time.Duration
	// SmallAge is how old a segment with fewer than SmallRows rows becomes instead: what is done
	// with a segment may cost the same however little it has. 0 rows: there is no such difference.
	SmallRows int
	SmallAge  time.Duration

	// Repeats lets a segment that is done come again after a loss of power, until the next one's first
	// record is durable: it saves a sync of the folder where the consumer's store recognises what it has.
	Repeats bool

	MaxRecord int // bytes of one record; 64 MiB
	// GroupBytes is what may be gathered while a group is written; further appends wait. A
	// record above it is a group of its own. 4 MiB.
	GroupBytes int

	Log *slog.Logger // nil: none

	disk  disk // nil: the operating system's
	large int  // bytes from which on a group is whole blocks; directBytes
}

func (o *Options) defaults() {
	o.MaxBytes = cmp.Or(o.MaxBytes, 4<<30)
	o.AsideBytes = cmp.Or(o.AsideBytes, 256<<20)
	o.SegmentBytes = cmp.Or(o.SegmentBytes, 64<<20)
	o.SegmentRows = cmp.Or(o.SegmentRows, 400_000)
	o.SegmentAge = cmp.Or(o.SegmentAge, 5*time.Second)
	o.MaxRecord = cmp.Or(o.MaxRecord, 64<<20)
	o.GroupBytes = cmp.Or(o.GroupBytes, 4<<20)
	o.large = cmp.Or(o.large, directBytes)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.disk == nil {
		o.disk = osDisk{}
	}
}
