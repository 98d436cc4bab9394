package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/sync/semaphore"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/wire"
)

// Options of a Service. The zero value takes the defaults.
type Options struct {
	// Log is where pushes lie until the store has them; they are acknowledged when they lie there.
	// nil: they are acknowledged when the store has them.
	Log     Log
	Journal JournalOptions
	Gather  GatherOptions // without a log
	// Receiving is how many pushes are taken in at a time; 16. Those of others wait where they
	// are, but for some 64 kB each.
	Receiving int
	// Bytes bounds the pushes in memory, by their size on the wire; in columns and as a block
	// for the store they take about three times as much. 64 MiB.
	Bytes int64
	// Patience is how long a push waits for room below Bytes before the agent is told to
	// come later; 2 s.
	Patience time.Duration
	// MaxAge refuses spans the store would delete at once; 0 refuses none.
	MaxAge time.Duration
	// Agents bounds the agents known at a time; 10,000.
	Agents int
	// Taken, when not nil, is told of each batch once it is acknowledged; the batch is only lent.
	Taken  func(*span.Batch)
	Logger *slog.Logger
	Now    func() time.Time
}

// Service is the gRPC service Ingest. Run must run for pushes to be answered.
type Service struct {
	wire.UnimplementedIngestServer

	opt     Options
	doors   *semaphore.Weighted
	room    *semaphore.Weighted
	journal *journal  // nil: without a log
	gather  *gatherer // nil: with one
	window  *window
	agents  *Agents

	watches watches
}

// New makes the service.
func New(s Store, t Tagger, opt Options) *Service {
	opt.Bytes = cmp.Or(opt.Bytes, 64<<20)
	opt.Patience = cmp.Or(opt.Patience, 2*time.Second)
	opt.Agents = cmp.Or(opt.Agents, 10_000)
	opt.Receiving = cmp.Or(opt.Receiving, 16)
	if opt.Logger == nil {
		opt.Logger = slog.New(slog.DiscardHandler)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	opt.Journal.maxAge = opt.MaxAge
	out := &Service{
		opt: opt, doors: semaphore.NewWeighted(int64(opt.Receiving)), room: semaphore.NewWeighted(opt.Bytes),
		window: newWindow(opt.Agents), agents: newAgents(opt.Agents, opt.Now),
		watches: watches{byAgent: map[string][]store.Watch{}, max: opt.Agents},
	}
	if opt.Log != nil {
		out.journal = newJournal(opt.Log, s, t, out.window, opt.Journal, opt.Logger)
	} else {
		out.gather = newGatherer(s, t, opt.Gather, opt.Logger)
	}
	return out
}

// Agents is what the service knows of the agents.
func (s *Service) Agents() *Agents { return s.agents }

// Run answers pushes until ctx ends; then it writes what it has taken in and returns.
func (s *Service) Run(ctx context.Context) {
	if s.journal != nil {
		s.journal.run(ctx)
		return
	}
	s.gather.run(ctx)
}

// Fresh waits, not long, until what was acknowledged can be read, but for what came within
// JournalOptions.FreshEvery: lists change all the time.
func (s *Service) Fresh(ctx context.Context) {
	if s.journal != nil {
		s.journal.fresh(ctx, false)
	}
}

// FreshNow waits, not long, until all spans of some groups that were acknowledged can be read,
// or all where none are given. It reports whether there was something to wait for.
func (s *Service) FreshNow(ctx context.Context, groups ...span.GroupID) bool {
	return s.journal != nil && s.journal.fresh(ctx, true, groups...)
}

// Journal is what became of what was in the log, and why the store does not take it; "" where
// it does.
func (s *Service) Journal() (counts JournalCounts, problem string) {
	if s.journal == nil {
		return counts, ""
	}
	return s.journal.Counts(), s.journal.problem()
}

// Recall takes in what the log kept of an earlier run: what Log.Remember was given, nil for
// nothing.
func (s *Service) Recall(remembered []byte) error {
	if remembered == nil {
		return nil
	}
	return s.window.restore(remembered)
}

// Recognise takes in a record that an earlier run left in a segment of the log: its push was
// acknowledged, and is not yet in the store.
func (s *Service) Recognise(segment uint64, record []byte) error {
	s.journal.pending.unknown(segment)
	req, _, err := readPush(record)
	if err != nil {
		return err
	}
	s.window.stored(run{req.GetAgent(), req.GetBoot()}, req.GetSequence())
	return nil
}

// Push stores one batch of an agent.
func (s *Service) Push(ctx context.Context, req *wire.PushRequest) (*wire.PushResponse, error) {
	return s.answer(ctx, &pushed{PushRequest: req})
}

// answer is Push. What it returned does not refer to req, and nothing that goes on does.
func (s *Service) answer(ctx context.Context, req *pushed) (*wire.PushResponse, error) {
	if err := checkName("agent", req.GetAgent()); err != nil {
		return nil, err
	}
	r := run{req.GetAgent(), req.GetBoot()}
	o, mine := s.window.begin(r, req.GetSequence(), uint64(req.GetBatch().GetRows()), s.opt.Now().UnixNano())
	if mine {
		s.push(ctx, req, r, o)
	} else {
		s.agents.repeated(r.agent)
	}
	select {
	case <-o.ready:
	case <-ctx.Done():
		// The insert goes on: the agent's next try finds its outcome.
		return nil, status.FromContextError(ctx.Err()).Err()
	}
	if o.err != nil {
		return nil, o.err
	}
	return &wire.PushResponse{Accepted: o.accepted, Rejected: o.rejected.rows, Message: o.rejected.message(), Rejections: o.rejected.reasons}, nil
}

// push sees to it that o ends, now or when the store has answered.
func (s *Service) push(ctx context.Context, req *pushed, r run, o *outcome) {
	sequence := req.GetSequence()
	fail := func(code codes.Code, format string, args ...any) {
		o.err = status.Errorf(code, format, args...)
		s.agents.failed(r.agent, code)
		s.window.end(r, sequence, o)
	}
	size := min(int64(req.size()), s.opt.Bytes)
	wait, cancel := context.WithTimeout(ctx, s.opt.Patience)
	defer cancel()
	if s.room.Acquire(wait, size) != nil {
		fail(codes.Unavailable, "the server has as many spans in memory as it may (%d MiB) and waits for the store; try again later", s.opt.Bytes>>20)
		return
	}
	came, b := s.opt.Now(), batchPool.Get().(*span.Batch)
	give := func() {
		s.room.Release(size)
		b.Reset()
		batchPool.Put(b)
	}
	rejected, err := decode(req.PushRequest, b, came, s.opt.MaxAge)
	switch {
	case err != nil:
		give()
		fail(codes.InvalidArgument, "%v", err)
		return
	case b.Len() == 0 && len(b.Edges) == 0 && len(b.OTelResources) == 0:
		o.rejected = rejected
		s.agents.pushed(r.agent, b, rejected.rows)
		give()
		s.window.end(r, sequence, o)
		return
	}
	done := func(err error) {
		defer give()
		switch {
		case errors.Is(err, errRefused):
			fail(codes.InvalidArgument, "%v", err)
		case err != nil:
			fail(codes.Unavailable, "not stored, try again later: %v", err)
		default:
			o.accepted, o.rejected = uint64(b.Len()), rejected
			s.agents.pushed(r.agent, b, rejected.rows)
			if s.opt.Taken != nil {
				s.opt.Taken(b)
			}
			s.window.end(r, sequence, o)
		}
	}
	if s.journal != nil {
		done(s.journal.take(ctx, came, req, b))
		return
	}
	if err := s.gather.add(ctx, part{batch: b, done: done}); err != nil {
		done(err)
	}
}

// batchPool keeps the memory of batches.
var batchPool = sync.Pool{New: func() any { return new(span.Batch) }}

// decode reads and sifts a push that came at a time. A panic in it, a defect of ours, costs
// this push only.
func decode(req *wire.PushRequest, b *span.Batch, came time.Time, maxAge time.Duration) (_ rejected, err error) {
	defer func() {
		if r := recover(); r != nil {
			b.Reset()
			err = fmt.Errorf("%w: decoding: %v", errPanic, r)
		}
	}()
	if req.GetBatch() == nil {
		b.Reset()
		return rejected{}, nil
	}
	if err := wire.Decode(req.GetBatch(), b); err != nil {
		return rejected{}, err
	}
	return sift(b, came, maxAge), nil
}

// Report takes an agent's heartbeat.
func (s *Service) Report(_ context.Context, req *wire.ReportRequest) (*wire.ReportResponse, error) {
	if err := checkName("agent", req.GetAgent()); err != nil {
		return nil, err
	}
	if len(req.GetLedger()) > maxLedgerRows {
		return nil, status.Errorf(codes.InvalidArgument, "%d ledger rows, at most %d are taken", len(req.GetLedger()), maxLedgerRows)
	}
	watched, err := readWatched(req)
	if err != nil {
		return nil, err
	}
	s.watches.add(req.GetAgent(), watched)
	s.agents.reported(req)
	return &wire.ReportResponse{Now: s.opt.Now().UnixNano()}, nil
}

func checkName(what, name string) error {
	if name == "" || len(name) > 253 || !utf8.ValidString(name) {
		return status.Errorf(codes.InvalidArgument, "%s name %.40q: want 1 to 253 bytes of text", what, name)
	}
	return nil
}
