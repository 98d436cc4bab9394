package plugin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
)

const queries = 200

// queriesOf is a trace of one request that asks a database many times. Each fourth asks shard
// 7, which is slow, sends much, and has no cache; each span has an id of its own.
func queriesOf() *store.TraceData {
	data := &store.TraceData{Resources: map[uint64]span.Resource{}}
	for n := range queries {
		s := &span.Span{ID: uint64(n + 1), Source: span.APP, TraceID: span.TraceID{1}, SpanID: span.SpanID{byte(n >> 8), byte(n), 1}, Start: int64(n) * 1000, Duration: 500, Service: "orders", Endpoint: "SELECT lines", OTelResource: uint64(n%2 + 1)}
		slow := n%4 == 0
		shard, size := fmt.Sprint(n%3), 100+n
		if slow {
			shard, size = "7", 90_000+n
		}
		s.Attributes = []span.Attribute{
			{Key: "db.shard", Value: shard, Type: span.AttributeInt}, {Key: "db.request_id", Value: fmt.Sprintf("r-%d", n)}, {Key: "db.system", Value: "postgresql"},
			{Key: "db.response.bytes", Value: fmt.Sprint(size), Type: span.AttributeInt}, {Key: "thread.id", Value: fmt.Sprint(n % 5), Type: span.AttributeInt},
		}
		if !slow {
			s.Attributes = append(s.Attributes, span.Attribute{Key: "cache.name", Value: "lines"})
		}
		data.Spans = append(data.Spans, s)
	}
	for n := range uint64(2) {
		data.Resources[n+1] = span.Resource{Attributes: []span.Attribute{{Key: "service.version", Value: fmt.Sprintf("1.%d", n)}}}
	}
	return data
}

func differ(t *testing.T, i *Instance, body string) (int, differencesAnswer, string) {
	t.Helper()
	w := httptest.NewRecorder()
	i.resources().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/differences", strings.NewReader(body)))
	var a differencesAnswer
	if w.Code == http.StatusOK {
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
	}
	return w.Code, a, w.Body.String()
}

// sides are the ids of the slow queries and of the others.
func sides(t *testing.T, isSelected func(n int) bool) string {
	t.Helper()
	var q differencesQuestion
	for n := range queries {
		id := span.FormatID(uint64(n + 1))
		if isSelected(n) {
			q.Selected = append(q.Selected, id)
		} else {
			q.Others = append(q.Others, id)
		}
	}
	body, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// What slow queries have in common comes first: the shard, the size of what they answer as a
// distribution, and the cache that they lack. What all have alike does not come, an id of each
// neither.
func TestDifferencesBetweenSpans(t *testing.T) {
	t.Parallel()
	i := newInstance(&fakeStore{trace: queriesOf()})
	code, a, body := differ(t, i, sides(t, func(n int) bool { return n%4 == 0 }))
	if code != http.StatusOK || a.Selected != queries/4 || a.Others != queries*3/4 {
		t.Fatalf("%d %s", code, body)
	}
	var keys []string
	for _, k := range a.Keys {
		keys = append(keys, k.Of+" "+k.Key)
	}
	// Every fourth is of every other process, so its version tells them apart a little less.
	if diff := cmp.Diff([]string{"span cache.name", "span db.shard", "span db.response.bytes", "resource service.version"}, keys); diff != "" {
		t.Errorf("%s\n%s", diff, body)
	}
	shard := a.Keys[1]
	if v := shard.Values[0]; v.Value != "7" || v.Share != [2]float64{1, 0} {
		t.Errorf("of shards %+v", shard.Values)
	}
	if v := a.Keys[0].Values; len(v) != 2 || a.Keys[0].Have != [2]float64{0, 1} {
		t.Errorf("of caches %+v", a.Keys[0])
	}
	if n := a.Keys[2].Numbers; n == nil || n[0][1] < 90_000 || n[1][1] > 400 {
		t.Errorf("of bytes %+v", n)
	}
	if want := []string{"1 key with another value in nearly every span, as ids have"}; cmp.Diff(want, a.LeftOut) != "" {
		t.Errorf("left out: %q", a.LeftOut)
	}
}

// Two halves of the same: nothing but chance.
func TestNoDifferencesByChance(t *testing.T) {
	t.Parallel()
	i := newInstance(&fakeStore{trace: queriesOf()})
	// 40 is a multiple of all that values repeat by.
	_, a, body := differ(t, i, sides(t, func(n int) bool { return n/60%2 == 0 }))
	if len(a.Keys) != 1 || a.Keys[0].Key != "db.response.bytes" { // grows with time
		t.Errorf("%s", body)
	}
}

func TestDifferencesOfBadInput(t *testing.T) {
	t.Parallel()
	i := newInstance(&fakeStore{trace: queriesOf()})
	one := `"` + span.FormatID(1) + `"`
	for body, want := range map[string]string{
		``:                                "want {",
		`[]`:                              "want {",
		`{"selected": [` + one + `]}`:     "both selected and others",
		`{"selected": [], "others": [1]}`: "want {",
		`{"selected": ["zzz"], "others": [` + one + `]}`:                                            "zzz",
		`{"selected": [` + strings.Repeat(one+",", 10_000) + one + `], "others": [` + one + `]}`:    "at most 10000",
		`{"selected": [` + strings.Repeat(one+",   ", 30_000) + one + `], "others": [` + one + `]}`: "longer than",
	} {
		if code, _, got := differ(t, i, body); code != http.StatusBadRequest || !strings.Contains(got, want) {
			t.Errorf("%.60s: %d %.200s, want %s", body, code, got, want)
		}
	}
}

// Many keys, many and long values: bounded, and said.
func TestDifferencesAreBounded(t *testing.T) {
	t.Parallel()
	data := queriesOf()
	for n, s := range data.Spans {
		for k := range 40 {
			s.Attributes = append(s.Attributes, span.Attribute{Key: fmt.Sprintf("side.%d", k), Value: fmt.Sprint(n%2) + strings.Repeat("ü", 3000)}, span.Attribute{Key: fmt.Sprintf("own.%d.%d", n, k), Value: "x"})
		}
	}
	i := newInstance(&fakeStore{trace: data})
	_, a, body := differ(t, i, sides(t, func(n int) bool { return n%2 == 0 }))
	if len(a.Keys) != shownDifferences || len(body) > 60_000 || !slices.ContainsFunc(a.Keys, func(k keyDifference) bool { return k.Values[0].Cut }) {
		t.Errorf("%d keys, %d bytes", len(a.Keys), len(body))
	}
	said := strings.Join(a.LeftOut, "; ")
	if !strings.Contains(said, "of other keys than the first 2000") || !strings.Contains(said, "with smaller differences") {
		t.Errorf("left out: %s", said)
	}
}
