package export_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/throughline-io/throughline/agent/export"
	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/wire"
)

// server is an Ingest that remembers, and that can be told to misbehave.
type server struct {
	wire.UnimplementedIngestServer
	path string

	mu        sync.Mutex
	grpc      *grpc.Server
	listener  net.Listener
	answer    func(*wire.PushRequest) error // nil: store
	reject    []*wire.Rejection             // said of each push
	stored    map[uint64]int                // spans by id: how often
	pushes    []*wire.PushRequest
	resources []uint64
	reports   int
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{path: filepath.Join(t.TempDir(), "s"), stored: map[uint64]int{}}
	s.start(t)
	t.Cleanup(s.kill)
	return s
}

func (s *server) start(t *testing.T) {
	t.Helper()
	l, err := net.Listen("unix", s.path)
	if err != nil {
		t.Fatal(err)
	}
	g := grpc.NewServer(grpc.MaxRecvMsgSize(wire.MaxMessage))
	wire.RegisterIngestServer(g, s)
	s.mu.Lock()
	s.grpc, s.listener = g, l
	s.mu.Unlock()
	go g.Serve(l)
}

// kill breaks all connections and answers nothing more.
func (s *server) kill() {
	s.mu.Lock()
	g, l := s.grpc, s.listener
	s.mu.Unlock()
	g.Stop()
	l.Close() // Stop knows it only once it is served
}

func (s *server) behave(answer func(*wire.PushRequest) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

func (s *server) Push(_ context.Context, r *wire.PushRequest) (*wire.PushResponse, error) {
	s.mu.Lock()
	answer := s.answer
	s.pushes = append(s.pushes, r)
	s.mu.Unlock()
	if answer != nil {
		if err := answer(r); err != nil {
			return nil, err
		}
	}
	var b span.Batch
	if err := wire.Decode(r.Batch, &b); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range b.ID {
		s.stored[id]++
	}
	for _, o := range b.OTelResources {
		s.resources = append(s.resources, o.ID)
	}
	return &wire.PushResponse{Accepted: uint64(b.Len()), Rejections: s.reject}, nil
}

func (s *server) Report(context.Context, *wire.ReportRequest) (*wire.ReportResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reports++
	return &wire.ReportResponse{Now: time.Now().UnixNano()}, nil
}

func (s *server) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.stored)
}

func (s *server) received() []*wire.PushRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pushes
}

func newQueue(t *testing.T, s *server, change func(*export.Config)) (*export.Queue, *ledger.Ledger) {
	t.Helper()
	l := new(ledger.Ledger)
	c := export.Config{Server: "unix://" + s.path, Agent: "node0", Node: "node0", Boot: 7, Started: time.Now(), Ledger: l, Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&c)
	}
	q, err := export.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { q.Close() })
	return q, l
}

func spans(from, n int) *span.Batch {
	var b span.Batch
	for i := range n {
		b.Append(&span.Span{ID: uint64(from + i), Source: span.APP, Point: span.PointApp, Start: 1e18})
	}
	return &b
}

func line(l *ledger.Ledger, source, what string) uint64 {
	return l.Counter("export", source, what).Load()
}

func deadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestSendReturnsWhenTheServerHasStored(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	q, l := newQueue(t, s, nil)
	if _, err := q.Send(deadline(t), spans(1, 3)); err != nil {
		t.Fatal(err)
	}
	if n := s.count(); n != 3 {
		t.Errorf("%d spans are stored when Send returns", n)
	}
	if in, out := line(l, "APP", "in"), line(l, "APP", "out"); in != 3 || out != 3 {
		t.Errorf("ledger: in %d, out %d", in, out)
	}
}

func TestABatchIsSentAgainWithItsNumberUntilItIsStored(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	failures := 3
	s.behave(func(*wire.PushRequest) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if failures--; failures >= 0 {
			return status.Error(codes.Unavailable, "store is down")
		}
		return nil
	})
	q, l := newQueue(t, s, nil)
	if _, err := q.Send(deadline(t), spans(1, 5)); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pushes) != 4 {
		t.Fatalf("%d pushes", len(s.pushes))
	}
	for _, p := range s.pushes {
		if p.Sequence != s.pushes[0].Sequence || p.Boot != 7 || p.Agent != "node0" {
			t.Errorf("sent again as %d of run %d of %q", p.Sequence, p.Boot, p.Agent)
		}
	}
	if n := line(l, "", "pushes sent again"); n != 3 {
		t.Errorf("ledger: %d sent again", n)
	}
}

// A server that is killed between the insert and the answer has the spans, and gets them
// again.
func TestNothingIsLostWhenTheServerIsKilled(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	q, l := newQueue(t, s, func(c *export.Config) { c.Rows = 100 })
	const total = 5000
	for i := range total {
		q.Add(&span.Span{ID: uint64(i + 1), Source: span.SYS, Point: span.PointClientProcess, Start: 1e18})
		if i == 1000 || i == 3000 {
			s.kill()
			s.start(t)
		}
	}
	if err := q.Flush(deadline(t)); err != nil {
		t.Fatal(err)
	}
	if n := s.count(); n != total {
		t.Errorf("%d of %d spans arrived", n, total)
	}
	if in, out := line(l, "SYS", "in"), line(l, "SYS", "out"); in != total || out != total {
		t.Errorf("ledger: in %d, out %d", in, out)
	}
}

func TestARefusedBatchIsNotSentAgain(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.behave(func(*wire.PushRequest) error { return status.Error(codes.InvalidArgument, "malformed") })
	q, l := newQueue(t, s, nil)
	if _, err := q.Send(deadline(t), spans(1, 5)); !errors.Is(err, export.ErrRefused) {
		t.Errorf("error %v", err)
	}
	if n := line(l, "APP", "dropped: refused by the server"); n != 5 {
		t.Errorf("ledger: %d refused", n)
	}
}

func TestAFullQueueDropsWhatIsNewAndCountsIt(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.kill()
	q, l := newQueue(t, s, func(c *export.Config) { c.MaxSpans = 100; c.Rows = 10 })
	for i := range 250 {
		q.Add(&span.Span{ID: uint64(i + 1), Source: span.NET, Point: span.PointClient, Start: 1e18})
	}
	if _, err := q.Send(deadline(t), spans(1000, 1)); !errors.Is(err, export.ErrFull) {
		t.Errorf("Send: %v, want that the queue is full", err)
	}
	if n := line(l, "NET", "dropped: queue full"); n != 150 {
		t.Errorf("ledger: %d dropped, want 150", n)
	}
	s.start(t)
	if err := q.Flush(deadline(t)); err != nil {
		t.Fatal(err)
	}
	if n := s.count(); n != 100 {
		t.Errorf("%d spans arrived, want the 100 there was room for", n)
	}
}

func TestSendGivesUpWhenNobodyAnswers(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.kill()
	q, _ := newQueue(t, s, func(c *export.Config) { c.Patience = 50 * time.Millisecond })
	if _, err := q.Send(deadline(t), spans(1, 1)); !errors.Is(err, export.ErrDown) {
		t.Errorf("error %v", err)
	}
	s.start(t) // the batch was kept all the same
	if err := q.Flush(deadline(t)); err != nil {
		t.Fatal(err)
	}
	if n := s.count(); n != 1 {
		t.Errorf("%d spans arrived", n)
	}
}

func TestCloseCountsWhatItCouldNotSend(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.kill()
	q, l := newQueue(t, s, func(c *export.Config) { c.Rows = 10 })
	for i := range 95 {
		q.Add(&span.Span{ID: uint64(i + 1), Source: span.SYS, Start: 1e18})
	}
	q.Close()
	q.Add(&span.Span{ID: 1000, Source: span.SYS, Start: 1e18})
	if n := line(l, "SYS", "dropped: shutdown"); n != 96 {
		t.Errorf("ledger: %d lost by the shutdown, want 96", n)
	}
}

func TestAResourceIsSentOnce(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	q, _ := newQueue(t, s, nil)
	for i := range 3 {
		b := spans(i+1, 1)
		r := span.Resource{ID: 9, Attributes: []span.Attribute{{Key: "service.name", Value: "x", Type: span.AttributeString}}}
		b.OTelResources = []span.Resource{r, r}
		if _, err := q.Send(deadline(t), b); err != nil {
			t.Fatal(err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Equal(s.resources, []uint64{9}) {
		t.Errorf("resources sent: %v", s.resources)
	}
}

func TestEdgesTravelWithoutSpans(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	q, _ := newQueue(t, s, nil)
	q.AddEdge(span.Edge{A: 1, B: 2, Time: 3, Kind: span.EdgeRoot})
	if err := q.Flush(deadline(t)); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pushes) != 1 || len(s.pushes[0].Batch.Edges.Kind) != 1 {
		t.Errorf("pushes %v", s.pushes)
	}
}

func BenchmarkAdd(b *testing.B) {
	l := new(ledger.Ledger)
	q, err := export.New(export.Config{Server: "unix:///nonexistent", Agent: "a", Ledger: l, Log: slog.New(slog.DiscardHandler), MaxSpans: 1 << 30, MaxBytes: 1 << 40})
	if err != nil {
		b.Fatal(err)
	}
	defer q.Close()
	s := &span.Span{ID: 1, Source: span.NET, Point: span.PointClient, Start: 1e18, Protocol: "HTTP", Type: "GET", Resource: "/items/42", Endpoint: "/items/{id}", Agent: "a", Node: "n", Interface: "eth0", InterfaceType: "nic"}
	b.ReportAllocs()
	for b.Loop() {
		q.Add(s)
	}
}
