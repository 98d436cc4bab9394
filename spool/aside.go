package spool

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// asideFolder has segments that could not be stored whole. Nothing reads them again: they
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
	// A full disk may have no room for the reason; that is no reason to give the segment again.
	if err := os.WriteFile(to+".txt", fmt.Appendln(nil, why), 0o600); err != nil {
		l.opt.Log.Warn("the reason is not written beside a segment set aside", "file", to, "error", err)
	}
	return errors.Join(l.disk.syncDir(l.aside.path), l.disk.syncDir(l.dir), l.boundAside())
}

// KeepRecord writes one record of a segment, by its place in it, to aside/, with a text file that
// says why: the consumer's store will never take it, and takes the others.
func (l *Log) KeepRecord(s *Segment, place int, record []byte, why string) error {
	to := filepath.Join(l.aside.path, fmt.Sprintf("%016x-%s-%d%s", s.Number, s.ID, place, recordSuffix))
	l.opt.Log.Warn("a record is set aside", "file", to, "why", why)
	err := errors.Join(os.WriteFile(to, record, 0o600), os.WriteFile(to+".txt", fmt.Appendln(nil, why), 0o600), l.disk.syncDir(l.aside.path), l.boundAside())
	l.mu.Lock()
	l.stats.SetAside++
	l.mu.Unlock()
	return err
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
		if err := l.disk.remove(path); err != nil {
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
