package plugin

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/test/shapes"
)

// A batch's consumer links to the producers, in another trace: each shows the other one, from
// what SDKs send through the agent's reader and the store.
func TestLinkedTracesLeadToEachOther(t *testing.T) {
	t.Parallel()
	i := reading(t)
	base := time.Unix(1_700_090_000, 0)
	if err := writing.Insert(t.Context(), shapes.Batch(shapes.Make("kafka", base, shapes.Small))); err != nil {
		t.Fatal(err)
	}
	ids := shapes.TraceIDs("kafka", base)
	read := func(id span.TraceID) *assembled {
		a, err := i.assembleFor(t.Context(), query{Query: id.String()})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	producers, consumers := read(ids[0]), read(ids[1])
	_, from, _ := producers.links()
	to, _, _ := consumers.links()
	var got []string
	for _, l := range from {
		if l.TraceID != ids[1].String() {
			t.Errorf("from trace %s", l.TraceID)
		}
		got = append(got, fmt.Sprintf("%s <- %s %s %s", producers.tree.Spans[l.Row].Endpoint, l.Service, l.Name, l.Kind))
	}
	var want []string
	for range 3 {
		want = append(want, "imports publish <- import-worker imports process CONSUMER")
	}
	for range 3 {
		want = append(want, "imports publish <- import-worker handle message INTERNAL")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the producers' trace:\n%s", diff)
	}
	// The way there leads back.
	for _, l := range to {
		if l.TraceID != ids[0].String() {
			continue // one message of the batch is of a trace that nobody stored
		}
		back := false
		for _, f := range from {
			back = back || f.SpanID == consumers.tree.Spans[l.Row].SpanID.String() && producers.tree.Spans[f.Row].SpanID.String() == l.SpanID
		}
		if !back {
			t.Errorf("%s links to %s, which does not lead back", consumers.tree.Spans[l.Row].Endpoint, l.SpanID)
		}
	}
	if n := len(to); n != 7 {
		t.Errorf("%d links, want 4 of the batch and 3 of its messages", n)
	}
}

// A link within a trace leads to the row; one that cannot be read is none; many are counted.
func TestLinksOfATraceHaveABound(t *testing.T) {
	t.Parallel()
	data := call(t)
	links := make([]string, 0, maxLinksTo+7)
	for range cap(links) {
		links = append(links, `{"trace_id":"`+traceID+`","span_id":"0202020202020202"}`)
	}
	data.Spans[2].Links = "[" + strings.Join(links, ",") + "]"
	data.Spans[0].Links = "{"
	data.LinkedFrom = []store.LinkFrom{{To: span.SpanID{9}, Start: start - 5*ms, Status: span.StatusServerError}}
	a := assemble(traceID, data)
	to, from, unlisted := a.links()
	if len(to) != maxLinksTo || unlisted != 7 || to[0].To < 0 || a.tree.Spans[to[0].To].ID != 6 {
		t.Errorf("%d links, %d unlisted, the first to row %d", len(to), unlisted, to[0].To)
	}
	if want := []linkedFrom{{Row: -1, Offset: float64(-5 * ms), Error: true}}; !cmp.Equal(want, from) {
		t.Errorf("%+v", from)
	}
	if n := len(linkNotices(unlisted)); n != 1 {
		t.Errorf("%d notices", n)
	}
	if _, err := json.Marshal(from); err != nil {
		t.Error(err)
	}
}
