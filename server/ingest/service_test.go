package ingest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/wire"
)

var errBadData = errors.New("cannot parse")

// memory is a store that can be told to fail.
type memory struct {
	mu      sync.Mutex
	inserts int
	ids     []uint64
	tokens  []string        // of the inserts of a log
	fail    error           // of every insert
	poison  map[uint64]bool // an insert with one of these fails with errBadData
	block   chan struct{}   // when not nil, inserts wait for it
	entered chan struct{}   // when not nil, gets a value when an insert begins
}

func (m *memory) PutEntities(context.Context, []span.Entity) error { return nil }

func (m *memory) Insert(_ context.Context, b *span.Batch) error {
	if m.entered != nil {
		m.entered <- struct{}{}
	}
	if m.block != nil {
		<-m.block
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inserts++
	if m.fail != nil {
		return m.fail
	}
	for _, id := range b.ID {
		if m.poison[id] {
			return errBadData
		}
	}
	m.ids = append(m.ids, b.ID...)
	return nil
}

// InsertAll is an insert of all batches; one that comes again under its token is dropped.
func (m *memory) InsertAll(ctx context.Context, token string, batches iter.Seq2[*span.Batch, error]) (store.Inserted, error) {
	all := new(span.Batch)
	for b, err := range batches {
		if err != nil {
			return store.Inserted{}, err
		}
		all.AppendBatch(b)
	}
	m.mu.Lock()
	again := slices.Contains(m.tokens, token)
	m.mu.Unlock()
	if again {
		return store.Inserted{Spans: all.Len()}, nil
	}
	if err := m.Insert(ctx, all); err != nil {
		return store.Inserted{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tokens = append(m.tokens, token)
	return store.Inserted{Spans: all.Len()}, nil
}

func (m *memory) set(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

// stored is the ids in the store, sorted, with their repetitions.
func (m *memory) stored() []uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(slices.Values(m.ids))
}

type noTags struct{}

func (noTags) Tag(context.Context, *span.Batch) ([]span.Entity, error) { return nil, nil }
func (noTags) Stored([]span.Entity)                                    {}

// serve runs a service behind real gRPC on a unix socket.
func serve(t *testing.T, m *memory, opt Options, token string) (*Service, wire.IngestClient) {
	t.Helper()
	opt.Gather.Refused = func(err error) bool { return errors.Is(err, errBadData) }
	s := New(m, noTags{}, opt)
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan struct{})
	go func() { defer close(ran); s.Run(ctx) }()
	server := grpc.NewServer(append(RequireToken(token), AsItCame())...)
	s.Register(server)
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	conn, err := grpc.NewClient("unix://"+path, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); server.Stop(); cancel(); <-ran })
	return s, wire.NewIngestClient(conn)
}

func push(agent string, sequence uint64, ids ...uint64) *wire.PushRequest {
	b := new(span.Batch)
	for _, id := range ids {
		b.Append(&span.Span{ID: id, Source: span.SYS, Start: time.Now().UnixNano(), Duration: 5})
	}
	return &wire.PushRequest{Agent: agent, Boot: 1, Sequence: sequence, Batch: wire.Encode(b)}
}

// pushAll sends requests at the same time and returns the code of each.
func pushAll(t *testing.T, c wire.IngestClient, reqs ...*wire.PushRequest) []codes.Code {
	t.Helper()
	out := make([]codes.Code, len(reqs))
	var wg sync.WaitGroup
	for i, r := range reqs {
		wg.Go(func() {
			_, err := c.Push(t.Context(), r)
			out[i] = status.Code(err)
		})
	}
	wg.Wait()
	return out
}

func TestPushesOfManyAgentsShareAnInsert(t *testing.T) {
	t.Parallel()
	m := &memory{}
	_, c := serve(t, m, Options{Gather: GatherOptions{Delay: time.Hour, Rows: 6}}, "")
	codes := pushAll(t, c, push("a", 1, 1, 2), push("b", 1, 3, 4), push("c", 1, 5, 6))
	if m.inserts != 1 || !slices.Equal(m.stored(), []uint64{1, 2, 3, 4, 5, 6}) {
		t.Errorf("%d inserts of %v, answers %v; want one insert of six", m.inserts, m.stored(), codes)
	}
}

func TestOneBadPushFailsAlone(t *testing.T) {
	t.Parallel()
	m := &memory{poison: map[uint64]bool{5: true}}
	s, c := serve(t, m, Options{Gather: GatherOptions{Delay: time.Hour, Rows: 8}}, "")
	got := pushAll(t, c, push("a", 1, 1, 2), push("b", 1, 3, 4), push("bad", 1, 5, 6), push("c", 1, 7, 8))
	want := []codes.Code{codes.OK, codes.OK, codes.InvalidArgument, codes.OK}
	if !slices.Equal(got, want) || !slices.Equal(m.stored(), []uint64{1, 2, 3, 4, 7, 8}) {
		t.Errorf("answers %v, want %v; stored %v", got, want, m.stored())
	}
	for _, a := range s.Agents().All() {
		if a.Name == "bad" && a.Failed["InvalidArgument"] != 1 {
			t.Errorf("the refused push is not counted: %+v", a)
		}
	}
}

func TestMalformedPushFailsAlone(t *testing.T) {
	t.Parallel()
	m := &memory{}
	_, c := serve(t, m, Options{Gather: GatherOptions{Delay: time.Millisecond}}, "")
	bad := push("bad", 1, 9)
	bad.Batch.Columns[0].Data = bad.Batch.Columns[0].Data[:7]
	got := pushAll(t, c, push("a", 1, 1), bad, push("", 1, 2), push(strings.Repeat("x", 300), 1, 3))
	want := []codes.Code{codes.OK, codes.InvalidArgument, codes.InvalidArgument, codes.InvalidArgument}
	if !slices.Equal(got, want) || !slices.Equal(m.stored(), []uint64{1}) {
		t.Errorf("answers %v, want %v; stored %v", got, want, m.stored())
	}
}

func TestStoreAwayMeansLaterAndNothingIsKept(t *testing.T) {
	t.Parallel()
	m := &memory{fail: errors.New("connection refused")}
	_, c := serve(t, m, Options{Gather: GatherOptions{Delay: time.Millisecond}}, "")
	p := push("a", 1, 1)
	if _, err := c.Push(t.Context(), p); status.Code(err) != codes.Unavailable || !strings.Contains(err.Error(), "connection refused") {
		t.Fatalf("store away: %v, want Unavailable with the reason", err)
	}
	m.set(nil)
	if r, err := c.Push(t.Context(), p); err != nil || r.GetAccepted() != 1 {
		t.Errorf("the same push when the store is back: %v, %v", r, err)
	}
}

func TestRepeatedPushIsStoredOnce(t *testing.T) {
	t.Parallel()
	m := &memory{}
	s, c := serve(t, m, Options{Gather: GatherOptions{Delay: 20 * time.Millisecond}}, "")
	p := push("a", 7, 1, 2)
	got := pushAll(t, c, p, p, p) // while it is under way
	again, err := c.Push(t.Context(), p)
	if err != nil || again.GetAccepted() != 2 || !slices.Equal(got, []codes.Code{0, 0, 0}) {
		t.Errorf("answers %v and %v, %v; want every one accepted", got, again, err)
	}
	if !slices.Equal(m.stored(), []uint64{1, 2}) {
		t.Errorf("stored %v", m.stored())
	}
	if a := s.Agents().All()[0]; a.Repeated != 3 || a.Sources["SYS"].Stored != 2 {
		t.Errorf("counted %d repeats and %d stored, want 3 and 2", a.Repeated, a.Sources["SYS"].Stored)
	}
	// Another run of the agent counts from 1 again.
	p.Boot = 2
	if _, err := c.Push(t.Context(), p); err != nil || len(m.stored()) != 4 {
		t.Errorf("the push of another run was taken for a repeat: %v", err)
	}
}

func TestAgentThatGivesUpFindsTheOutcome(t *testing.T) {
	t.Parallel()
	m := &memory{block: make(chan struct{})}
	_, c := serve(t, m, Options{Gather: GatherOptions{Delay: time.Millisecond}}, "")
	p := push("a", 1, 1)
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Push(short, p); status.Code(err) != codes.DeadlineExceeded {
		t.Fatalf("slow store: %v", err)
	}
	close(m.block)
	if r, err := c.Push(t.Context(), p); err != nil || r.GetAccepted() != 1 || !slices.Equal(m.stored(), []uint64{1}) {
		t.Errorf("%v, %v; stored %v, want once", r, err, m.stored())
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	m := &memory{block: make(chan struct{}), entered: make(chan struct{}, 8)}
	_, c := serve(t, m, Options{Bytes: 10, Patience: time.Millisecond, Gather: GatherOptions{Delay: time.Millisecond}}, "")
	first := make(chan error, 1)
	go func() { _, err := c.Push(t.Context(), push("a", 1, 1)); first <- err }()
	<-m.entered // the first holds the room
	if _, err := c.Push(t.Context(), push("b", 1, 2)); status.Code(err) != codes.Unavailable {
		t.Errorf("no room: %v, want Unavailable", err)
	}
	close(m.block)
	if err := <-first; err != nil {
		t.Error(err)
	}
	if _, err := c.Push(t.Context(), push("c", 1, 3)); err != nil {
		t.Errorf("room was not given back: %v", err)
	}
}

func TestSpansOfImpossibleTimesAreLeftOutAndCounted(t *testing.T) {
	t.Parallel()
	m := &memory{}
	_, c := serve(t, m, Options{MaxAge: 24 * time.Hour, Gather: GatherOptions{Delay: time.Millisecond}}, "")
	now := time.Now()
	b := new(span.Batch)
	for i, start := range []time.Time{now, time.Unix(0, 0), now.AddDate(0, 0, -2), now.AddDate(3, 0, 0)} {
		b.Append(&span.Span{ID: uint64(i + 1), Source: span.APP, Start: start.UnixNano(), Endpoint: "GET /"})
	}
	r, err := c.Push(t.Context(), &wire.PushRequest{Agent: "a", Sequence: 1, Batch: wire.Encode(b)})
	if err != nil || r.GetAccepted() != 1 || r.GetRejected() != 3 || !strings.Contains(r.GetMessage(), "older than the store keeps spans (24h0m0s) (and 2 more)") {
		t.Errorf("%v, %v", r, err)
	}
	var which []string
	for _, j := range r.GetRejections() {
		which = append(which, fmt.Sprint(j.Rows, " ", j.Reason))
	}
	if got := strings.Join(which, ", "); got != "[1 2] start is older than the store keeps spans (24h0m0s), [3] start is more than 24h0m0s in the future" {
		t.Errorf("left out: %s", got)
	}
	if !slices.Equal(m.stored(), []uint64{1}) {
		t.Errorf("stored %v", m.stored())
	}
}

func TestTokenIsAskedFor(t *testing.T) {
	t.Parallel()
	_, c := serve(t, &memory{}, Options{Gather: GatherOptions{Delay: time.Millisecond}}, "secret")
	for header, want := range map[string]codes.Code{"": codes.Unauthenticated, "Bearer wrong": codes.Unauthenticated, "secret": codes.Unauthenticated, "Bearer secret": codes.OK} {
		ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", header)
		if _, err := c.Report(ctx, &wire.ReportRequest{Agent: "a"}); status.Code(err) != want {
			t.Errorf("authorization %q: %v, want %v", header, err, want)
		}
	}
}

func TestStoppingServerWritesWhatItHas(t *testing.T) {
	t.Parallel()
	m := &memory{}
	s := New(m, noTags{}, Options{Gather: GatherOptions{Delay: time.Hour}})
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan struct{})
	go func() { defer close(ran); s.Run(ctx) }()
	answer := make(chan error, 1)
	go func() { _, err := s.Push(t.Context(), push("a", 1, 1)); answer <- err }()
	for taken := false; !taken; runtime.Gosched() { // until the push has begun
		s.window.mu.Lock()
		taken = len(s.window.runs) > 0
		s.window.mu.Unlock()
	}
	cancel() // before or after the gatherer has it: both are right
	<-ran
	if err := <-answer; err == nil && !slices.Equal(m.stored(), []uint64{1}) || err != nil && status.Code(err) != codes.Unavailable {
		t.Errorf("answer %v with %v stored", err, m.stored())
	}
	if _, err := s.Push(t.Context(), push("a", 2, 2)); status.Code(err) != codes.Unavailable {
		t.Errorf("after the stop: %v", err)
	}
}
