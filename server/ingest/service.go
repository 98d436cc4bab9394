package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
	"unicode/utf8"

	"golang.org/x/sync/semaphore"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/wire"
)

// Options of a Service. The zero value takes the defaults.
type Options struct {
	Gather GatherOptions
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
	Log    *slog.Logger
	Now    func() time.Time
}

// Service is the gRPC service Ingest. Run must run for pushes to be answered.
type Service struct {
	wire.UnimplementedIngestServer

	opt    Options
	room   *semaphore.Weighted
	gather *gatherer
	window *window
	agents *Agents

	watches watches
}

// New makes the service.
func New(s Store, t Tagger, opt Options) *Service {
	opt.Bytes = cmp.Or(opt.Bytes, 64<<20)
	opt.Patience = cmp.Or(opt.Patience, 2*time.Second)
	opt.Agents = cmp.Or(opt.Agents, 10_000)
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	return &Service{
		opt: opt, room: semaphore.NewWeighted(opt.Bytes), gather: newGatherer(s, t, opt.Gather, opt.Log),
		window: newWindow(opt.Agents), agents: newAgents(opt.Agents, opt.Now),
		watches: watches{byAgent: map[string][]store.Watch{}, max: opt.Agents},
	}
}

// Agents is what the service knows of the agents.
func (s *Service) Agents() *Agents { return s.agents }

// Run answers pushes until ctx ends; then it writes what it has taken in and returns.
func (s *Service) Run(ctx context.Context) { s.gather.run(ctx) }

// Push stores one batch of an agent.
func (s *Service) Push(ctx context.Context, req *wire.PushRequest) (*wire.PushResponse, error) {
	if err := checkName("agent", req.GetAgent()); err != nil {
		return nil, err
	}
	r := run{req.GetAgent(), req.GetBoot()}
	o, mine := s.window.begin(r, req.GetSequence(), s.opt.Now().UnixNano())
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
	return &wire.PushResponse{Accepted: o.accepted, Rejected: o.rejected, Message: o.message}, nil
}

// push sees to it that o ends, now or when the store has answered.
func (s *Service) push(ctx context.Context, req *wire.PushRequest, r run, o *outcome) {
	fail := func(code codes.Code, format string, args ...any) {
		o.err = status.Errorf(code, format, args...)
		s.agents.failed(r.agent, code)
		s.window.end(r, req.GetSequence(), o)
	}
	size := min(int64(proto.Size(req)), s.opt.Bytes)
	wait, cancel := context.WithTimeout(ctx, s.opt.Patience)
	defer cancel()
	if s.room.Acquire(wait, size) != nil {
		fail(codes.Unavailable, "the server has as many spans in memory as it may (%d MiB) and waits for the store; try again later", s.opt.Bytes>>20)
		return
	}
	b, rejected, message, err := s.decode(req)
	switch {
	case err != nil:
		s.room.Release(size)
		fail(codes.InvalidArgument, "%v", err)
		return
	case b.Len() == 0 && len(b.Edges) == 0 && len(b.OTelResources) == 0:
		s.room.Release(size)
		o.rejected, o.message = rejected, message
		s.agents.pushed(r.agent, b, rejected)
		s.window.end(r, req.GetSequence(), o)
		return
	}
	done := func(err error) {
		s.room.Release(size)
		switch {
		case errors.Is(err, errRefused):
			fail(codes.InvalidArgument, "%v", err)
		case err != nil:
			fail(codes.Unavailable, "not stored, try again later: %v", err)
		default:
			o.accepted, o.rejected, o.message = uint64(b.Len()), rejected, message
			s.agents.pushed(r.agent, b, rejected)
			s.window.end(r, req.GetSequence(), o)
		}
	}
	if err := s.gather.add(ctx, part{batch: b, done: done}); err != nil {
		done(err)
	}
}

// decode reads and sifts a push. A panic in it, a defect of ours, costs this push only.
func (s *Service) decode(req *wire.PushRequest) (b *span.Batch, rejected uint64, message string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: decoding: %v", errPanic, r)
		}
	}()
	b = new(span.Batch)
	if req.GetBatch() == nil {
		return b, 0, "", nil
	}
	if err := wire.Decode(req.GetBatch(), b); err != nil {
		return nil, 0, "", err
	}
	b, n, message := sift(b, s.opt.Now(), s.opt.MaxAge)
	if n > 1 {
		message = fmt.Sprintf("%s (and %d more)", message, n-1)
	}
	return b, uint64(n), message, nil
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
