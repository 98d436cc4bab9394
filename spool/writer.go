package spool

import (
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
	"time"
)

// openSegment is the file that groups are written to.
type openSegment struct {
	file          file
	number        uint64
	id            ID
	seed          uint32
	path          string
	created       time.Time
	size          int64 // of what is durable; what lies behind it is nobody's
	records, rows int
	named         bool // the folder's entry is durable too
}

// run writes groups and seals segments until Close.
func (l *Log) run() {
	defer close(l.ended)
	age := time.NewTimer(0)
	for {
		select {
		case <-l.wake:
		case <-age.C:
		}
		l.mu.Lock()
		g, sealers, closed, capped := l.take(), l.sealers, l.closed, l.capped
		l.sealers, l.capped = nil, false
		l.mu.Unlock()
		if g != nil {
			id, fill, err := l.put(g)
			l.finish(g, id, fill, err)
		}
		if s := l.open; s != nil && (len(sealers) > 0 || closed || capped || l.ripe(s)) {
			l.seal()
		}
		for _, s := range sealers {
			close(s)
		}
		if closed {
			return
		}
		if l.open == nil {
			continue
		}
		if left := time.Until(l.old(l.open)); left > 0 || l.idle() {
			age.Reset(left)
		} // else Next wakes the writer, when it takes the segment that waits
	}
}

func (l *Log) ripe(s *openSegment) bool {
	return s.size >= l.opt.SegmentBytes || s.rows >= l.opt.SegmentRows || time.Until(l.old(s)) <= 0 && l.idle()
}

// idle reports whether no sealed segment waits for the consumer. While one does, another is not
// what it lacks: a consumer that takes longer for a segment than it takes to fill one by age would
// fall behind for ever, and with larger ones it catches up.
func (l *Log) idle() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.sealed) == 0
}

// old is when a segment is sealed for its age, should no rows come.
func (l *Log) old(s *openSegment) time.Time {
	if s.rows < l.opt.SmallRows {
		return s.created.Add(l.opt.SmallAge)
	}
	return s.created.Add(l.opt.SegmentAge)
}

// put makes a group durable: the data, the size and, of a new file, the name. fill is how many zeros lie before
// and behind it.
func (l *Log) put(g *group) (id ID, fill int64, err error) {
	if l.broken != nil {
		return ID{}, 0, l.broken
	}
	if l.open == nil {
		if err := l.begin(); err != nil {
			return ID{}, 0, l.failed(err)
		}
	}
	s := l.open
	start, buf := s.size, g.buf
	if len(buf) >= l.opt.large {
		start, buf = upward(s.size), filled(buf)
	}
	place(buf[:len(g.buf)], s.seed, start)
	if _, err := s.file.WriteAt(buf, start); err != nil {
		return ID{}, 0, l.undo(err)
	}
	if !s.named { // first: that the file's own sync is true proves the folder's, too
		if err := l.disk.syncDir(l.dir); err != nil {
			return ID{}, 0, l.undo(err)
		}
		s.named = true
	}
	// After a failed sync nobody knows which pages the kernel has dropped: a second one that
	// succeeds proves nothing. So this file takes no more.
	if err := s.file.sync(); err != nil {
		return ID{}, 0, l.undo(err)
	}
	end := start + int64(len(buf))
	fill = end - s.size - int64(len(g.buf))
	s.size = end
	s.records += g.records
	s.rows += g.rows
	if l.full {
		l.full = false
		l.note(nil)
		l.opt.Log.Info("the log on disk takes records again", "folder", l.dir)
	}
	return s.id, fill, nil
}

// begin makes the next file, with its header.
func (l *Log) begin() error {
	s := &openSegment{number: l.number + 1, id: newID(l.number + 1), created: time.Now(), size: headerSize}
	s.seed, s.path = s.id.seed(), filepath.Join(l.dir, fileName(s.number, s.id))
	f, err := l.disk.create(s.path)
	if err != nil {
		return err
	}
	s.file = f
	if _, err := f.WriteAt(appendHeader(nil, s.id, s.created), 0); err != nil {
		f.Close()
		return errors.Join(err, l.disk.remove(s.path))
	}
	l.number, l.open = s.number, s
	l.mu.Lock()
	l.bytes += headerSize
	l.writing = true
	l.mu.Unlock()
	return nil
}

// undo takes back what was written of a group that was not made durable, and seals what was
// there before: the file takes no more, and the consumer may make room.
func (l *Log) undo(err error) error {
	s := l.open
	if cut := s.file.Truncate(s.size); cut != nil { // the tail could pass for records
		err = cut
	}
	answer := l.failed(err)
	if s.records > 0 {
		_ = s.file.sync() // so that a restart does not meet what was cut
		l.seal()
		return answer
	}
	s.file.Close()
	l.open = nil
	gone := l.disk.remove(s.path)
	l.mu.Lock()
	l.writing = false
	l.bytes -= headerSize
	l.mu.Unlock()
	if gone != nil {
		l.opt.Log.Warn("an empty segment is left behind", "file", s.path, "error", gone)
	}
	return answer
}

// failed says what a failure of the disk means to those who append: come again, or never.
func (l *Log) failed(err error) error {
	for _, passes := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM} {
		if errors.Is(err, passes) {
			if !l.full {
				l.full = true
				l.opt.Log.Warn("the log on disk takes nothing for now", "folder", l.dir, "error", err)
			}
			l.note(err)
			return fmt.Errorf("%w: %w", ErrFull, err)
		}
	}
	l.opt.Log.Error("the disk of the log failed; nothing is taken until a restart", "folder", l.dir, "error", err)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken = fmt.Errorf("%w: %w", ErrBroken, err)
	return l.broken
}

// note keeps for Stats whether the disk has room.
func (l *Log) note(full error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stats.Full, l.stats.FullAt = full, time.Now()
}

// seal gives the open segment to the consumer.
func (l *Log) seal() {
	s := l.open
	l.open = nil
	s.file.Close() // all of it is synced
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writing = false
	l.sealed = append(l.sealed, &Segment{
		ID: s.id, Number: s.number, Created: s.created, Bytes: s.size, Records: s.records, Rows: s.rows, path: s.path,
	})
	l.notify()
}
