package plugin

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
	"github.com/throughline-io/throughline/test/shapes"
)

// The front end sums the account of the time from a trace's rows, for ranges and subtrees
// too, and says it in the same words. Its tests (src/trace/account.test.ts) read the files
// that this test writes, so a rule or a word that changes on one side fails on the other.

// accountFile is one trace as it is sent, and accounts of it.
type accountFile struct {
	Frame json.RawMessage `json:"frame"`
	Cases []accountCase   `json:"cases"`
}

// accountCase is a question and its answer. Times are ns from the trace's start.
type accountCase struct {
	Row     int32         `json:"row"` // whose subtree
	Range   *[2]int64     `json:"range,omitempty"`
	Account sharedAccount `json:"account"`
}

// sharedAccount is the part of an account that both sides make.
type sharedAccount struct {
	Duration int64          `json:"duration"`
	Layers   trace.Layers   `json:"layers"`
	Parts    []sharedPart   `json:"parts"`
	Async    []trace.Async  `json:"async,omitempty"`
	Retries  []trace.Retry  `json:"retries,omitempty"`
	Errors   trace.Errors   `json:"errors"`
	Skew     []trace.Skew   `json:"skew,omitempty"`
	Sentence string         `json:"sentence"`
	Remarks  []trace.Remark `json:"remarks,omitempty"`
}

type sharedPart struct {
	Key   string       `json:"key"`
	Time  int64        `json:"time"`
	Spans int          `json:"spans"`
	Span  string       `json:"span"`
	Items []trace.Item `json:"items"`
	Text  string       `json:"text"`
}

func TestAccountsOfBothSides(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for name, spans := range accountTraces(t) {
		known[name+".json"] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireAccountFile(t, name, spans)
		})
	}
	files, err := filepath.Glob("../../testdata/account/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !known[filepath.Base(file)] {
			t.Errorf("%s is of no trace: remove it", file)
		}
	}
}

// accountTraces are what somebody who sends OpenTelemetry alone sends, the WebShop whole and
// with something slow in it, and random trees.
func accountTraces(t *testing.T) map[string][]*span.Span {
	all := map[string][]*span.Span{}
	base := time.Unix(0, tracetest.Epoch)
	for _, name := range shapes.Names() {
		for n, spans := range shapes.Spans(name, base, shapes.Small) {
			all[fmt.Sprintf("%s-%d", name, n)] = spans
		}
	}
	for _, what := range []string{"", "code", "pool", "network", "database"} {
		shop := tracetest.NewShop(7)
		shop.Break = what
		all[strings.TrimSuffix("webshop-"+what, "-")] = shop.Trace(tracetest.Epoch)
	}
	all["blocking"] = blockingTrace()
	for seed := range uint64(8) {
		all[fmt.Sprintf("random-%d", seed)] = randomTrace(seed)
	}
	return all
}

// blockingTrace is a worker that asks Redis for its next job, which comes 80 ms later, and stores a result.
func blockingTrace() []*span.Span {
	work := &span.Span{ID: 1, Source: span.APP, Point: span.PointApp, Kind: span.KindConsumer, TraceID: span.TraceID{1}, SpanID: span.SpanID{1},
		Service: "worker", Endpoint: "job", Node: "n", Start: tracetest.Epoch, Duration: 100_000_000}
	spans := []*span.Span{work}
	for i, command := range []string{"BLPOP", "SET"} {
		client, server := netip.MustParseAddrPort(fmt.Sprintf("10.0.0.1:%d", 40000+i)), netip.MustParseAddrPort("10.0.0.2:6379")
		at, lasts := tracetest.Epoch+int64(i)*90_000_000+1_000_000, uint64(80_000_000-i*75_000_000)
		for k, point := range []span.Point{span.PointClientProcess, span.PointServerProcess} {
			s := &span.Span{ID: uint64(10*i + k + 2), Source: span.SYS, Point: point, Node: "n", Client: client, Server: server, Protocol: "Redis",
				Type: command, Resource: "jobs", Transport: 6, RequestSeq: 7, ResponseSeq: 9, Start: at + int64(k)*500_000, Duration: lasts - uint64(k)*1_000_000, TraceID: work.TraceID, SpanID: work.SpanID}
			if k == 1 {
				s.Service = "redis"
			}
			if i == 0 {
				s.Attributes = []span.Attribute{{Key: span.Blocking, Value: "true", Type: span.AttributeBool}}
			}
			spans = append(spans, s)
		}
	}
	return spans
}

// randomTrace is spans whose times know nothing of each other.
func randomTrace(seed uint64) []*span.Span {
	dice := rand.New(rand.NewPCG(seed, 1))
	services := []string{"web", "cart", "", "pay"}
	var spans []*span.Span
	for i := range uint64(60) {
		s := &span.Span{
			ID: i + 1, Source: span.APP, Point: span.PointApp, Kind: span.Kind(dice.IntN(6)), TraceID: span.TraceID{1}, SpanID: span.SpanID{byte(i + 1)},
			Service: services[dice.IntN(len(services))], Endpoint: fmt.Sprintf("step %d", dice.IntN(9)), Node: "n",
			Start: tracetest.Epoch + dice.Int64N(40)*1_000_000, Duration: uint64(dice.Int64N(60)) * 1_000_000,
		}
		if dice.IntN(4) == 0 {
			s.Status, s.StatusMessage = span.StatusServerError, []string{"", "no room", "late\nby far"}[dice.IntN(3)]
		}
		if i > 0 {
			s.ParentSpanID = spans[dice.IntN(len(spans))].SpanID
		} else {
			s.Start, s.Duration = tracetest.Epoch, 70_000_000
		}
		spans = append(spans, s)
	}
	return spans
}

func requireAccountFile(t *testing.T, name string, spans []*span.Span) {
	a := assemble("", &store.TraceData{Spans: spans})
	a.tree = trace.Assemble(spans, trace.Options{Entities: tracetest.Entity})
	frame := flameFrame(a)
	meta := frame.Meta.Custom.(flameMeta)
	frame.Meta.Custom, frame.Meta.Notices = meta, nil
	raw, err := data.FrameToJSON(frame, data.IncludeAll)
	if err != nil {
		t.Fatal(err)
	}
	file := accountFile{Frame: raw}
	for _, c := range accountQuestions(a.tree) {
		from, to := int64(0), int64(0)
		if c.Range != nil {
			from, to = c.Range[0]+a.start(), c.Range[1]+a.start()
		}
		c.Account = shared(trace.Where(a.tree, from, to, c.Row), a.start())
		file.Cases = append(file.Cases, c)
	}
	got, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("../../testdata/account", name+".json")
	if *update {
		if err := os.WriteFile(path, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test ./pkg/plugin -run TestAccounts -update makes it)", err)
	}
	if diff := cmp.Diff(strings.TrimSpace(string(want)), string(got)); diff != "" {
		t.Errorf("the accounts are not those of %s (-want +got):\n%s", path, diff)
	}
}

// accountQuestions are the whole trace, ranges of it, and some subtrees.
func accountQuestions(tree *trace.Tree) []accountCase {
	cases := []accountCase{{Row: 0}}
	whole := trace.Where(tree, 0, 0, 0)
	begin := whole.From
	for _, s := range tree.Spans {
		begin = min(begin, s.Start)
	}
	if whole.Duration > 100 {
		from := whole.From - begin
		for _, part := range [][2]int64{{25, 60}, {0, 14}, {80, 100}} {
			cases = append(cases, accountCase{Range: &[2]int64{from + 1 + whole.Duration*part[0]/100, from + whole.Duration*part[1]/100}})
		}
	}
	for k := range 3 {
		if row := int32(len(tree.Spans) * (k + 1) / 4); row > 0 {
			cases = append(cases, accountCase{Row: row})
		}
	}
	return cases
}

// shared is what both sides make of an account, with times from the trace's start.
func shared(a trace.Account, start int64) sharedAccount {
	s := sharedAccount{Duration: a.Duration, Layers: a.Layers, Parts: []sharedPart{}, Async: a.Async, Retries: a.Retries, Errors: a.Errors, Skew: a.Skew, Sentence: a.Sentence, Remarks: a.Remarks}
	for _, p := range a.Parts {
		s.Parts = append(s.Parts, sharedPart{p.Key, p.Time, p.Spans, p.Span, p.Items, p.Text})
	}
	for i := range s.Async {
		s.Async[i].Start -= start
	}
	return s
}
