package server

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/throughline-io/throughline/server/ingest"
	"github.com/throughline-io/throughline/spool"
)

// pushLog is the log of pushes in the data directory, as ingest wants it.
type pushLog struct {
	*spool.Log
	dir      string
	maxBytes int64
}

const (
	// A segment is one insert. 64 MiB of pushes are some 200,000 spans, and at most a minute of
	// memory is what the store needs for them.
	segmentBytes = 64 << 20
	segmentRows  = 400_000
	// An insert of smallRows spans costs a span little more than a large one, and a reader who asks
	// for it not half a second: a segment that has so many ends after readyAge, a smaller one after
	// Config.LogAge.
	smallRows = 20_000
	readyAge  = 5 * time.Second
)

func openLog(c *Config) (*pushLog, error) {
	dir := filepath.Join(c.DataDir, "log")
	l, err := spool.Open(dir, spool.Options{
		MaxBytes: c.LogBytes, SegmentBytes: segmentBytes, SegmentRows: segmentRows,
		SegmentAge: min(readyAge, c.LogAge), SmallRows: smallRows, SmallAge: c.LogAge,
		MaxRecord: maxPush + 64, Log: c.Log.With("part", "log"),
	})
	if err != nil {
		return nil, fmt.Errorf("the log of what was acknowledged: %w", err)
	}
	return &pushLog{l, dir, c.LogBytes}, nil
}

// Append returns when the record is on disk, with the number of its segment.
func (l *pushLog) Append(ctx context.Context, rows int, record []byte) (uint64, error) {
	id, err := l.Log.Append(ctx, rows, record)
	return id.Number(), err
}

// Next waits for the oldest sealed segment.
func (l *pushLog) Next(ctx context.Context) (ingest.Segment, error) {
	s, err := l.Log.Next(ctx)
	if err != nil {
		return nil, err
	}
	return &segment{s, l.Log}, nil
}

// Waiting is how many segments are not done.
func (l *pushLog) Waiting() int { return l.Stats().Segments }

type segment struct {
	*spool.Segment
	log *spool.Log
}

// Number orders segments.
func (s *segment) Number() uint64 { return s.Segment.Number }

// Token is the segment's id.
func (s *segment) Token() string { return s.ID.String() }

// Records reads the segment from its beginning.
func (s *segment) Records() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		r, err := s.Open()
		if err != nil {
			yield(nil, err)
			return
		}
		defer r.Close()
		for r.Next() {
			if !yield(r.Record(), nil) {
				return
			}
		}
		if err := r.Err(); err != nil {
			yield(nil, err)
		}
	}
}

// Done removes the segment.
func (s *segment) Done() error { return s.log.Done(s.Segment) }

// SetAside keeps a record in the folder aside.
func (s *segment) SetAside(number int, record []byte, why string) error {
	return s.log.KeepRecord(s.Segment, number, record, why)
}

// acknowledged is the file beside the log that says which pushes were.
const acknowledged = "acknowledged.json"

// Remember writes the file as a whole or not at all.
func (l *pushLog) Remember(data []byte) error {
	path := filepath.Join(l.dir, acknowledged)
	f, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	d, err := os.Open(l.dir) // the new name must outlive the segment that is removed next
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// recall tells ingest which pushes an earlier run acknowledged.
func (l *pushLog) recall(s *ingest.Service) error {
	data, err := os.ReadFile(filepath.Join(l.dir, acknowledged))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	errs := []error{s.Recall(data)}
	err = l.Peek(func(segment *spool.Segment, record []byte) {
		if err := s.Recognise(segment.Number, record); err != nil {
			errs = append(errs, err)
		}
	})
	return errors.Join(append(errs, err)...)
}
