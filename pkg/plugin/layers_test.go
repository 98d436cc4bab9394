package plugin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
)

// post asks where the time of rows went.
func post(ctx context.Context, i *Instance, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	i.resources().ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodPost, "/layers", strings.NewReader(body)))
	return w
}

func layersOf(t *testing.T, i *Instance, q layersQuestion) layersAnswer {
	t.Helper()
	body, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	w := post(t.Context(), i, string(body))
	var a layersAnswer
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	if len(a.Rows) != len(q.Rows) {
		t.Fatalf("%d answers to %d rows", len(a.Rows), len(q.Rows))
	}
	return a
}

// The answer as the panel reads it: a trace, a request in it, and every reason why there is none.
func TestLayers(t *testing.T) {
	t.Parallel()
	const large, late, gone = "00000000000000000000000000000001", "00000000000000000000000000000002", "00000000000000000000000000000003"
	f := &fakeStore{traces: &store.TracesData{
		Traces: map[string]*store.TraceData{traceID: call(t)}, TooLarge: map[string]int{large: 70_000}, Left: []string{late}, Statements: 3,
	}}
	for _, of := range []string{"trace", "request"} {
		w := post(t.Context(), newInstance(f), `{"of":"`+of+`","rows":[{"trace":"`+traceID+`","span":"0000000000000006"},{"trace":"`+large+`"},{"trace":"`+late+`"},{"trace":"`+gone+`"}]}`)
		var got bytes.Buffer
		if err := json.Indent(&got, w.Body.Bytes(), "", " "); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		got.WriteByte('\n')
		file := filepath.Join("testdata", "layers-"+of+".json")
		if *update {
			if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatalf("%v (go test ./pkg/plugin -update makes it)", err)
		}
		if diff := cmp.Diff(string(want), got.String()); diff != "" {
			t.Errorf("the answer is not %s (-want +got):\n%s", file, diff)
		}
	}
	if got := f.together; len(got.IDs) != 4 || got.MaxSpans != maxLayerSpans || got.MaxTotal != maxLayerTotal {
		t.Errorf("asked %+v", got)
	}
}

// The bar of a row and the header of its trace have the same numbers, counts and sentence;
// the bar of a request is its own time, and the parts add up.
func TestLayersAreTheHeadersOfTheTraces(t *testing.T) {
	t.Parallel()
	i := reading(t)
	for scope, of := range map[string]string{"roots": "trace", "requests": "request", "all": "request"} {
		found := ask(t, i, `{"queryType":"search","scope":"`+scope+`","limit":60}`)
		if found.Error != nil {
			t.Fatal(found.Error)
		}
		frame := found.Frames[0]
		if got := frame.Meta.Custom.(searchMeta); string(got.Scope) != scope || got.DataSource != "uid" || got.Throughline != "requests" {
			t.Errorf("%s: meta %+v", scope, got)
		}
		traces, _ := frame.FieldByName("trace")
		spans, _ := frame.FieldByName("span")
		durations, _ := frame.FieldByName("duration")
		q := layersQuestion{Of: of}
		for n := range frame.Rows() {
			q.Rows = append(q.Rows, layersRow{traces.At(n).(string), spans.At(n).(string)})
		}
		a := layersOf(t, i, q)
		if len(a.Rows) == 0 || a.Statements > 8 || len(a.Notices) > 0 { // what other tests store at the same time may be a step further away
			t.Errorf("%s: %d rows by %d statements, notices %v", scope, len(a.Rows), a.Statements, a.Notices)
		}
		headers := map[string]*assembled{}
		for n, row := range a.Rows {
			id := q.Rows[n].Trace
			if _, known := headers[id]; !known {
				asked, err := readID(id)
				if err != nil {
					t.Fatal(err)
				}
				read, err := i.assemble(t.Context(), asked)
				if err != nil {
					t.Fatal(err)
				}
				headers[id] = read
			}
			header := headers[id]
			where, c := trace.Where(header.tree, 0, 0, -1), header.tree.Counts()
			if row.Reason != "" || row.Layers.Total() != row.Duration || row.Counts != (counts{c.APP, c.SYS, c.NET}) || row.Trace != where.Duration {
				t.Errorf("%s, row %d: %+v, the header has %+v", scope, n, row, where)
			}
			if of == "trace" && (row.Layers != where.Layers || row.Sentence != where.Sentence) {
				t.Errorf("%s, row %d: %+v, the header has %+v %q", scope, n, row, where.Layers, where.Sentence)
			}
			if own := int64(durations.At(n).(float64)); of == "request" && row.Duration != own {
				t.Errorf("%s, row %d: the bar is %d ns, the request took %d", scope, n, row.Duration, own)
			}
			owned := int64(0)
			for _, s := range row.Services {
				owned += s.Code + s.Kernel + s.Waiting
			}
			if owned != row.Layers.Code+row.Layers.Kernel+row.Layers.Waiting {
				t.Errorf("%s, row %d: services hold %d ns of %+v", scope, n, owned, row.Layers)
			}
		}
	}
}

func TestLayersRefuseWhatTheyCannotRead(t *testing.T) {
	t.Parallel()
	i := reading(t)
	row := func(trace string) string {
		text, _ := json.Marshal(layersQuestion{Rows: []layersRow{{Trace: trace, Span: trace}}})
		return string(text)
	}
	bodies := []string{
		"", "null x", "[]", `"a"`, "{", `{"rows":5}`, `{"rows":[5]}`, `{"rows":[{"trace":5}]}`, `{"of":5}`, `{"of":"all"}`, `{"of":"'"}`,
		`{"rows":[` + strings.Repeat(`{"trace":"`+traceID+`"},`, maxLayerRows) + `{"trace":"` + traceID + `"}]}`,
		`{"rows":[` + strings.Repeat(`{"trace":"`+traceID+`"},`, 10_000) + `{"trace":"` + traceID + `"}]}`,
		`{"rows":[{"trace":"` + strings.Repeat("x", 1<<20) + `"}]}`,
	}
	for _, text := range append([]string{strings.Repeat("0", 32), strings.Repeat("0", 16)}, hostile...) {
		if _, err := span.ParseAnyID(text); err != nil {
			bodies = append(bodies, row(text))
		}
	}
	for _, body := range bodies {
		w := post(t.Context(), i, body)
		if why := unclear(w.Body.String()); w.Code != http.StatusBadRequest || why != "" || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%.80q: %d %.200s: %s", body, w.Code, w.Body, why)
		}
	}
	// What is not there is no failure of the other rows.
	found := ask(t, i, `{"queryType":"search","limit":1}`)
	link, _ := found.Frames[0].FieldByName("trace")
	known := link.At(0).(string)
	a := layersOf(t, i, layersQuestion{Of: "request", Rows: []layersRow{{known, "'"}, {"ffffffffffffffff", ""}, {"1e400", ""}}})
	for n, want := range []string{"not in its trace", "no span of its trace", "no span of its trace"} {
		if !strings.Contains(a.Rows[n].Reason, want) {
			t.Errorf("row %d: %+v", n, a.Rows[n])
		}
	}
	if a := layersOf(t, i, layersQuestion{Rows: []layersRow{{strings.ToUpper(known), ""}}}); a.Rows[0].Reason != "" {
		t.Errorf("%+v", a.Rows[0])
	}
	if a := layersOf(t, i, layersQuestion{Rows: make([]layersRow, 0)}); len(a.Rows) != 0 {
		t.Errorf("%+v", a)
	}
	works(t, i)
}

// A store that fails is said, and the failure is not the rows'.
func TestLayersWhereTheStoreFails(t *testing.T) {
	t.Parallel()
	for want, c := range map[int]error{502: errors.New("connection refused"), 504: context.DeadlineExceeded, 499: context.Canceled} {
		w := post(t.Context(), newInstance(&fakeStore{err: c}), `{"rows":[{"trace":"`+traceID+`"}]}`)
		if w.Code != want || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%v: %d %s", c, w.Code, w.Body)
		}
	}
}

// A list that is left stops the read in the store.
func TestLayersThatAreCancelledEnd(t *testing.T) {
	t.Parallel()
	asked, gone := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(asked)
		<-r.Context().Done()
		close(gone)
	}))
	t.Cleanup(server.Close)
	i := instanceOf(t, backend.DataSourceInstanceSettings{URL: server.URL})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	answered := make(chan int)
	go func() { answered <- post(ctx, i, `{"rows":[{"trace":"`+traceID+`"}]}`).Code }()
	<-asked
	cancel()
	if code := <-answered; code != 499 {
		t.Errorf("status %d", code)
	}
	<-gone
}

// A page of a list: assembly and answer, without the store.
func BenchmarkLayers(b *testing.B) {
	data := &store.TracesData{Traces: map[string]*store.TraceData{}}
	q := layersQuestion{}
	for n := range 100 {
		id := fmt.Sprintf("%032x", n+1)
		data.Traces[id] = shopTrace(uint64(n))
		q.Rows = append(q.Rows, layersRow{Trace: id})
	}
	body, err := json.Marshal(q)
	if err != nil {
		b.Fatal(err)
	}
	i := newInstance(&fakeStore{traces: data})
	for b.Loop() {
		if w := post(b.Context(), i, string(body)); w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
	}
}

func shopTrace(seed uint64) *store.TraceData {
	entities := map[uint64]span.Entity{}
	for _, e := range tracetest.WebShopEntities() {
		entities[e.ID] = e
	}
	return &store.TraceData{Spans: tracetest.WebShop(seed), Entities: entities}
}
