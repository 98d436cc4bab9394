package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/throughline-io/throughline/pkg/span"
)

// Inserted is what an insert did.
type Inserted struct {
	Spans int
	// Uncounted says why the spans are not in the roll-up per minute, nil where they are. They
	// are stored all the same.
	Uncounted error
	// Folded are the spans that are counted under OtherRequests, their service having used up
	// its names.
	Folded uint64
}

// Insert stores a batch; see InsertAll. Its token is made of the spans' ids.
func (s *Store) Insert(ctx context.Context, batch *span.Batch) error {
	if err := batch.Check(); err != nil {
		return fmt.Errorf("insert: %w: %w", ErrMalformed, err)
	}
	one := func(yield func(*span.Batch, error) bool) { yield(batch, nil) }
	_, err := s.InsertAll(ctx, tokenOf(batch), one)
	return err
}

// InsertAll stores batches as one insert. They are read one after the other while they are
// sent, so that only one is in memory; each must be whole (span.Batch.Check) and stay as it is
// until the next is asked for. An error among them ends the insert, and nothing of it is found.
//
// It returns nil only when all of it is durable, in this order: the OTel resources and keys of
// attributes that the batches bring, links, and the edges between groups, then the spans, then the
// roll-up. An edge without rows is harmless, rows without their edges are not found.
//
// The same batches inserted again under the same token are one to every reader, and counted
// once: rows that are there replace themselves, and the store drops counts that come again within
// its window of the last 1,000 inserts.
func (s *Store) InsertAll(ctx context.Context, token string, batches iter.Seq2[*span.Batch, error]) (Inserted, error) {
	w := s.writers.Get().(*insertWriter)
	defer s.writers.Put(w)
	w.begin(s, ctx, batches)
	stored := false
	defer func() { w.newest.done(stored); w.end() }()
	if !w.fill() { // there is nothing, or an error before the first row
		return Inserted{}, w.err
	}
	resp, err := s.do(ctx, request{
		database: s.config.Database, sql: "INSERT INTO spans (" + strings.Join(w.block.names, ", ") + ") FORMAT Native",
		settings: s.insertSettings(""), stream: w,
	})
	if err == nil {
		err = written(resp)
	}
	if w.Close(); w.err != nil {
		err = w.err // why the body ended early; the store's answer only says that it did
	}
	if err != nil {
		return Inserted{}, fmt.Errorf("insert %d spans: %w", w.spans, err)
	}
	stored = true
	done := Inserted{Spans: w.spans, Folded: w.counts.folded}
	if len(w.counts.list) == 0 {
		return done, nil
	}
	err = s.send(ctx, &w.block, "requests_minute", token, w.counts.block)
	switch {
	case Retryable(err):
		return Inserted{}, fmt.Errorf("count %d spans: %w", w.spans, err)
	case err != nil:
		done.Uncounted = fmt.Errorf("count %d spans: %w", w.spans, err)
	}
	return done, nil
}

// insertWriter is the memory that one insert works in, and the body of its request: blocks of
// ClickHouse's Native format, one for each batch that has spans. Before the last byte it sends
// what must be there before the rows.
type insertWriter struct {
	store *Store
	ctx   context.Context
	next  func() (*span.Batch, error, bool)
	stop  func()

	block   block
	edges   edges
	groups  []uint64
	buckets []uint32
	counts  *rollUp
	news    newcomers
	links   *linkRows
	newest  inserted
	body    [][]byte // of the block, what is not yet read
	bodies  [][]byte
	spans   int
	err     error
	ended   bool

	mu   sync.Mutex // the transport may read a body after its request has failed
	shut bool
}

func (w *insertWriter) begin(s *Store, ctx context.Context, batches iter.Seq2[*span.Batch, error]) {
	w.store, w.ctx = s, ctx
	w.next, w.stop = iter.Pull2(batches)
	w.edges.reset()
	w.newest.begin(s.newest)
	w.counts = newRollUp(&s.requestNames)
	w.news, w.links = newNewcomers(s), new(linkRows)
	w.body, w.spans, w.err, w.ended, w.shut = nil, 0, nil, false, false
}

func (w *insertWriter) end() {
	_ = w.Close()
	w.stop()
	w.store, w.ctx, w.next, w.stop, w.counts, w.news, w.links = nil, nil, nil, nil, nil, newcomers{}, nil
}

// fill makes the next block; false at the end, when all that goes before the rows is stored,
// or after an error.
func (w *insertWriter) fill() (more bool) {
	defer func() {
		if r := recover(); r != nil { // a defect of ours that some batch brings to light
			w.err, more = fmt.Errorf("%w: %v\n%s", ErrPanic, r, debug.Stack()), false
		}
	}()
	for w.err == nil && !w.ended {
		batch, err, more := w.next()
		switch {
		case err != nil:
			w.err = err
		case !more:
			w.ended = true
			w.err = w.before()
		default:
			w.add(batch)
			if batch.Len() > 0 {
				return true
			}
		}
	}
	return false
}

func (w *insertWriter) add(batch *span.Batch) {
	n := batch.Len()
	w.groups, w.buckets = grow(w.groups, n), grow(w.buckets, n)
	w.edges.derive(batch, w.groups, w.buckets)
	w.news.add(batch)
	if n == 0 {
		return
	}
	w.spans += n
	w.counts.add(batch, w.buckets)
	w.links.add(batch, w.buckets)
	w.newest.add(batch, w.groups, w.buckets)
	w.block.spans(batch, w.groups, w.buckets)
	w.bodies = w.block.body(w.bodies[:0])
	w.body = w.bodies
}

// before stores what the rows need. It has a block of its own: that of the rows is being read.
func (w *insertWriter) before() error {
	if err := w.news.put(w.ctx); err != nil {
		return err
	}
	if n := len(w.links.id); n > 0 {
		if err := w.store.send(w.ctx, new(block), "links", "", w.links.block); err != nil {
			return fmt.Errorf("insert %d links: %w", n, err)
		}
	}
	if len(w.edges.a) == 0 {
		return nil
	}
	if err := w.store.send(w.ctx, new(block), "assoc", "", w.edges.block); err != nil {
		return fmt.Errorf("insert %d edges: %w", len(w.edges.a), err)
	}
	return nil
}

// Read gives the body.
func (w *insertWriter) Read(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.shut {
		return 0, http.ErrBodyReadAfterClose
	}
	n := 0
	for n < len(p) {
		if len(w.body) == 0 && !w.fill() {
			if w.err != nil {
				return n, errors.Join(errEnded, w.err)
			}
			if n == 0 {
				return 0, io.EOF
			}
			return n, nil
		}
		moved := copy(p[n:], w.body[0])
		n += moved
		if w.body[0] = w.body[0][moved:]; len(w.body[0]) == 0 {
			w.body = w.body[1:]
		}
	}
	return n, nil
}

// Close waits for a read that is under way.
func (w *insertWriter) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.shut = true
	return nil
}

// errEnded says that the insert ended itself, for a reason of its own.
var errEnded = errors.New("the insert was given up")
