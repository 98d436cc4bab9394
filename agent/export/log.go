package export

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/pkg/wire"
	"github.com/throughline-io/throughline/spool"
)

// diskLog is where parcels lie from their acknowledgement until the server has them. A record is the
// push as it goes to the server, with the boot and sequence number of the run that made it: what the
// server had before a restart it recognises by them. Before it stand the keys of the requests that are
// in it, so that one that comes again is recognised, too.
type diskLog struct {
	*spool.Log
	requests *requests
	count    logCounters
	buffers  sync.Pool // *[]byte
}

// logCounters are the lines of stage "log": spans.
type logCounters struct{ in, recovered, out, refused ledgerLine }

type ledgerLine interface{ Add(uint64) uint64 }

// A record's first byte says what it is; another kind is for another byte.
const recordPush = 1

const (
	// A segment is deleted when all of it was pushed. One that is small soon ends, so that the server
	// hears of it; while the server is away they grow. Of a node that says little each costs more than the
	// spans in it: a file, its syncs, a push.
	segmentBytes = 16 << 20
	segmentAge   = 200 * time.Millisecond
	smallRows    = 1_000
	smallAge     = time.Second
)

func openLog(c *Config) (*diskLog, error) {
	l, err := spool.Open(filepath.Join(c.Dir, "log"), spool.Options{
		MaxBytes: c.LogBytes, SegmentBytes: segmentBytes, SegmentAge: segmentAge, SmallRows: smallRows, SmallAge: smallAge,
		Repeats: true, Log: c.Log.With("part", "log"),
	})
	if err != nil {
		return nil, fmt.Errorf("the log of what was acknowledged: %w", err)
	}
	d := &diskLog{Log: l, count: newLogCounters(c.Ledger)}
	d.buffers.New = func() any { return new([]byte) }
	if d.requests, err = openRequests(filepath.Join(c.Dir, "requests")); err != nil {
		l.Close()
		return nil, err
	}
	err = l.Peek(func(_ *spool.Segment, record []byte) {
		if keys, push, err := parseRecord(record); err == nil {
			d.requests.add(keys)
			d.count.recovered.Add(rowsOf(push))
		}
	})
	if err != nil {
		c.Log.Warn("a part of what was acknowledged before cannot be read", "error", err)
	}
	return d, nil
}

func newLogCounters(l *ledger.Ledger) logCounters {
	line := func(what string) ledgerLine { return l.Counter("log", "", what) }
	return logCounters{in: line("in"), recovered: line("in: of an earlier run"), out: line("out"), refused: line("dropped: refused by the server")}
}

// close ends the log. What is in it is pushed after the next start.
func (d *diskLog) close() error { return errors.Join(d.Log.Close(), d.requests.close()) }

func appendRecord(dst []byte, keys []Key, push *wire.PushRequest) ([]byte, error) {
	dst = append(dst, recordPush)
	dst = binary.AppendUvarint(dst, uint64(len(keys)))
	for _, k := range keys {
		dst = append(dst, k[:]...)
	}
	return proto.MarshalOptions{}.MarshalAppend(dst, push)
}

var errRecord = errors.New("not a record of this log")

// parseRecord is the keys and the marshalled push of a record.
func parseRecord(record []byte) (keys []Key, push []byte, err error) {
	if len(record) == 0 || record[0] != recordPush {
		return nil, nil, errRecord
	}
	n, w := binary.Uvarint(record[1:])
	push = record[1+max(w, 0):]
	if w <= 0 || n > uint64(len(push)/len(Key{})) {
		return nil, nil, errRecord
	}
	for range n {
		keys = append(keys, Key(push[:len(Key{})]))
		push = push[len(Key{}):]
	}
	return keys, push, nil
}

// rowsOf is how many spans a marshalled push has.
func rowsOf(push []byte) uint64 {
	var request wire.PushRequest
	if proto.Unmarshal(push, &request) != nil {
		return 0
	}
	return uint64(request.GetBatch().GetRows())
}

// write makes a parcel durable.
func (q *Queue) write(p *parcel) error {
	sent := q.known.strip(p.batch, time.Now())
	buf := q.log.buffers.Get().(*[]byte)
	defer func() {
		if cap(*buf) <= parcelBytes {
			q.log.buffers.Put(buf)
		}
	}()
	var err error
	if *buf, err = appendRecord((*buf)[:0], p.keys, q.request(p)); err == nil {
		// It is not given up with who waits: of a record that is given up nobody knows whether it is in the log.
		_, err = q.log.Append(context.Background(), p.batch.Len(), *buf)
	}
	if err != nil {
		q.count.droppedBatch(p.batch, ErrFull)
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	q.known.add(sent, time.Now())
	q.count.outBatch(p.batch)
	q.log.count.in.Add(uint64(p.batch.Len()))
	return nil
}

// drain takes the log to the server, segment by segment, until ctx ends.
func (q *Queue) drain(ctx context.Context) {
	for {
		s, err := q.log.Next(ctx)
		if err != nil {
			return
		}
		keys, err := q.pushSegment(ctx, s)
		if ctx.Err() != nil {
			return // it is pushed after the next start
		}
		if err != nil {
			q.config.Log.Error("a part of the log cannot be read", "error", err)
			err = q.log.SetAside(s, err.Error())
		} else if err = q.log.requests.keep(keys); err == nil {
			err = q.log.Done(s)
		}
		if err != nil {
			q.config.Log.Error("what was pushed stays in the log; it is pushed again after the next start", "error", err)
		}
	}
}

// pushSegment pushes all records of a segment, a few at a time, and returns the keys of their requests.
func (q *Queue) pushSegment(ctx context.Context, s *spool.Segment) (keys []Key, err error) {
	r, err := s.Open()
	if err != nil {
		return nil, err
	}
	var pushes errgroup.Group
	pushes.SetLimit(q.config.Workers)
	for place := 0; ctx.Err() == nil && r.Next(); place++ {
		rows, record := uint64(r.Rows()), slices.Clone(r.Record())
		more, push, err := parseRecord(record)
		if err != nil {
			q.config.Log.Error("a record of the log is set aside", "error", errors.Join(err, q.log.KeepRecord(s, place, record, err.Error())))
			continue
		}
		keys = append(keys, more...)
		pushes.Go(func() error {
			err := q.until(ctx, func(ctx context.Context) error { return q.pushRecord(ctx, push) })
			switch {
			case err == nil:
				q.log.count.out.Add(rows)
			case errors.Is(err, ErrRefused):
				q.log.count.refused.Add(rows)
				q.config.Log.Error("batch refused; it is set aside", "spans", rows, "error", err)
				return q.log.KeepRecord(s, place, record, err.Error())
			}
			return nil
		})
	}
	return keys, errors.Join(pushes.Wait(), r.Err(), r.Close())
}

// pushRecord sends a push as it lies in the log.
func (q *Queue) pushRecord(ctx context.Context, push []byte) error {
	ctx, cancel := context.WithTimeout(ctx, pushTimeout)
	defer cancel()
	answer := new(wire.PushResponse)
	if err := q.conn.Invoke(ctx, wire.Ingest_Push_FullMethodName, push, answer, grpc.ForceCodecV2(asItLies{})); err != nil {
		return err
	}
	q.leftOut(answer)
	return nil
}

// asItLies marshals bytes as they are.
type asItLies struct{}

func (asItLies) Name() string { return "proto" }

func (asItLies) Marshal(v any) (mem.BufferSlice, error) {
	b, ok := v.([]byte)
	if !ok {
		return nil, fmt.Errorf("a push of the log is a %T, want bytes", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(b)}, nil
}

func (asItLies) Unmarshal(data mem.BufferSlice, v any) error {
	m, ok := v.(proto.Message)
	if !ok {
		return fmt.Errorf("the answer to a push is a %T, want a message", v)
	}
	return proto.Unmarshal(data.Materialize(), m)
}
