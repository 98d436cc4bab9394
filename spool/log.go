package spool

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// Log is an open folder. It is safe for concurrent use.
type Log struct {
	dir    string
	opt    Options
	disk   disk
	unlock func()

	wake  chan struct{} // tells the writer to look; it never blocks
	ended chan struct{} // closed when the writer has returned

	// The writer's own: see writer.go.
	open   *openSegment
	number uint64 // of the newest segment
	full   bool   // the last group was refused by the disk

	mu      sync.Mutex
	pending *group          // takes records
	spare   []byte          // a buffer for the next group
	sealers []chan struct{} // who waits for a seal
	sealed  []*Segment      // not yet taken, oldest first
	taken   map[uint64]*Segment
	changed chan struct{} // closed and made anew when sealed or taken change
	bytes   int64         // of segments, the group under way and the pending one
	writing bool          // there is an open segment
	capped  bool          // MaxBytes refused a record: the open segment may be what is in the way
	closed  bool
	broken  error
	stats   Stats
	aside   asideFolder
}

// Open takes a folder, makes it where it is missing, and finds what an earlier process left:
// Stats().Recovered segments that Next gives first. Only one process can have a folder;
// ErrLocked and ErrVersion say why not.
func Open(dir string, opt Options) (*Log, error) {
	opt.defaults()
	l := &Log{
		dir: dir, opt: opt, disk: opt.disk, pending: newGroup(nil), taken: map[uint64]*Segment{},
		wake: make(chan struct{}, 1), ended: make(chan struct{}), changed: make(chan struct{}),
		aside: asideFolder{filepath.Join(dir, "aside")},
	}
	if err := l.makeFolders(); err != nil {
		return nil, err
	}
	unlock, err := lock(dir)
	if err != nil {
		return nil, err
	}
	l.unlock = unlock
	if err := l.recover(); err != nil {
		unlock()
		return nil, fmt.Errorf("recover %s: %w", dir, err)
	}
	go l.run()
	return l, nil
}

// makeFolders makes the names durable too: a record in a folder that the next start does not
// find is lost.
func (l *Log) makeFolders() error {
	if err := os.MkdirAll(l.aside.path, 0o700); err != nil {
		return err
	}
	if err := l.disk.syncDir(l.dir); err != nil {
		return err
	}
	return l.disk.syncDir(filepath.Dir(filepath.Clean(l.dir)))
}

// Close writes and acknowledges what waits, seals, and gives the folder free. Sealed segments
// stay on disk for the next Open.
func (l *Log) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		<-l.ended
		return nil
	}
	l.closed = true
	l.mu.Unlock()
	l.poke()
	<-l.ended
	l.mu.Lock()
	l.notify()
	l.mu.Unlock()
	l.unlock()
	return nil
}

// poke wakes the writer.
func (l *Log) poke() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// notify wakes who waits for segments to come or go. The lock is held.
func (l *Log) notify() {
	close(l.changed)
	l.changed = make(chan struct{})
}
