package spool

import (
	"context"
	"fmt"
)

// group is the records of one write and one sync.
type group struct {
	buf           []byte // frames
	records, rows int
	zeros         int64         // room that is counted for what fills blocks
	taken         chan struct{} // closed when the writer has it: the next one takes records
	done          chan struct{} // closed when id and err are set
	id            ID            // of the segment it is in
	err           error
}

func newGroup(buf []byte) *group {
	return &group{buf: buf[:0], taken: make(chan struct{}), done: make(chan struct{})}
}

// Append adds a record, whose bytes are the parts one after the other, and returns when it is
// durable, with the segment that has it. The parts may be used again after it returned.
//
// After an error of ctx the record may or may not be in the log; after any other it is not.
func (l *Log) Append(ctx context.Context, rows int, parts ...[]byte) (ID, error) {
	length := 0
	for _, p := range parts {
		length += len(p)
	}
	if length > l.opt.MaxRecord || headerSize+frameSize+int64(length) > l.opt.MaxBytes {
		return ID{}, fmt.Errorf("%w: %d bytes of %d", ErrTooLarge, length, min(int64(l.opt.MaxRecord), l.opt.MaxBytes))
	}
	g, err := l.join(ctx, rows, length, checksum(parts...), parts)
	if err != nil {
		return ID{}, err
	}
	select {
	case <-g.done:
		return g.id, g.err
	case <-ctx.Done():
		return ID{}, context.Cause(ctx)
	}
}

// join copies a record into the pending group, as soon as there is room in it.
func (l *Log) join(ctx context.Context, rows, length int, sum uint32, parts [][]byte) (*group, error) {
	size := frameSize + length
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		g := l.pending
		fill := int64(0)
		if g.zeros == 0 && len(g.buf)+size >= l.opt.large {
			fill = 2 * block
		}
		if err := l.admit(int64(size) + fill); err != nil {
			return nil, err
		}
		if g.records == 0 || len(g.buf)+size <= l.opt.GroupBytes {
			g.buf = appendFrame(g.buf, rows, length, sum, parts)
			g.records++
			g.rows += rows
			g.zeros += fill
			l.bytes += int64(size) + fill
			l.poke()
			return g, nil
		}
		l.mu.Unlock()
		select {
		case <-g.taken:
		case <-ctx.Done():
		}
		l.mu.Lock()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
}

func (l *Log) admit(size int64) error {
	switch {
	case l.closed:
		return ErrClosed
	case l.broken != nil:
		l.stats.Failed++
		return l.broken
	case l.bytes+headerSize+size > l.opt.MaxBytes:
		l.stats.Refused++
		if l.writing {
			l.capped = true
			l.poke()
		}
		return fmt.Errorf("%w: it has %d MiB of %d", ErrFull, l.bytes>>20, l.opt.MaxBytes>>20)
	}
	return nil
}

// take hands the pending group to the writer. The lock is held.
func (l *Log) take() *group {
	g := l.pending
	if g.records == 0 {
		return nil
	}
	l.pending, l.spare = newGroup(l.spare), nil
	close(g.taken)
	return g
}

// finish answers who waits for a group, of which so many bytes were filled up with zeros, and keeps its buffer
// unless a large record grew it.
func (l *Log) finish(g *group, id ID, fill int64, err error) {
	l.mu.Lock()
	l.bytes -= g.zeros
	if err == nil {
		l.bytes += fill
		l.stats.Groups++
		l.stats.Appended += uint64(g.records)
		l.stats.AppendedRows += uint64(g.rows)
		l.stats.AppendedBytes += uint64(len(g.buf))
	} else {
		l.bytes -= int64(len(g.buf))
		if l.broken != nil {
			l.stats.Failed += uint64(g.records)
		} else {
			l.stats.Refused += uint64(g.records)
		}
	}
	if cap(g.buf) <= 2*l.opt.GroupBytes {
		l.spare = g.buf
	}
	l.mu.Unlock()
	g.id, g.err = id, err
	close(g.done)
}
