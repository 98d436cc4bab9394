package spool

import (
	"context"
	"errors"
	"os"
	"time"
)

// Segment is a sealed file of records: what the consumer takes, stores and deletes as one.
// One goroutine uses it at a time.
type Segment struct {
	ID      ID
	Number  uint64 // grows from segment to segment
	Created time.Time
	Bytes   int64 // of the file
	// Records and Rows are what was appended; 0 in a segment that an earlier process left.
	Records, Rows int
	Recovered     bool // an earlier process left it

	path   string
	damage damage // as the last reader found it
}

// damage counts what is not as it was written.
type damage struct {
	places int
	bytes  int64
}

// Next is the oldest sealed segment that was not yet taken; it waits for one. Each is given
// once in a process: the consumer tries again by itself, and ends with Done or SetAside.
// Several may be out at a time.
func (l *Log) Next(ctx context.Context) (*Segment, error) {
	for {
		l.mu.Lock()
		if l.closed {
			l.mu.Unlock()
			return nil, ErrClosed
		}
		if len(l.sealed) > 0 {
			s := l.sealed[0]
			l.sealed = l.sealed[1:]
			l.taken[s.Number] = s
			l.mu.Unlock()
			l.poke() // one that is old enough may be sealed now
			return s, nil
		}
		changed := l.changed
		l.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// Done deletes a segment whose records are stored elsewhere; where its reader met damage it
// moves to aside/ instead. After an error the segment may come again at the next start; see also
// Options.Repeats.
func (l *Log) Done(s *Segment) error {
	if s.damage.places > 0 {
		return l.finishSegment(s, func() error {
			return l.moveAside(s, "its sound records are stored; other bytes are not as they were written")
		})
	}
	return l.finishSegment(s, func() error {
		if err := l.disk.remove(s.path); err != nil || l.opt.Repeats {
			return err
		}
		return l.disk.syncDir(l.dir)
	})
}

// SetAside moves a segment that cannot be stored to aside/, with a text file that says why.
func (l *Log) SetAside(s *Segment, why string) error {
	return l.finishSegment(s, func() error { return l.moveAside(s, why) })
}

func (l *Log) finishSegment(s *Segment, away func() error) error {
	l.mu.Lock()
	if l.closed { // another process may have the folder by now
		l.mu.Unlock()
		return ErrClosed
	}
	l.mu.Unlock()
	err := away()
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, mine := l.taken[s.Number]; !mine {
		return err
	}
	delete(l.taken, s.Number)
	if _, gone := os.Lstat(s.path); errors.Is(gone, os.ErrNotExist) {
		l.bytes -= s.Bytes
		l.stats.Done++
	}
	l.stats.Damaged += uint64(s.damage.places)
	l.stats.DamageSize += uint64(s.damage.bytes)
	l.notify()
	return err
}

// Seal makes all that was acknowledged before the call part of sealed segments.
func (l *Log) Seal(ctx context.Context) error {
	sealed := make(chan struct{})
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return ErrClosed
	}
	l.sealers = append(l.sealers, sealed)
	l.mu.Unlock()
	l.poke()
	select {
	case <-sealed:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Drain seals and returns when the consumer has ended with all that was acknowledged before
// the call: then a reader of the store can see it.
func (l *Log) Drain(ctx context.Context) error {
	if err := l.Seal(ctx); err != nil {
		return err
	}
	for newest := uint64(0); ; {
		l.mu.Lock()
		if newest == 0 {
			newest = l.newestSealed()
		}
		waiting := l.oldestSealed() <= newest && newest > 0
		closed, changed := l.closed, l.changed
		l.mu.Unlock()
		switch {
		case !waiting:
			return nil
		case closed:
			return ErrClosed
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// newestSealed is the highest number of the segments that wait or are taken; 0: there are none.
func (l *Log) newestSealed() (n uint64) {
	if len(l.sealed) > 0 {
		return l.sealed[len(l.sealed)-1].Number
	}
	for number := range l.taken {
		n = max(n, number)
	}
	return n
}

// oldestSealed is the lowest one; the highest that there is: there are none.
func (l *Log) oldestSealed() uint64 {
	n := ^uint64(0)
	if len(l.sealed) > 0 {
		n = l.sealed[0].Number
	}
	for number := range l.taken {
		n = min(n, number)
	}
	return n
}
