package ingest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"

	"github.com/throughline-io/throughline/pkg/span"
)

// blockRows is how many spans are at least sent at once, where a segment has them: each
// further block costs the store some 60 columns.
const blockRows = 8192

// write takes a segment to the store. Where the store refuses the whole, or it is too large for
// it, it is halved until the pushes at fault stand alone: those are set aside, and their numbers
// put in skip. The same halves come again after a restart, so their tokens are the same.
func (j *journal) write(ctx context.Context, s Segment, skip map[int]bool) error {
	return j.writeRange(ctx, s, skip, 0, math.MaxInt)
}

// writeRange does so with the records from one number to before another.
func (j *journal) writeRange(ctx context.Context, s Segment, skip map[int]bool, from, to int) error {
	token := s.Token()
	if from > 0 || to < math.MaxInt {
		token = fmt.Sprintf("%s-%d-%d", token, from, to)
	}
	insert, cancel := context.WithTimeout(ctx, j.opt.Timeout)
	defer cancel()
	b := &batches{journal: j, ctx: insert, segment: s, skip: skip, from: from, to: to}
	done, err := j.store.InsertAll(insert, token, b.all())
	if err != nil && j.opt.Refused(err) { // also what a body is told that was cut on its way: it is asked twice
		done, err = j.store.InsertAll(insert, token, b.all())
	}
	var bad *badRecord
	switch {
	case err == nil:
		j.note(func(c *JournalCounts) {
			c.Spans += uint64(done.Spans)
			c.Folded += done.Folded
			if done.Uncounted != nil {
				c.Uncounted += uint64(done.Spans)
			}
			if from == 0 {
				c.Segments++
			}
		})
		if done.Uncounted != nil {
			j.logger.Warn("spans are stored and not counted in metrics", "spans", done.Spans, "error", done.Uncounted)
		}
		return nil
	case errors.As(err, &bad):
		j.setAside(s, bad.record, bad.at, skip, bad.err)
		return j.writeRange(ctx, s, skip, from, to)
	case !j.opt.Refused(err) && !j.opt.TooLarge(err), ctx.Err() != nil:
		return err
	}
	to = min(to, b.seen) // how many records there are, when all were read
	if len(b.read) == 0 {
		return err
	}
	if len(b.read) == 1 {
		if j.opt.TooLarge(err) {
			return err // there may be more room later
		}
		at := b.read[0]
		record, readErr := nth(s, at)
		if readErr != nil {
			return readErr
		}
		j.setAside(s, record, at, skip, err)
		return nil
	}
	j.logger.Info("an insert goes in halves", "segment", s.Number(), "pushes", len(b.read), "reason", err)
	middle := b.read[len(b.read)/2]
	if err := j.writeRange(ctx, s, skip, from, middle); err != nil {
		return err
	}
	return j.writeRange(ctx, s, skip, middle, to)
}

func (j *journal) setAside(s Segment, record []byte, at int, skip map[int]bool, why error) {
	skip[at] = true
	j.note(func(c *JournalCounts) { c.SetAside++ })
	j.logger.Error("the store will never take a push; it is set aside", "segment", s.Number(), "record", at, "bytes", len(record), "error", why)
	if err := s.SetAside(at, record, why.Error()); err != nil {
		j.logger.Error("a push that is lost to the store was not kept either", "segment", s.Number(), "record", at, "error", err)
	}
}

func (j *journal) note(change func(*JournalCounts)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	change(&j.counts)
}

// nth is a record of a segment by its number.
func nth(s Segment, at int) ([]byte, error) {
	i := 0
	for record, err := range s.Records() {
		if err != nil {
			return nil, err
		}
		if i == at {
			return record, nil
		}
		i++
	}
	return nil, fmt.Errorf("segment %d has no record %d", s.Number(), at)
}

// badRecord is a record that cannot be read as a push, though it is as it was written.
type badRecord struct {
	at     int
	record []byte
	err    error
}

func (b *badRecord) Error() string { return fmt.Sprintf("record %d: %v", b.at, b.err) }

// batches reads records of a segment, as batches that are tagged.
type batches struct {
	journal *journal
	ctx     context.Context
	segment Segment
	skip    map[int]bool
	from    int
	to      int

	seen int   // records so far
	read []int // numbers of those that are in the insert
}

func (b *batches) all() iter.Seq2[*span.Batch, error] {
	return func(yield func(*span.Batch, error) bool) {
		b.seen, b.read = 0, nil
		one, gathered := new(span.Batch), new(span.Batch)
		give := func(batch *span.Batch) bool {
			if batch.Len() == 0 && len(batch.Edges) == 0 && len(batch.OTelResources) == 0 {
				return true
			}
			if err := b.tag(batch); err != nil {
				yield(nil, err)
				return false
			}
			return yield(batch, nil)
		}
		for record, err := range b.segment.Records() {
			at := b.seen
			b.seen++
			if err != nil {
				yield(nil, fmt.Errorf("read the log: %w", err))
				return
			}
			if at < b.from || b.skip[at] {
				continue
			}
			if at >= b.to {
				break
			}
			req, came, err := readPush(record)
			if err == nil {
				_, err = decode(req, one, came, b.journal.opt.maxAge)
			}
			if err != nil {
				yield(nil, &badRecord{at, append([]byte(nil), record...), err})
				return
			}
			b.read = append(b.read, at)
			if one.Len() >= blockRows/2 {
				if !give(one) {
					return
				}
				continue
			}
			gathered.AppendBatch(one)
			if gathered.Len() >= blockRows {
				if !give(gathered) {
					return
				}
				gathered.Reset()
			}
		}
		give(gathered)
	}
}

// tag says whose the spans are, and stores what is new of that.
func (b *batches) tag(batch *span.Batch) error {
	entities, err := b.journal.tagger.Tag(b.ctx, batch)
	if err != nil {
		return fmt.Errorf("tag %d spans: %w", batch.Len(), err)
	}
	if len(entities) == 0 {
		return nil
	}
	if err := b.journal.store.PutEntities(b.ctx, entities); err != nil {
		return fmt.Errorf("store %d entities: %w", len(entities), err)
	}
	b.journal.tagger.Stored(entities)
	return nil
}
