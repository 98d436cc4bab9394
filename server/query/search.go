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

// maxSearchTime is the longest that a search may look.
const maxSearchTime = 20 * time.Second

// ahead is how far beyond now the newest spans are looked for: clocks differ a little. One that is
// hours ahead must not fill every list.
const ahead = time.Minute

// maxFilters is how often a parameter with a filter may be given.
const maxFilters = 16

// search answers traces or spans, newest first.
func (s *Server) search(w http.ResponseWriter, r *http.Request) error {
	p := newParams(r.URL.RawQuery, s.c.Now())
	format := p.choice("format", "json", "table")
	q := store.SearchQuery{
		From: p.time("from", s.c.Now().Add(-time.Hour).UnixNano()), To: p.time("to", s.c.Now().Add(ahead).UnixNano()),
		Namespace: p.text("namespace"), Workload: p.text("workload"), Pod: p.text("pod"), Service: p.text("service"),
		Node: p.text("node"), Protocol: p.text("protocol"), Resource: p.text("request_resource"),
		Source: p.choice("source", "", "APP", "SYS", "NET"), Point: p.text("point"),
		MinDuration: p.duration("min_duration"), MaxDuration: p.duration("max_duration"),
		Status: p.text("status"), Attributes: p.pairs("attribute", maxFilters), Filters: p.filters("filter", maxFilters),
		Scope: store.Scope(p.choice("scope", "roots", "requests", "all")), Limit: p.number("limit", 20, 1, maxFound),
		MaxTime: min(time.Duration(p.duration("max_time")), maxSearchTime),
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
	var out text.FoundSpans
	found, err := s.c.Store.Search(store.Reporting(r.Context(), func(why string) { out.LeftOut = append(out.LeftOut, why) }), q)
	if err != nil {
		return storeError(err)
	}
	rows := found.Rows
	out.Spans, out.Limited, out.Until = make([]text.Found, 0, len(rows)), len(rows) == q.Limit, found.Until
	for i := range rows {
		out.Spans = append(out.Spans, *foundSpan(&rows[i]))
	}
	if len(rows) == 0 && found.Until == 0 {
		if out.Nothing, err = s.c.Store.WhyNothing(r.Context(), q); err != nil {
			s.c.Log.Debug("why a search finds nothing is not known", "error", err) // it is a help
		}
	}
	if format == "json" {
		writeJSON(w, http.StatusOK, out)
		return nil
	}
	var b bytes.Buffer
	if err := text.Search(&b, &out, false); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // the reader may be gone
	return nil
}

// foundSpan is nil for nil.
func foundSpan(f *store.SearchRow) *text.Found {
	if f == nil {
		return nil
	}
	out := &text.Found{
		ID: span.FormatID(f.ID), TraceID: f.TraceID.String(), SpanID: f.SpanID.String(),
		Source: f.Source.String(), Point: f.Point.String(), Kind: f.Kind.String(),
		Start: f.Start, Duration: int64(f.Duration), Service: f.Service, Client: f.Client, Server: f.Server,
		Protocol: f.Protocol, Request: f.Request, Resource: f.Resource, Status: f.Status.Of(f.Source), Code: f.Code, Node: f.Node, Message: f.Message,
	}
	if t := f.Trace; t != nil {
		out.Trace = &text.FoundTrace{Rootless: t.Rootless, Spans: t.Spans, Errors: t.Errors, Failed: foundSpan(t.Failed), Matched: t.Matched, Match: foundSpan(t.Match)}
	}
	return out
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
