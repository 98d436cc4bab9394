package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// hop is a span on the wire: with a trace's context, or without.
func hop(id uint64, t span.TraceID, request, response uint32) *span.Span {
	return &span.Span{ID: span.NewID(start, id), Source: span.NET, Point: span.PointClient, TraceID: t, Start: start + int64(id), Duration: 10,
		RequestSeq: request, ResponseSeq: response, Protocol: "HTTP",
		Client: netip.MustParseAddrPort("10.0.0.1:1000"), Server: netip.MustParseAddrPort("10.0.0.2:80")}
}

func app(id uint64, t span.TraceID, own byte) *span.Span {
	return &span.Span{ID: span.NewID(start, id), Source: span.APP, Point: span.PointApp, Kind: span.KindServer, TraceID: t, SpanID: spanID(own), Start: start + int64(id), Duration: 100, Service: "shop"}
}

// shop is a trace as agents see it: an uninstrumented caller's session (1, 2), the APP
// root it leads to (3) and its child (4), a session that carries context (5), one hop of
// which was seen without (6), and a query to a database, which cannot carry any (7, 8).
func shop(t span.TraceID, seq uint32) *span.Batch {
	query := hop(7, span.TraceID{}, seq+5, seq+6)
	query.Passage = uint64(seq)
	b := batch(
		hop(1, span.TraceID{}, seq+1, seq+2), hop(2, span.TraceID{}, seq+1, seq+2),
		app(3, t, 3), app(4, t, 4),
		hop(5, t, seq+3, seq+4), hop(6, span.TraceID{}, seq+3, seq+4),
		query, hop(8, span.TraceID{}, seq+5, seq+6),
	)
	for i := range b.ID {
		b.ID[i] = span.NewID(start, uint64(seq)<<8|uint64(i)) // another one in each trace
	}
	b.Edges = append(b.Edges,
		span.Edge{A: span.WireGroup(seq+1, seq+2), B: span.TraceGroup(t), Time: start, Kind: span.EdgeRoot},
		span.Edge{A: span.WireGroup(seq+5, seq+6), B: span.TraceGroup(t), Time: start, Kind: span.EdgePassage})
	return b
}

func TestATraceIsFoundFromEveryOneOfItsSpans(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := shop(traceID(1), 100)
	b.AppendBatch(shop(traceID(2), 200)) // a neighbour in the same minute
	insert(t, s, b)
	entries := []string{traceID(1).String(), spanID(3).String()}
	for _, id := range b.ID[:8] {
		entries = append(entries, span.FormatID(id))
	}
	want := slices.Sorted(slices.Values(b.ID[:8]))
	for i, entry := range entries {
		d := trace(t, s, entry)
		if i == 1 && !slices.Contains(ids(d), b.ID[2]) {
			t.Errorf("OpenTelemetry span id %s: not in its own trace", entry)
		} else if got := ids(d); i != 1 && !slices.Equal(got, want) {
			t.Errorf("entry %d, %s: got spans %x, want %x", i, entry, got, want)
		}
		most := 5 // its group, three steps of edges, and beside the last of them the rows
		if i == 0 {
			most = 4 // two steps, the rows, and who looked at its addresses, which is known from then on
		}
		if i != 1 && d.Statements > most {
			t.Errorf("entry %d, %s: %d statements, want at most %d", i, entry, d.Statements, most)
		}
	}
}

// legacy is a trace with an id of 64 bits, whose root has the same digits, as B3 has it, and
// another trace.
func legacy(t *testing.T, s *Store) (short string, one, two *span.Span) {
	t.Helper()
	old := span.TraceID{9: 0xa1, 15: 7}
	one, two = app(1, old, 0), app(2, traceID(2), 3)
	copy(one.SpanID[:], old[8:])
	insert(t, s, batch(one, two))
	return old.String()[16:], one, two
}

func TestATraceIsFoundByIdsAsOtherToolsWriteThem(t *testing.T) {
	t.Parallel()
	s := open(t)
	short, one, two := legacy(t, s)
	for _, c := range []struct {
		id   string
		want uint64
	}{
		{short, one.ID}, {strings.TrimLeft(short, "0"), one.ID}, {"0000000000000000" + short, one.ID}, {span.FormatID(one.ID), one.ID},
		{" 0x" + strings.ToUpper(traceID(2).String()), two.ID}, {"00-" + traceID(2).String() + "-" + spanID(3).String() + "-01", two.ID}, {spanID(3).String(), two.ID},
	} {
		if got := ids(trace(t, s, c.id)); !slices.Equal(got, []uint64{c.want}) {
			t.Errorf("%s: spans %x, want %x", c.id, got, c.want)
		}
	}
	for id, want := range map[string]error{"ff": ErrNotFound, "web": ErrMalformed, "": ErrMalformed} {
		if _, err := s.Trace(t.Context(), TraceQuery{ID: id}); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", id, err, want)
		}
	}
}

func ids(d *TraceData) []uint64 {
	var all []uint64
	for _, s := range d.Spans {
		all = append(all, s.ID)
	}
	slices.Sort(all)
	return all
}

func TestSpansThatComeLateAreFound(t *testing.T) {
	t.Parallel()
	s := open(t)
	insert(t, s, batch(app(1, traceID(1), 1)))
	late := hop(2, span.TraceID{}, 11, 12)
	late.Start += 10 * minute
	insert(t, s, batch(late)) // from another agent, without knowing of the trace
	if d := trace(t, s, traceID(1).String()); len(d.Spans) != 1 {
		t.Fatalf("%d spans before anything joins them, want 1", len(d.Spans))
	}
	insert(t, s, &span.Batch{Edges: []span.Edge{{A: span.WireGroup(11, 12), B: span.TraceGroup(traceID(1)), Time: start, Kind: span.EdgePassage}}})
	if d := trace(t, s, traceID(1).String()); len(d.Spans) != 2 {
		t.Errorf("%d spans after the edge came, want 2", len(d.Spans))
	}
}

// Rows are read before it is known where all of them are: where that was wrong they are read again.
func TestRowsInOtherMinutesThanTheirEdgesAreFound(t *testing.T) {
	t.Parallel()
	s := open(t)
	session := func(id uint64, late int64) *span.Span {
		x := hop(id, span.TraceID{}, 11, 12)
		x.Start += late
		x.ID = span.NewID(x.Start, id)
		return x
	}
	b := batch(app(1, traceID(1), 1), session(2, 0), session(3, minute), session(4, 3*minute))
	b.Edges = []span.Edge{{A: span.WireGroup(11, 12), B: span.TraceGroup(traceID(1)), Time: start + 2*minute, Kind: span.EdgePassage}} // a minute without rows
	insert(t, s, b)
	for _, id := range []string{traceID(1).String(), span.FormatID(b.ID[3])} {
		if got := ids(trace(t, s, id)); !slices.Equal(got, slices.Sorted(slices.Values(b.ID))) {
			t.Errorf("%s: spans %x, want %x", id, got, b.ID)
		}
	}
	d, err := s.Trace(t.Context(), TraceQuery{ID: traceID(1).String(), MaxSpans: 3})
	if err != nil || len(d.Spans) != 3 || d.Truncated == "" {
		t.Errorf("%d spans, truncated %q, %v, want 3 of 4", len(d.Spans), d.Truncated, err)
	}
}

func TestALookUpNeverWalksIntoAnotherTrace(t *testing.T) {
	t.Parallel()
	s := open(t)
	one, two := traceID(1), traceID(2)
	b := batch(app(1, one, 1), app(2, two, 2), hop(3, span.TraceID{}, 11, 12))
	// A session that was taken for part of both traces, by a wrong passage.
	shared := span.WireGroup(11, 12)
	b.Edges = []span.Edge{
		{A: shared, B: span.TraceGroup(one), Time: start, Kind: span.EdgePassage},
		{A: shared, B: span.TraceGroup(two), Time: start, Kind: span.EdgeRoot},
	}
	insert(t, s, b)
	d := trace(t, s, one.String())
	if got := len(d.Spans); got != 2 {
		t.Errorf("%d spans, want the trace's own and the session", got)
	}
	if !slices.Equal(d.Linked, []span.GroupID{span.TraceGroup(two)}) {
		t.Errorf("linked %x, want the other trace's group", d.Linked)
	}
	// Entered by the session, the trace it is joined to by an identifier is the one.
	d = trace(t, s, span.FormatID(b.ID[2]))
	if got, want := ids(d), []uint64{b.ID[1], b.ID[2]}; !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("got %x, want the session and trace two", got)
	}
}

func TestALongChainOfUninstrumentedServicesIsFollowedToItsEnd(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := &span.Batch{}
	const services = 12
	for i := range uint32(services) {
		b.Append(hop(uint64(i), span.TraceID{}, 10+i, 1000+i))
		if i > 0 {
			b.Edges = append(b.Edges, span.Edge{A: span.WireGroup(10+i, 1000+i), B: span.WireGroup(9+i, 999+i), Time: start, Kind: span.EdgePassage})
		}
	}
	insert(t, s, b)
	for _, id := range b.ID {
		if d := trace(t, s, span.FormatID(id)); len(d.Spans) != services {
			t.Errorf("from %x: %d of %d spans", id, len(d.Spans), services)
		}
	}
}

func TestASpanThatIsSentAgainIsOneSpan(t *testing.T) {
	t.Parallel()
	s := open(t)
	for range 3 {
		insert(t, s, shop(traceID(1), 100))
	}
	d := trace(t, s, traceID(1).String())
	if len(d.Spans) != 8 {
		t.Errorf("%d spans, want 8", len(d.Spans))
	}
	found, err := s.Search(t.Context(), SearchQuery{})
	if err != nil || len(found.Rows) != 8 {
		t.Errorf("a search finds %d rows (%v), want 8", len(found.Rows), err)
	}
	// The engine drops the doubles for good when it merges.
	execute(t, s, "OPTIMIZE TABLE spans FINAL")
	if n := text(t, s, "SELECT count() FROM spans"); n != "8" {
		t.Errorf("%s rows after a merge, want 8", n)
	}
	if n := text(t, s, "SELECT count() - uniqExact(a, b, bucket, kind) FROM assoc FINAL"); n != "0" {
		t.Errorf("%s doubled edges", n)
	}
}

func TestIdsThatAreZeroMatchNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := batch(hop(1, span.TraceID{}, 0, 0), hop(2, span.TraceID{}, 0, 5), hop(3, span.TraceID{}, 5, 0))
	insert(t, s, b)
	for _, id := range b.ID {
		if d := trace(t, s, span.FormatID(id)); len(d.Spans) != 1 {
			t.Errorf("span without any key is joined with %d others", len(d.Spans)-1)
		}
	}
	for _, id := range []string{"0000000000000000", "00000000000000000000000000000000"} {
		if _, err := s.Trace(t.Context(), TraceQuery{ID: id}); !errors.Is(err, ErrMalformed) {
			t.Errorf("id of zeros: got %v, want ErrMalformed", err)
		}
	}
}

func TestBadAndUnknownIdsGiveClearErrors(t *testing.T) {
	t.Parallel()
	s := open(t)
	for id, want := range map[string]error{
		"": ErrMalformed, "12": ErrNotFound, "zz00000000000000": ErrMalformed, "' OR 1=1 --xxxxx": ErrMalformed,
		"0123456789abcdef": ErrNotFound, "ffffffffffffffff": ErrNotFound, "0123456789abcdef0123456789abcdef": ErrNotFound,
	} {
		if _, err := s.Trace(t.Context(), TraceQuery{ID: id}); !errors.Is(err, want) {
			t.Errorf("id %q: got %v, want %v", id, err, want)
		}
	}
}

func TestWhatIsLeftOutOfALargeTraceIsSaid(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := &span.Batch{}
	for i := range uint64(50) {
		b.Append(app(i+1, traceID(1), byte(i)))
	}
	insert(t, s, b)
	d, err := s.Trace(t.Context(), TraceQuery{ID: traceID(1).String(), MaxSpans: 20})
	if err != nil || len(d.Spans) != 20 || d.Truncated == "" {
		t.Errorf("%d spans, truncated %q, %v; want 20 and a reason", len(d.Spans), d.Truncated, err)
	}
	d, err = s.Trace(t.Context(), TraceQuery{ID: traceID(1).String(), MaxSpans: 50})
	if err != nil || len(d.Spans) != 50 || d.Truncated != "" {
		t.Errorf("%d spans, truncated %q, %v; want all and no reason", len(d.Spans), d.Truncated, err)
	}
}

func TestATimeThatIsTooNarrowStillShowsTheWholeTrace(t *testing.T) {
	t.Parallel()
	s := open(t)
	insert(t, s, shop(traceID(1), 100))
	d, err := s.Trace(t.Context(), TraceQuery{ID: traceID(1).String(), From: start + minute, To: start + 2*minute})
	if err != nil || len(d.Spans) != 8 {
		t.Errorf("%v, want 8 spans", err)
	}
}

// The graph decides alone; whatever the order in which edges come, the answer is one.
func TestTheOrderOfEdgesDoesNotMatter(t *testing.T) {
	t.Parallel()
	var e edges
	e.reset()
	b := shop(traceID(1), 100)
	b.AppendBatch(shop(traceID(2), 200))
	b.Edges = append(b.Edges, span.Edge{A: span.WireGroup(105, 106), B: span.TraceGroup(traceID(2)), Kind: span.EdgePassage})
	e.derive(b, make([]uint64, b.Len()), make([]uint32, b.Len()))
	want := ""
	for range 100 {
		var g graph
		g.start(span.TraceGroup(traceID(1)))
		for _, i := range rand.Perm(len(e.a)) {
			g.add(edge{span.GroupID(e.a[i]), span.GroupID(e.b[i]), e.bucket[i], span.EdgeKind(e.kind[i])})
		}
		g.open(maxGroups)
		got := fmt.Sprint(g.inside, g.linked, g.places())
		if want == "" {
			want = got
		}
		if got != want {
			t.Fatalf("got %s, before %s", got, want)
		}
	}
}

func execute(t testing.TB, s *Store, sql string) {
	t.Helper()
	text(t, s, sql)
}

func text(t testing.TB, s *Store, sql string, p ...params) string {
	t.Helper()
	v, err := s.text(t.Context(), s.config.Database, sql, append(p, nil)[0])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}
