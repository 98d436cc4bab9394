package query

import (
	"bytes"
	"net/http"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/server/text"
)

// maxFound is the most spans that one search may ask for.
const maxFound = 10_000

// search answers spans, newest first.
func (s *Server) search(w http.ResponseWriter, r *http.Request) error {
	p := newParams(r.URL.RawQuery, s.c.Now())
	format := p.choice("format", "json", "table")
	q := store.SearchQuery{
		From: p.time("from", s.c.Now().Add(-time.Hour).UnixNano()), To: p.time("to", 0),
		Namespace: p.text("namespace"), Workload: p.text("workload"), Pod: p.text("pod"), Service: p.text("service"),
		Node: p.text("node"), Protocol: p.text("protocol"), Resource: p.text("request_resource"),
		Source: p.choice("source", "", "APP", "SYS", "NET"), Point: p.text("point"),
		MinDuration: p.duration("min_duration"), MaxDuration: p.duration("max_duration"),
		Status: p.text("status"), Attributes: p.pairs("attribute", 16),
		Scope: store.Scope(p.choice("scope", "roots", "requests", "all")), Limit: p.number("limit", 20, 1, maxFound),
	}
	if q.Point != "" {
		if _, err := span.ParsePoint(q.Point); err != nil {
			p.fail("parameter point: %v", err)
		}
	}
	if err := p.done(); err != nil {
		return err
	}
	if q.To != 0 && q.To < q.From {
		return badRequest("to is before from")
	}
	found, err := s.c.Store.Search(r.Context(), q)
	if err != nil {
		return storeError(err)
	}
	rows := make([]text.Found, 0, len(found))
	for i := range found {
		rows = append(rows, foundSpan(&found[i]))
	}
	if format == "json" {
		writeJSON(w, http.StatusOK, text.FoundSpans{Spans: rows, Limited: len(rows) == q.Limit})
		return nil
	}
	var b bytes.Buffer
	if err := text.Search(&b, rows, false); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // the reader may be gone
	return nil
}

func foundSpan(f *store.SearchRow) text.Found {
	return text.Found{
		ID: span.FormatID(f.ID), TraceID: f.TraceID.String(), SpanID: f.SpanID.String(),
		Source: f.Source.String(), Point: f.Point.String(), Kind: f.Kind.String(),
		Start: f.Start, Duration: int64(f.Duration), Service: f.Service, Client: f.Client, Server: f.Server,
		Protocol: f.Protocol, Request: f.Request, Resource: f.Resource, Status: f.Status.String(), Code: f.Code, Node: f.Node,
	}
}

// values answers the values of a variable, for completion and drop-down lists.
func (s *Server) values(w http.ResponseWriter, r *http.Request) error {
	p := newParams(r.URL.RawQuery, s.c.Now())
	q := store.ValuesQuery{
		Name: r.PathValue("name"), From: p.time("from", 0), To: p.time("to", 0),
		Namespace: p.text("namespace"), Workload: p.text("workload"), Service: p.text("service"), Protocol: p.text("protocol"),
		Pattern: p.text("match"), Limit: p.number("limit", 1000, 1, maxFound),
	}
	if len(q.Name) > 256 {
		p.fail("the name of a variable has at most 256 bytes")
	}
	if err := p.done(); err != nil {
		return err
	}
	v, err := s.c.Store.Values(r.Context(), q)
	if err != nil {
		return storeError(err)
	}
	if v == nil {
		v = []string{}
	}
	writeJSON(w, http.StatusOK, map[string]any{"name": q.Name, "values": v})
	return nil
}
