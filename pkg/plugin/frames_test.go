package plugin

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares an answer, as Grafana's browser side gets it, with a file.
func golden(t *testing.T, name string, answer backend.DataResponse) {
	t.Helper()
	raw, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := json.Indent(&got, raw, "", " "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	file := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test ./pkg/plugin -update makes it)", err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("the answer is not %s (-want +got):\n%s", file, diff)
	}
}

// What is said to users counts one of a thing in the singular.
func TestOneOfAThingIsSaidInTheSingular(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no answers: %v", err)
	}
	wrong := regexp.MustCompile(`\b1 (of the )?(spans|services|requests|traces|links|connections|keys|attributes|documents|series)\b.*`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if said := wrong.Find(text); said != nil {
			t.Errorf("%s says %q", file, said)
		}
	}
}

func TestFlameFrame(t *testing.T) {
	t.Parallel()
	res := ask(t, newInstance(&fakeStore{trace: call(t)}), `{"queryType":"trace","query":"`+traceID+`"}`)
	golden(t, "flame", res)
}

// A request whose body was lost and sent again: the panel gets the time in which code
// waited for it, and where packets were seen again.
func TestFlameFrameOfALoss(t *testing.T) {
	t.Parallel()
	data := call(t)
	for _, s := range data.Spans {
		switch s.Point {
		case span.PointClient, span.PointClientNode:
			s.Retransmissions, s.RequestEnd = 1, uint64(ms)
			s.ResponseStart = s.Duration - uint64(2*ms)
		case span.PointServerProcess:
			s.RequestEnd, s.ResponseStart = uint64(25*ms), uint64(35*ms)
		}
	}
	res := ask(t, newInstance(&fakeStore{trace: data}), `{"queryType":"trace","query":"`+traceID+`"}`)
	golden(t, "flame-loss", res)
	meta := res.Frames[0].Meta.Custom.(flameMeta)
	if len(meta.Late) == 0 || len(meta.Retransmissions) != 2 {
		t.Errorf("late %+v, retransmissions %v", meta.Late, meta.Retransmissions)
	}
}

func TestExploreFrame(t *testing.T) {
	t.Parallel()
	golden(t, "explore", ask(t, newInstance(&fakeStore{trace: call(t)}), `{"queryType":"trace","query":"`+traceID+`","view":"trace"}`))
}

// Explore can show both: our panel and its own trace view, each finds its frame by the meta.
func TestBothFrames(t *testing.T) {
	t.Parallel()
	res := ask(t, newInstance(&fakeStore{trace: call(t)}), `{"queryType":"trace","query":"`+traceID+`","view":"both"}`)
	if len(res.Frames) != 2 {
		t.Fatalf("%d frames, error %v", len(res.Frames), res.Error)
	}
	if id := res.Frames[0].Meta.PreferredVisualizationPluginID; id != PanelID {
		t.Errorf("the first frame is for %q", id)
	}
	if v := res.Frames[1].Meta.PreferredVisualization; v != data.VisTypeTrace {
		t.Errorf("the second frame is for %q", v)
	}
}

// Every column has a row per span: a shorter one would shift names to other bars.
func TestFrameColumnsHaveEqualLength(t *testing.T) {
	t.Parallel()
	res := ask(t, newInstance(&fakeStore{trace: call(t)}), `{"queryType":"trace","query":"`+traceID+`","view":"both"}`)
	for _, frame := range res.Frames {
		for _, field := range frame.Fields {
			if field.Len() != 6 {
				t.Errorf("frame %s, field %s: %d rows", frame.Name, field.Name, field.Len())
			}
		}
	}
}

// A trace that is not there is no failure: the panel says so, beside what may be the cause.
func TestTraceNotFound(t *testing.T) {
	t.Parallel()
	golden(t, "not-found", ask(t, newInstance(&fakeStore{err: store.ErrNotFound}), `{"queryType":"trace","query":"`+traceID+`"}`))
}

func TestTruncatedTraceSaysSo(t *testing.T) {
	t.Parallel()
	read := call(t)
	read.Truncated = "the first 6 of 20 spans"
	res := ask(t, newInstance(&fakeStore{trace: read}), `{"queryType":"trace","query":"`+traceID+`"}`)
	notices := res.Frames[0].Meta.Notices
	if len(notices) != 1 || notices[0].Text != "Not all spans are shown: the first 6 of 20 spans" {
		t.Errorf("notices %+v", notices)
	}
}

func TestSearchFrame(t *testing.T) {
	t.Parallel()
	id, err := span.ParseTraceID(traceID)
	if err != nil {
		t.Fatal(err)
	}
	rows := []store.SearchRow{
		{ID: 1, TraceID: id, Source: span.APP, Point: span.PointApp, Start: start, Duration: uint64(5 * ms), Service: "web", Client: "browser", Server: "web",
			Protocol: "HTTP", Request: "GET GET /users/{id}", Status: span.StatusOK, Code: 200, Node: "node0"},
		// Without a trace id: the row opens its trace by the span's own.
		{ID: 2, Source: span.SYS, Point: span.PointServerProcess, Start: start + 1, Duration: uint64(ms), Service: "user",
			Protocol: "MySQL", Request: "COMMIT", Status: span.StatusTimeout, Node: "node1"},
	}
	golden(t, "search", ask(t, newInstance(&fakeStore{rows: rows}), `{"queryType":"search","scope":"all"}`))
}

// A row shows its trace, what failed in it and what the filters match; it leads to the span
// that matched, by the id that OpenTelemetry gave it.
func TestSearchFrameOfTraces(t *testing.T) {
	t.Parallel()
	id, err := span.ParseTraceID(traceID)
	if err != nil {
		t.Fatal(err)
	}
	charge := &store.SearchRow{ID: 7, TraceID: id, SpanID: span.SpanID{7: 7}, Source: span.APP, Service: "payment", Request: "Charge", Message: "card refused", Status: span.StatusServerError}
	rows := []store.SearchRow{
		{ID: 1, TraceID: id, SpanID: span.SpanID{7: 1}, Source: span.APP, Point: span.PointApp, Start: start, Duration: uint64(5 * ms), Service: "web", Protocol: "HTTP", Request: "POST /checkout",
			Trace: &store.FoundTrace{Spans: 12, Errors: 1, Failed: charge, Matched: 3, Match: charge}},
		{ID: 2, TraceID: id, SpanID: span.SpanID{7: 2}, Source: span.APP, Point: span.PointApp, Start: start, Service: "worker", Request: "consume", Trace: &store.FoundTrace{Spans: 1, Rootless: true}},
	}
	golden(t, "search-traces", ask(t, newInstance(&fakeStore{rows: rows}), `{"queryType":"search","status":"error"}`))
}

// A search that finds nothing says why, where that is known.
func TestASearchThatFindsNothingSaysWhy(t *testing.T) {
	t.Parallel()
	res := ask(t, newInstance(&fakeStore{nothing: []string{"no attribute a is stored", "b"}}), `{"queryType":"search"}`)
	meta := res.Frames[0].Meta
	if got := meta.Custom.(searchMeta).Nothing; len(got) != 2 || len(meta.Notices) != 1 || meta.Notices[0].Text != "Nothing was found: no attribute a is stored; b." {
		t.Errorf("%+v", meta)
	}
}

// A table that ends at its limit says that there may be more.
func TestSearchSaysWhereItEnds(t *testing.T) {
	t.Parallel()
	i := newInstance(&fakeStore{rows: make([]store.SearchRow, 3)})
	if n := ask(t, i, `{"queryType":"search","limit":3}`).Frames[0].Meta.Notices; len(n) != 1 {
		t.Errorf("notices %+v", n)
	}
	if n := ask(t, i, `{"queryType":"search","limit":4}`).Frames[0].Meta.Notices; len(n) != 0 {
		t.Errorf("notices %+v", n)
	}
}
