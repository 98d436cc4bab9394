package tempo

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/pkg/otlp/document"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/server/lookup"
)

// api answers from a store.
type api struct {
	store lookup.Store
	now   func() time.Time
}

// Routes are the handlers by path, as http.ServeMux has them.
func Routes(s lookup.Store, now func() time.Time) map[string]lookup.Handler {
	a := &api{s, now}
	routes := map[string]lookup.Handler{
		"/api/echo":                        echo,
		"/api/status/buildinfo":            buildInfo,
		"/api/traces/{id}":                 a.trace,
		"/api/v2/traces/{id}":              a.traceV2,
		"/api/search":                      a.search,
		"/api/search/tags":                 a.tags,
		"/api/v2/search/tags":              a.tagsV2,
		"/api/search/tag/{name}/values":    a.values,
		"/api/v2/search/tag/{name}/values": a.valuesV2,
	}
	for _, path := range []string{"/api/metrics/query_range", "/api/metrics/query", "/api/metrics/summary"} {
		routes[path] = func(http.ResponseWriter, *http.Request) error {
			return &lookup.Error{Status: http.StatusNotImplemented, Text: "TraceQL metrics are not answered here: Throughline's own data source has rates, errors and durations"}
		}
	}
	return routes
}

func echo(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("echo")) // the reader may be gone
	return nil
}

// buildInfo says which version of Tempo's API is followed: Grafana asks what it may use.
func buildInfo(w http.ResponseWriter, _ *http.Request) error {
	return answer(w, map[string]any{"status": "success", "data": map[string]string{"version": "2.7.0", "revision": "throughline", "branch": "", "buildDate": "", "buildUser": "", "goVersion": ""}})
}

func answer(w http.ResponseWriter, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body) // the reader may be gone
	return nil
}

// trace answers the resource spans of a trace, "batches" in JSON.
func (a *api) trace(w http.ResponseWriter, r *http.Request) error {
	data, _, err := a.messages(r)
	if err != nil {
		return err
	}
	if asksProtobuf(r) {
		return writeProtobuf(w, data.binary)
	}
	text := map[string]json.RawMessage{}
	if err := json.Unmarshal(data.json, &text); err != nil {
		return err
	}
	return answer(w, map[string]any{"batches": text["resourceSpans"]})
}

// traceV2 answers a trace with what is to be said of it: a TraceByIDResponse (1 trace, 3 status:
// 1 is partial, 4 message).
func (a *api) traceV2(w http.ResponseWriter, r *http.Request) error {
	data, truncated, err := a.messages(r)
	if err != nil {
		return err
	}
	if asksProtobuf(r) {
		b := protowire.AppendTag(nil, 1, protowire.BytesType)
		b = protowire.AppendBytes(b, data.binary)
		if truncated != "" {
			b = protowire.AppendTag(b, 3, protowire.VarintType)
			b = protowire.AppendVarint(b, 1)
			b = protowire.AppendTag(b, 4, protowire.BytesType)
			b = protowire.AppendString(b, truncated)
		}
		return writeProtobuf(w, b)
	}
	out := map[string]any{"trace": json.RawMessage(data.json)}
	if truncated != "" {
		out["status"], out["message"] = "PARTIAL", truncated
	}
	return answer(w, out)
}

// encoded is a trace in one of two encodings, whichever was asked for.
type encoded struct{ binary, json []byte }

// messages reads a trace. In JSON ids are in base64, as protobuf's mapping has them: Tempo's API is
// no OTLP/JSON there.
func (a *api) messages(r *http.Request) (encoded, string, error) {
	q := store.TraceQuery{ID: r.PathValue("id")}
	var err error
	if q.From, q.To, err = during(r); err != nil {
		return encoded{}, "", err
	}
	t, truncated, err := lookup.Trace(r.Context(), a.store, q)
	if err != nil {
		return encoded{}, "", err
	}
	data, err := document.Messages(t.Items())
	if err != nil {
		return encoded{}, "", err
	}
	if asksProtobuf(r) {
		b, err := proto.Marshal(data)
		return encoded{binary: b}, truncated, err
	}
	b, err := protojson.Marshal(data)
	return encoded{json: b}, truncated, err
}

func asksProtobuf(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "protobuf")
}

func writeProtobuf(w http.ResponseWriter, b []byte) error {
	w.Header().Set("Content-Type", "application/protobuf")
	_, _ = w.Write(b) // the reader may be gone
	return nil
}

// during reads start and end, in Unix seconds.
func during(r *http.Request) (from, to int64, err error) {
	q := r.URL.Query()
	if from, err = lookup.Unit("start", q.Get("start"), 1e9); err != nil {
		return 0, 0, err
	}
	if to, err = lookup.Unit("end", q.Get("end"), 1e9); err != nil {
		return 0, 0, err
	}
	if to != 0 && to < from {
		return 0, 0, lookup.Bad("end is before start")
	}
	return from, to, nil
}
