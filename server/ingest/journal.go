package ingest

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// journal acknowledges pushes when they are in a log on disk, and takes them from there to the
// store in large inserts: an insert costs the engine the same however few rows it has.
type journal struct {
	log     Log
	store   Store
	tagger  Tagger
	opt     JournalOptions
	logger  *slog.Logger
	window  *window
	pending *pending
	buffers sync.Pool // *[]byte

	left int // segments that were given up, because the server stops

	sealing sync.Mutex
	sealed  uint64    // the last segment that is known to have ended, for a reader
	asked   time.Time // when

	mu      sync.Mutex
	counts  JournalCounts
	trouble atomic.Pointer[string] // why the store does not take what lies here; nil: it does
}

// JournalOptions say how what is in the log goes to the store. The zero value takes the
// defaults.
type JournalOptions struct {
	// FreshEvery is how often the wish of readers to see what was just acknowledged may end a
	// segment; 500 ms. Each is an insert.
	FreshEvery time.Duration
	// FreshWait is how long a reader waits for it; 2 s. Then it sees what the store has.
	FreshWait time.Duration
	// Timeout of an insert; 5 min: large ones, and a store that merges.
	Timeout time.Duration
	// Refused reports whether an error of the store says that the data cannot be stored
	// however often it is tried; TooLarge, that less of it at once can.
	Refused, TooLarge func(error) bool

	maxAge time.Duration // of spans; see Options
}

func (o *JournalOptions) defaults() {
	if o.FreshEvery == 0 {
		o.FreshEvery = 500 * time.Millisecond
	}
	if o.FreshWait == 0 {
		o.FreshWait = 2 * time.Second
	}
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Minute
	}
	never := func(error) bool { return false }
	if o.Refused == nil {
		o.Refused = never
	}
	if o.TooLarge == nil {
		o.TooLarge = never
	}
}

// JournalCounts are what became of what was in the log, since the start.
type JournalCounts struct {
	Segments  uint64 // stored
	Spans     uint64 // stored
	SetAside  uint64 // pushes that the store will never take
	Uncounted uint64 // spans that are stored and not in the roll-up per minute
	Folded    uint64 // spans counted under the name of all others, their service having too many
}

func newJournal(l Log, s Store, t Tagger, w *window, opt JournalOptions, logger *slog.Logger) *journal {
	opt.defaults()
	j := &journal{log: l, store: s, tagger: t, opt: opt, logger: logger, window: w, pending: newPending()}
	j.buffers.New = func() any { return new([]byte) }
	return j
}

// take puts a push in the log. b is its contents. It does not give up with its caller: of a record
// that is given up nobody knows whether it is in the log, and the next try would be a second one.
func (j *journal) take(ctx context.Context, came time.Time, req *pushed, b *span.Batch) error {
	buf := j.buffers.Get().(*[]byte)
	defer j.buffers.Put(buf)
	var err error
	if *buf, err = appendPush((*buf)[:0], came, req); err != nil {
		return fmt.Errorf("%w: %w", errRefused, err)
	}
	segment, err := j.log.Append(context.WithoutCancel(ctx), b.Len(), *buf)
	if err != nil {
		return err
	}
	j.pending.add(segment, b)
	return nil
}

// fresh waits until the store has what was acknowledged before it was called, of some groups
// or, where none are given, of all; it reports whether it waited. Not at once means that what
// came in the last FreshEvery may be missing. Where the store takes too long that is no error:
// readers then see what it has.
func (j *journal) fresh(ctx context.Context, atOnce bool, groups ...span.GroupID) bool {
	segment := j.pending.last(groups)
	if segment == 0 {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, j.opt.FreshWait)
	defer cancel()
	upTo, behind := j.seal(ctx, segment, atOnce)
	for upTo != 0 {
		has, changed := j.pending.has(upTo)
		if has {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
		if behind {
			upTo, behind = j.seal(ctx, segment, atOnce)
		}
	}
	return false
}

// seal ends the segment that a reader needs, where it has not ended and one was not ended for a
// reader just before: then, unless it must be at once, what was ended will do. It returns up to
// which segment the reader needs the store to be; 0: it cannot be had. Behind says that the segment
// has not ended, for others wait before it.
func (j *journal) seal(ctx context.Context, segment uint64, atOnce bool) (upTo uint64, behind bool) {
	j.sealing.Lock()
	defer j.sealing.Unlock()
	if segment <= j.sealed {
		return segment, false
	}
	if j.log.Waiting() > 2 {
		// Beside the one that is being stored others wait: nothing comes sooner by one more, and
		// smaller ones make a store that is behind slower.
		return segment, true
	}
	if !atOnce && time.Since(j.asked) < j.opt.FreshEvery {
		return j.sealed, false
	}
	if err := j.log.Seal(ctx); err != nil {
		return 0, false
	}
	j.sealed, j.asked = segment, time.Now()
	return segment, false
}

// Counts are what became of what was in the log.
func (j *journal) Counts() JournalCounts {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.counts
}

// problem says why the store does not take what lies in the log; "" where it does.
func (j *journal) problem() string {
	if p := j.trouble.Load(); p != nil {
		return *p
	}
	return ""
}

// Delays between tries of an insert.
const (
	firstPause = 100 * time.Millisecond
	lastPause  = 5 * time.Second
	// stopping is how long a server that stops still takes what is in the log to the store. What
	// is left it finds there when it starts.
	stopping = 10 * time.Second
)

// run takes segments to the store until ctx ends and, for a while, what is there then. An insert
// that is under way at the end comes to its own.
func (j *journal) run(ctx context.Context) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(stopping, cancel) })()
	for ctx.Err() == nil {
		j.next(ctx, ctx, work)
	}
	if err := j.log.Seal(work); err != nil {
		j.logger.Warn("the log's last segment could not be ended; it is stored at the next start", "error", err)
	}
	for j.log.Waiting() > j.left && j.next(work, ctx, work) {
	}
	if n := j.log.Waiting(); n > 0 {
		j.logger.Info("stopped before all of the log was stored; the rest is stored at the next start", "segments", n)
	}
}

// next waits for the next segment and takes it to the store. When an insert fails it is tried again
// until retry ends; work is what inserts are made in. It reports whether the store has the segment.
func (j *journal) next(wait, retry, work context.Context) bool {
	segment, err := j.log.Next(wait)
	if err != nil {
		if wait.Err() == nil {
			j.fail("the log cannot be read", err)
			sleep(wait, lastPause)
		}
		return false
	}
	skip := map[int]bool{}
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := j.write(work, segment, skip)
		if err == nil {
			break
		}
		j.fail("what was acknowledged is not yet in the store, and tried again", err)
		if sleep(retry, pause); retry.Err() != nil {
			j.left++ // the log gives each once in a run of the server
			return false
		}
	}
	j.trouble.Store(nil)
	// Of what is removed nobody could tell any more that it was acknowledged.
	if err := j.log.Remember(j.window.snapshot()); err != nil {
		j.logger.Warn("which pushes were acknowledged was not noted; one that comes again after a restart counts twice", "error", err)
	}
	if err := segment.Done(); err != nil {
		// It is inserted again at the next start, and dropped by its token.
		j.logger.Warn("a segment of the log that is stored was not removed", "segment", segment.Number(), "error", err)
	}
	j.pending.done(segment.Number())
	return true
}

// fail notes what is wrong, and logs it when it is new.
func (j *journal) fail(what string, err error) {
	text := err.Error()
	if old := j.trouble.Swap(&text); old == nil || *old != text {
		j.logger.Warn(what, "error", err)
	}
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
