package spool

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// asideFolder has segments and records that could not be stored. Nothing reads them again: they
// are there for a look, and to be moved back by hand when the cause is mended.
type asideFolder struct{ path string }

// newest is the highest number in the folder, or least: the next segment's is above it, so that
// the order of numbers is the order of time there too.
func (a asideFolder) newest(least uint64) (uint64, error) {
	entries, err := os.ReadDir(a.path)
	for _, e := range entries {
		number, _, _ := parseName(e.Name())
		least = max(least, number)
	}
	return least, err
}

// moveAside moves a segment's file, writes beside it why, and makes room.
func (l *Log) moveAside(s *Segment, why string) error {
	to := filepath.Join(l.aside.path, filepath.Base(s.path))
	l.opt.Log.Warn("a segment is set aside", "file", to, "why", why)
	if err := l.disk.rename(s.path, to); err != nil {
		return err
	}
	l.mu.Lock()
	l.stats.SetAside++
	l.mu.Unlock()
	l.giveReason(to, why)
	return errors.Join(l.disk.syncDir(l.aside.path), l.disk.syncDir(l.dir), l.boundAside())
}

// KeepRecord makes one record of a segment durable in aside/, by its place in it, with a text
// file that says why: the consumer's store will never take it, and takes the others. It may be
// called again after a restart.
func (l *Log) KeepRecord(s *Segment, place int, record []byte, why string) error {
	to := filepath.Join(l.aside.path, fmt.Sprintf("%016x-%s-%d%s", s.Number, s.ID, place, recordSuffix))
	l.opt.Log.Warn("a record is set aside", "file", to, "why", why)
	if err := l.keep(to, record); err != nil {
		return err
	}
	l.mu.Lock()
	l.stats.SetAside++
	l.mu.Unlock()
	l.giveReason(to, why)
	return errors.Join(l.disk.syncDir(l.aside.path), l.boundAside())
}

func (l *Log) keep(path string, record []byte) error {
	if err := l.disk.remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	f, err := l.disk.create(path)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(record, 0)
	return errors.Join(err, f.sync(), f.Close())
}

// giveReason writes a text file. A disk may have no room for it; that is no reason to give the
// consumer the same again.
func (l *Log) giveReason(path, why string) {
	if err := os.WriteFile(path+".txt", fmt.Appendln(nil, why), 0o600); err != nil {
		l.opt.Log.Warn("the reason is not written beside what is set aside", "file", path, "error", err)
	}
}

// recordSuffix ends the names of single records in aside/.
const recordSuffix = ".record"

// boundAside deletes the oldest files until the folder has AsideBytes at most.
func (l *Log) boundAside() error {
	entries, err := os.ReadDir(l.aside.path) // sorted: the oldest segment first
	if err != nil {
		return err
	}
	sizes := map[string]int64{}
	total := int64(0)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && (strings.HasSuffix(e.Name(), suffix) || strings.HasSuffix(e.Name(), recordSuffix)) {
			sizes[e.Name()] = info.Size()
			total += info.Size()
		}
	}
	dropped := uint64(0)
	for _, e := range entries {
		size, ok := sizes[e.Name()]
		if !ok || total <= l.opt.AsideBytes {
			continue
		}
		path := filepath.Join(l.aside.path, e.Name())
		if err := l.disk.remove(path); err != nil && !errors.Is(err, os.ErrNotExist) { // another may do the same
			return err
		}
		os.Remove(path + ".txt")
		delete(sizes, e.Name())
		total -= size
		dropped++
		l.opt.Log.Warn("deleted from aside for its bound", "file", path)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stats.Aside, l.stats.AsideBytes = len(sizes), total
	l.stats.AsideDropped += dropped
	return nil
}
