package spool

import (
	"errors"
	"os"
	"path/filepath"
)

// recover lists what an earlier process left. Every file is sealed now. Only the newest can
// end in a group that was being written when the process died; its tail is cut.
func (l *Log) recover() error {
	entries, err := os.ReadDir(l.dir) // sorted: the oldest segment first
	if err != nil {
		return err
	}
	for _, e := range entries {
		number, id, ok := parseName(e.Name())
		if !ok {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		l.number = max(l.number, number)
		l.sealed = append(l.sealed, &Segment{
			ID: id, Number: number, Bytes: info.Size(), Created: info.ModTime(), Recovered: true, path: filepath.Join(l.dir, e.Name()),
		})
	}
	for i, s := range l.sealed {
		err := l.inspect(s, i == len(l.sealed)-1)
		if errors.Is(err, ErrVersion) {
			return err
		}
		if err != nil { // the consumer will meet it, and can set the file aside
			l.opt.Log.Warn("a segment cannot be inspected", "file", s.path, "error", err)
		}
	}
	if n := len(l.sealed); n > 0 && l.sealed[n-1].Bytes == 0 { // nothing was acknowledged in it
		l.sealed = l.sealed[:n-1]
	}
	for _, s := range l.sealed {
		l.bytes += s.Bytes
	}
	if l.number, err = l.aside.newest(l.number); err != nil {
		return err
	}
	l.stats.Recovered = uint64(len(l.sealed))
	return l.boundAside()
}

// inspect reads a file's header, and the whole of the newest.
func (l *Log) inspect(s *Segment, newest bool) error {
	r, err := s.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	if !newest {
		return nil
	}
	for r.Next() {
		s.Records++
		s.Rows += r.Rows()
	}
	if r.Err() != nil {
		return r.Err()
	}
	if s.damage = (damage{}); r.bare && s.Records > 0 {
		if err := l.complete(s); err != nil {
			return err
		}
	}
	if r.sound == s.Bytes && s.Records > 0 {
		return nil
	}
	l.stats.TornBytes += uint64(s.Bytes - r.sound)
	l.opt.Log.Info("the log's newest segment ends in what was not acknowledged; it is cut", "file", s.path, "bytes", s.Bytes-r.sound)
	if s.Records == 0 {
		s.Bytes = 0
		return errors.Join(l.disk.remove(s.path), l.disk.syncDir(l.dir))
	}
	s.Bytes = r.sound
	return l.cut(s)
}

// complete writes the header of a file of which a record was on disk before it, when the process died: none was
// acknowledged, and it is no damage.
func (l *Log) complete(s *Segment) error {
	f, err := l.disk.open(s.path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteAt(appendHeader(nil, s.ID, s.Created), 0)
	return errors.Join(err, f.sync())
}

func (l *Log) cut(s *Segment) error {
	f, err := l.disk.open(s.path)
	if err != nil {
		return err
	}
	defer f.Close()
	return errors.Join(f.Truncate(s.Bytes), f.sync())
}
