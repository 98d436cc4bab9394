package text

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
)

func printed() *trace.Printed {
	ms := int64(1_000_000)
	p := &trace.Printed{TraceID: "0af7651916cd43dd8448eb211c80319c", Duration: 12 * ms, Truncated: "more than 5 spans: the rest was not read"}
	p.Counts = trace.Counts{Total: 5, APP: 2, SYS: 2, NET: 1, Links: 4, Inferred: 1}
	p.Where.Sentence = "Most of the time was spent in code of shop."
	p.Where.Remarks = []trace.Remark{{Kind: "error", Text: "1 error: shop, pay:\x1b[2J no room"}}
	p.Spans = []trace.PrintedSpan{
		{ID: "1", Source: "SYS", Point: "c-p", Service: "loadgenerator", Name: "GET /", Node: "node1", Pod: "loadgenerator", End: 12 * ms},
		{ID: "2", Parent: "1", Depth: 1, Source: "NET", Point: "c-nd", Name: "GET /", Node: "node1", NIC: "nic", NICName: "eth0", Tunnel: "ipip", End: 11_900_000, Confidence: "proven", Missing: 1, Retransmissions: 2},
		{ID: "3", Parent: "2", Depth: 2, Source: "APP", Point: "app", Service: "shop", Name: "buy\x1b[2J\r\n", Node: "node0", Pod: "shop", End: 500_000, Confidence: "proven", Status: "server error", Code: 500},
		{ID: "4", Parent: "3", Depth: 3, Source: "SYS", Point: "c-p", Service: "shop", Name: "COMMIT", Node: "node0", Pod: "shop", End: 42_000, Confidence: "inferred", Reason: "covered by the span"},
		{ID: "5", Parent: "2", Depth: 2, Source: "APP", Point: "app", Service: "shop", Name: "render", Node: "node0", Pod: "shop", End: 900, Confidence: "proven"},
	}
	return p
}

func TestTreeShowsEverySpanInItsPlace(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := Tree(&b, printed(), false); err != nil {
		t.Fatal(err)
	}
	want := `trace 0af7651916cd43dd8448eb211c80319c  12.0 ms  5 spans: 2 APP, 2 SYS, 1 NET  4 links, 1 inferred
Most of the time was spent in code of shop.
1 error: shop, pay:�[2J no room

S loadgenerator  GET /    12.0 ms  c-p   node1/loadgenerator
└─N GET /                 11.9 ms  c-nd  node1 eth0 (ipip)  2 retransmissions  1 hop not seen
  ├─A shop  buy�[2J��      500 µs  app   node0/shop  server error 500
  │ └─S shop  COMMIT      42.0 µs  c-p   node0/shop  inferred: covered by the span
  └─A shop  render         900 ns  app   node0/shop

not complete: more than 5 spans: the rest was not read
`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("tree (-want +got):\n%s", d)
	}
}

// Of half a trace, with a request that would clear the screen.
func TestTreeOfSpansWithoutCode(t *testing.T) {
	t.Parallel()
	spans := slices.DeleteFunc(tracetest.WebShop(1), func(s *span.Span) bool { return s.Source == span.APP })
	spans[3].Resource, spans[3].Endpoint = "\x1b[2J", "\x1b[2J"
	p := trace.Print(trace.Assemble(spans, trace.Options{Entities: tracetest.Entity}), tracetest.Entity)
	var tree, table strings.Builder
	if err := Tree(&tree, p, false); err != nil {
		t.Fatal(err)
	}
	if err := Table(&table, p, false); err != nil {
		t.Fatal(err)
	}
	for _, w := range []string{
		"54 spans: 0 APP, 20 SYS, 34 NET", "without parent", "node1 caliloadgenerator of loadgenerator", "(ipip)", "causal: passage", "no parent: carries span id", "COMMIT",
	} {
		if !strings.Contains(tree.String(), w) {
			t.Errorf("the tree does not say %q:\n%s", w, tree.String())
		}
	}
	if got := strings.Count(table.String(), "\n"); got != 54+1 {
		t.Errorf("the table has %d lines:\n%s", got, table.String())
	}
	if strings.Contains(tree.String()+table.String(), "\x1b") {
		t.Error("a span's text reaches the terminal as it came")
	}
}

func TestColoursAreTheOnlyEscapes(t *testing.T) {
	t.Parallel()
	var plain, coloured strings.Builder
	if err := Tree(&plain, printed(), false); err != nil {
		t.Fatal(err)
	}
	if err := Tree(&coloured, printed(), true); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsRune(plain.String(), '\x1b') {
		t.Error("escapes in plain text")
	}
	bare := coloured.String()
	for _, code := range []string{bold, dim, green, amber, red, "0"} {
		bare = strings.ReplaceAll(bare, "\x1b["+code+"m", "")
	}
	if d := cmp.Diff(plain.String(), bare); d != "" {
		t.Errorf("without its colours the text differs:\n%s", d)
	}
}

func TestTableHasALinePerSpan(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := Table(&b, printed(), false); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 6 || !strings.HasPrefix(lines[0], "ID  PARENT  SRC") || !strings.Contains(lines[4], "COMMIT") {
		t.Errorf("%d lines:\n%s", len(lines), b.String())
	}
}

func TestChainOfThousandsStaysSmall(t *testing.T) {
	t.Parallel()
	p := &trace.Printed{}
	for i := range 20_000 {
		p.Spans = append(p.Spans, trace.PrintedSpan{Source: "APP", Depth: int32(i)})
	}
	var b strings.Builder
	if err := Tree(&b, p, false); err != nil || b.Len() > 20_000*1000 {
		t.Errorf("%d bytes, error %v", b.Len(), err)
	}
}

func TestDurationsAreShort(t *testing.T) {
	t.Parallel()
	for ns, want := range map[int64]string{0: "0 ns", 999: "999 ns", 1500: "1.50 µs", 12_345: "12.3 µs", 123_456: "123 µs", 12_345_678: "12.3 ms",
		1_234_567_890: "1.23 s", 90e9: "1m30s", -1500: "-1.50 µs"} {
		if got := Duration(ns); got != want {
			t.Errorf("%d ns: %q, want %q", ns, got, want)
		}
	}
}
