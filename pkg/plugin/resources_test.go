package plugin

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/store"
)

func get(i *Instance, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	i.resources().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func TestSpanDetails(t *testing.T) {
	t.Parallel()
	i := newInstance(&fakeStore{trace: call(t)})
	w := get(i, "/span/0000000000000004")
	var d struct {
		Point  string
		Client struct {
			Address string
			Entity  struct{ Pod string }
		}
		Wire struct {
			RequestSeq uint32
			Tunnel     string
		}
		StartNs string
	}
	if err := json.Unmarshal(w.Body.Bytes(), &d); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	if d.Point != "c-nd" || d.Client.Address != "10.1.0.1:40000" || d.Client.Entity.Pod != "web-1" || d.Wire.RequestSeq != 1000 || d.Wire.Tunnel != "ipip" ||
		d.StartNs != "1700000000014000000" {
		t.Errorf("%s", w.Body)
	}
}

func TestSpanDetailsOfCode(t *testing.T) {
	t.Parallel()
	w := get(newInstance(&fakeStore{trace: call(t)}), "/span/0000000000000001")
	for _, part := range []string{
		`{"key":"http.response.status_code","value":200,"type":"int"}`,
		`"resourceAttributes":[{"key":"service.version","value":"1.2","type":"string"}]`,
		`"events":[{"t":50000000,"name":"retry","attributes":[{"key":"attempt","value":2,"type":"int"}]}]`,
		`"links":[]`,
	} {
		if !strings.Contains(w.Body.String(), part) {
			t.Errorf("%s is not in %s", part, w.Body)
		}
	}
}

// The id that OpenTelemetry gave a span leads to it in every call, however it is written. The
// same id on the wire is that of the code's span.
func TestOpenTelemetryIDsLeadToSpans(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/span/0101010101010101", "/span/101010101010101", "/span/0X0101010101010101%20"} {
		for name, i := range map[string]*Instance{"as stored": newInstance(&fakeStore{trace: call(t)}), "as shown": shown(t)} {
			if w := get(i, path); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"id":"0000000000000001","traceId"`) {
				t.Errorf("%s, %s: %d %s", path, name, w.Code, w.Body)
			}
		}
	}
	if w := get(shown(t), "/attributes/0202020202020202?key=service.version"); !strings.Contains(w.Body.String(), `"0000000000000006":"1.2"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	i := newInstance(&fakeStore{traces: &store.TracesData{Traces: map[string]*store.TraceData{traceID: call(t)}}})
	a := layersOf(t, i, layersQuestion{Of: "request", Rows: []layersRow{{Trace: strings.ToUpper(traceID), Span: "0202020202020202"}}})
	if a.Rows[0].Duration != 30*ms {
		t.Errorf("layers of the server's span: %+v", a)
	}
}

// shown is an instance that has just answered the trace, and reads no other.
func shown(t *testing.T) *Instance {
	t.Helper()
	f := &fakeStore{trace: call(t)}
	i := newInstance(f)
	ask(t, i, `{"queryType":"trace","query":"`+traceID+`"}`)
	f.trace, f.err = nil, errors.New("asked again")
	return i
}

// A click in the flame graph asks nobody: the trace was just read for it.
func TestDetailsOfATraceThatIsShownCostNoRead(t *testing.T) {
	t.Parallel()
	f := &fakeStore{trace: call(t)}
	i := newInstance(f)
	ask(t, i, `{"queryType":"trace","query":"`+traceID+`"}`)
	for range 3 {
		if w := get(i, "/span/0000000000000002"); w.Code != http.StatusOK {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	if f.reads != 1 {
		t.Errorf("%d reads", f.reads)
	}
}

func TestResourceFailures(t *testing.T) {
	t.Parallel()
	away := newInstance(&fakeStore{err: errors.New("connection refused")})
	here := newInstance(&fakeStore{trace: call(t)})
	nothing := newInstance(&fakeStore{err: store.ErrNotFound})
	for name, c := range map[string]struct {
		i    *Instance
		path string
		code int
		want string
	}{
		"no id":        {here, "/span/xyz", 400, "is no id of a trace or of a span"},
		"of a trace":   {here, "/span/" + traceID, 400, "is no id of a span"},
		"unknown span": {nothing, "/span/00000000000000ff", 404, "no span 00000000000000ff is stored"},
		"store away":   {away, "/span/0000000000000001", 502, "connection refused"},
		"bad time":     {here, "/values/service?from=yesterday", 400, "no time in Unix milliseconds"},
		"unknown path": {here, "/spans", 404, "no resource"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := get(c.i, c.path)
			if w.Code != c.code || !strings.Contains(w.Body.String(), c.want) || !json.Valid(w.Body.Bytes()) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	f := &fakeStore{values: []string{"web", "user"}}
	w := get(newInstance(f), "/values/service?namespace=shop&from=1700000000000&to=1700003600000")
	if w.Body.String() != `[{"text":"web"},{"text":"user"}]` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if want := (store.ValuesQuery{Name: "service", Namespace: "shop", From: during.From.UnixNano(), To: during.To.UnixNano(), Limit: maxValues}); f.listed != want {
		t.Errorf("asked %+v", f.listed)
	}
}
