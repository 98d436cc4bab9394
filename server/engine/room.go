package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// ErrNoRoom says that the store's disk is full, or was while something was written.
var ErrNoRoom = errors.New("the disk of the store has no room")

// room is how much the store's disk has left. ClickHouse 26.7 as a library takes a write for which the disk has no
// room for done: an insert succeeds, and a merge puts a part of empty files in place of those that it has read, which
// are deleted 8 minutes later. A store that is started anew finds such parts, sets them aside and takes back what
// they were made of. So it is started anew as soon as the disk is full, and what was written meanwhile is not
// believed.
type room struct {
	free func() uint64 // bytes
	// keep is what merges and inserts do not touch (keep_free_space_bytes); below least a file that was begun
	// earlier may have found no room.
	keep, least uint64

	mu    sync.Mutex
	short bool
	times uint64 // it has become short
}

const (
	keepShare = 20 // of the disk, one in so many
	mostKept  = 1 << 30
	leastKept = 16 << 20
	// lookEvery is how long room may be short unseen, but for inserts, which look when they end.
	lookEvery = time.Second
)

// newRoom looks at a disk. One that cannot be asked has room.
func newRoom(dir string) *room {
	r := &room{free: func() uint64 { return freeOn(dir) }}
	var disk unix.Statfs_t
	if unix.Statfs(dir, &disk) != nil {
		return r
	}
	r.keep = min(max(disk.Blocks*uint64(disk.Bsize)/keepShare, leastKept), mostKept)
	r.least = r.keep / 4
	r.short = r.free() < r.least
	return r
}

func freeOn(dir string) uint64 {
	var disk unix.Statfs_t
	if unix.Statfs(dir, &disk) != nil {
		return 1 << 62
	}
	return disk.Bavail * uint64(disk.Bsize)
}

// look reports how often room has become short, whether just now, and why nothing can be written now.
func (r *room) look() (times uint64, now bool, err error) {
	free := r.free()
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case free < r.least && !r.short:
		r.short, now = true, true
		r.times++
	case free >= r.keep:
		r.short = false
	}
	if r.short {
		err = fmt.Errorf("%w: %d MiB are free, %d are needed", ErrNoRoom, free>>20, r.keep>>20)
	}
	return r.times, now, err
}

// Trusted runs a write to the store, whose success counts only if the disk had room all the time.
func (e *Engine) Trusted(write func() error) error {
	before, err := e.look()
	if err != nil {
		return err
	}
	if err := write(); err != nil {
		return err
	}
	after, err := e.look()
	if err == nil && after != before {
		err = fmt.Errorf("%w for some time: what was written then may not be there", ErrNoRoom)
	}
	return err
}

// look starts the store anew when room has just become short.
func (e *Engine) look() (times uint64, err error) {
	times, now, err := e.room.look()
	if !now {
		return times, err
	}
	e.options.Logger.Warn("the disk of the store is full; the store is started again, to find what it could not write", "error", err)
	e.mu.Lock()
	p := e.current
	e.mu.Unlock()
	if p != nil {
		_ = p.cmd.Process.Kill() // it may be gone
	}
	return times, err
}

// watchRoom looks at the disk also while nothing is inserted: merges go on.
func (e *Engine) watchRoom(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_, _ = e.look()
		}
	}
}
