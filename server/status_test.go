package server

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/wire"
	"github.com/throughline-io/throughline/server/text"
)

func TestStatusCountsPerSourceAndAgent(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	const traces = 3
	for range traces {
		r.push(t, webshop())
	}
	for _, node := range []string{"node0", "node1", "node2"} {
		_, err := r.client.Report(t.Context(), &wire.ReportRequest{Agent: "agent-" + node, Node: node, Boot: 7, Started: 1, Now: time.Now().UnixNano(), Version: "v1",
			Ledger: []*wire.LedgerRow{{Stage: "export", Source: "SYS", What: "in", Count: 5}, {Stage: "net", Source: "NET", What: "dropped: ring full", Count: 2}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	var s text.Status
	r.ask(t, "/api/v1/status", nil, &s)
	for name, want := range map[string]uint64{"APP": 46, "SYS": 20, "NET": 34} {
		if c := s.Sources[name]; c.Stored != traces*want || time.Since(time.Unix(0, c.LastSpan)) > time.Hour {
			t.Errorf("%s: %+v, want %d stored", name, c, traces*want)
		}
	}
	if s.Sources["SYS"].Seen != 15 || len(s.Agents) != 3 || !s.Agents[0].Alive || s.Agents[0].Node != "node0" || s.Store.State != "ok" || !s.Store.Embedded || s.Entities.Addresses != 7 {
		t.Errorf("status: %+v", s)
	}
	var l text.Ledger
	r.ask(t, "/api/v1/ledger", nil, &l)
	stored := uint64(0)
	for _, row := range l.Rows {
		if row.Agent == reporter && row.What == "stored" {
			stored += row.Count
		}
	}
	if stored != 100*traces || !slices.ContainsFunc(l.Rows, func(r text.LedgerRow) bool {
		return r.Agent == "agent-node1" && r.What == "dropped: ring full" && r.Count == 2
	}) {
		t.Errorf("ledger: %d stored, rows %+v", stored, l.Rows)
	}
	var b bytes.Buffer
	if err := s.Print(&b, false); err != nil || !strings.Contains(b.String(), "agent-node2") {
		t.Errorf("printed: %v\n%s", err, b.String())
	}
	if err := l.Print(&b, false); err != nil || !strings.Contains(b.String(), "dropped: ring full") {
		t.Errorf("printed: %v\n%s", err, b.String())
	}
}

func TestBadBatchesFailAloneOnTheRealStore(t *testing.T) {
	t.Parallel()
	r := server(t)
	good := webshop()
	answers := make(chan error, 4)
	push := func(spoil func(*wire.PushRequest)) {
		b := new(span.Batch)
		b.Append(&span.Span{ID: 1, Source: span.APP, Start: time.Now().UnixNano()})
		req := &wire.PushRequest{Agent: "bad", Boot: 1, Sequence: sequences.Add(1), Batch: wire.Encode(b)}
		spoil(req)
		_, err := r.client.Push(t.Context(), req)
		answers <- err
	}
	bad := []func(*wire.PushRequest){
		func(q *wire.PushRequest) { q.Batch.Columns[0].Data = []byte{1, 2, 3} },
		func(q *wire.PushRequest) { q.Batch.Rows = 1 << 30 },
		func(q *wire.PushRequest) { q.Batch.Strings = []byte{0xff, 0xff} },
		func(q *wire.PushRequest) { q.Agent = "\xff" },
	}
	for _, spoil := range bad {
		go push(spoil)
	}
	r.push(t, good)
	for range bad {
		if err := <-answers; status.Code(err) != codes.InvalidArgument && status.Code(err) != codes.Internal { // Internal: gRPC itself refuses the name
			t.Errorf("a bad batch: %v", err)
		}
	}
	var p trace.Printed
	r.ask(t, "/api/v1/traces/"+traceIDOf(good), nil, &p)
	if p.Counts.Total != 100 {
		t.Errorf("the good trace has %d spans", p.Counts.Total)
	}
}

func TestEntityFileIsReadAgain(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	path := filepath.Join(r.dir, "entities.yaml")
	if err := os.WriteFile(path, []byte("entities: [{ip: 10.244.1.10, pod: moved, service: moved}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var s text.Status
	until(t, "the new file is in force", func() bool { r.ask(t, "/api/v1/status", nil, &s); return s.Entities.Addresses == 1 })
	spans := webshop()
	r.push(t, spans)
	var p trace.Printed
	r.ask(t, "/api/v1/traces/"+traceIDOf(spans), nil, &p)
	if p.Spans[0].Server != "moved" || !strings.HasPrefix(string(p.Spans[0].Client), "10.244.2.10") {
		t.Errorf("root's ends: %s -> %s, want an address and the pod's new name", p.Spans[0].Client, p.Spans[0].Server)
	}
	if err := os.WriteFile(path, []byte("entities: [{ip: nonsense}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	until(t, "the status says what is wrong", func() bool {
		r.ask(t, "/api/v1/status", nil, &s)
		return strings.Contains(s.Entities.Error, `"nonsense" is not an address`) && s.Entities.Addresses == 1
	})
}
