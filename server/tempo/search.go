package tempo

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/server/lookup"
)

const (
	defaultFound = 20
	mostFound    = 1000
	searched     = time.Hour // where no time is given
	searchTime   = 15 * time.Second
)

// found is a trace of an answer.
type found struct {
	TraceID         string    `json:"traceID"`
	RootServiceName string    `json:"rootServiceName,omitempty"`
	RootTraceName   string    `json:"rootTraceName,omitempty"`
	Start           string    `json:"startTimeUnixNano"`
	DurationMs      uint64    `json:"durationMs,omitempty"`
	SpanSet         *spanSet  `json:"spanSet,omitempty"`
	SpanSets        []spanSet `json:"spanSets,omitempty"`
}

type spanSet struct {
	Spans   []foundSpan `json:"spans"`
	Matched int         `json:"matched"`
}

type foundSpan struct {
	SpanID     string     `json:"spanID"`
	Name       string     `json:"name,omitempty"`
	Start      string     `json:"startTimeUnixNano"`
	Duration   string     `json:"durationNanos"`
	Attributes []keyValue `json:"attributes,omitempty"`
}

type keyValue struct {
	Key   string            `json:"key"`
	Value map[string]string `json:"value"`
}

// rootless stands, as in Tempo, for a root that has not come.
const rootless = "<root span not yet received>"

func (a *api) search(w http.ResponseWriter, r *http.Request) error {
	q, nothing, err := a.asked(r)
	if err != nil {
		return err
	}
	out := struct {
		Traces  []found           `json:"traces"`
		Metrics map[string]uint32 `json:"metrics"`
	}{[]found{}, map[string]uint32{}}
	if nothing {
		return answer(w, out)
	}
	rows, err := a.store.Search(r.Context(), q)
	if err != nil {
		return lookup.OfStore(err)
	}
	for i := range rows.Rows {
		out.Traces = append(out.Traces, traceOf(&rows.Rows[i]))
	}
	out.Metrics["inspectedTraces"] = uint32(len(out.Traces))
	return answer(w, out)
}

// asked is a search as the store has it: traces of which one span has all that is asked for.
func (a *api) asked(r *http.Request) (q store.SearchQuery, nothing bool, err error) {
	v := r.URL.Query()
	q = store.SearchQuery{Scope: store.ScopeRoots, MaxTime: searchTime}
	if q.From, q.To, err = during(r); err != nil {
		return q, false, err
	}
	if q.From == 0 {
		q.From = a.now().Add(-searched).UnixNano()
	}
	if q.To == 0 {
		q.To = a.now().Add(time.Minute).UnixNano()
	}
	if q.Limit, err = lookup.Number("limit", v.Get("limit"), defaultFound, mostFound); err != nil {
		return q, false, err
	}
	asked, err := parse(v.Get("q"))
	if err != nil {
		return q, false, lookup.Bad("%v", err)
	}
	q.Filters = asked.filters
	tags, err := tagFilters(v.Get("tags"))
	if err != nil {
		return q, false, lookup.Bad("tags: %v", err)
	}
	q.Filters = append(q.Filters, tags...)
	for name, operator := range map[string]string{"minDuration": ">=", "maxDuration": "<="} {
		text := v.Get(name)
		if text == "" {
			continue
		}
		if _, err := time.ParseDuration(text); err != nil {
			return q, false, lookup.Bad("%s=%.40q: want a length of time such as 100ms", name, text)
		}
		f, err := store.NewFilter("duration", operator, text)
		if err != nil {
			return q, false, lookup.Bad("%s: %v", name, err)
		}
		q.Filters = append(q.Filters, f)
	}
	return q, asked.nothing, nil
}

func traceOf(r *store.SearchRow) found {
	f := found{
		TraceID: lookup.ID(r), RootServiceName: r.Service, RootTraceName: lookup.Name(r), Start: strconv.FormatInt(r.Start, 10), DurationMs: r.Duration / 1e6,
	}
	if r.Trace == nil {
		return f
	}
	if r.Trace.Rootless {
		f.RootServiceName, f.RootTraceName = rootless, ""
	}
	if match := r.Trace.Match; match != nil {
		set := spanSet{[]foundSpan{spanOf(match)}, max(1, r.Trace.Matched)}
		f.SpanSet, f.SpanSets = &set, []spanSet{set}
	} else {
		set := spanSet{[]foundSpan{spanOf(r)}, r.Trace.Spans}
		f.SpanSet, f.SpanSets = &set, []spanSet{set}
	}
	return f
}

func spanOf(r *store.SearchRow) foundSpan {
	s := foundSpan{SpanID: r.SpanID.String(), Name: lookup.Name(r), Start: strconv.FormatInt(r.Start, 10), Duration: strconv.FormatUint(r.Duration, 10)}
	if r.Source != span.APP || r.SpanID.IsZero() {
		s.SpanID = span.FormatID(r.ID)
	}
	for _, a := range [][2]string{{"service.name", r.Service}, {"status", statusWord(r)}, {"kind", strings.ToLower(r.Kind.String())}} {
		if a[1] != "" {
			s.Attributes = append(s.Attributes, keyValue{a[0], map[string]string{"stringValue": a[1]}})
		}
	}
	return s
}

// statusWord is TraceQL's status.
func statusWord(r *store.SearchRow) string {
	switch {
	case r.Status.Error():
		return "error"
	case r.Status == span.StatusOK:
		return "ok"
	}
	return "unset"
}

// tagFilters reads logfmt: key=value pairs with blanks between, values in quotes or not. A value is
// looked for anywhere in the attribute's, whatever the case.
func tagFilters(text string) (out []store.Filter, err error) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		k, rest, ok := strings.Cut(text, "=")
		if !ok || k == "" || strings.ContainsAny(k, " \t\"") {
			return nil, lookup.Bad("%.80q: want key=value, as logfmt has it", text)
		}
		value := rest
		if strings.HasPrefix(rest, `"`) {
			var n int
			if value, n, err = quotation(rest); err != nil {
				return nil, err
			}
			text = rest[n:]
		} else if i := strings.IndexAny(rest, " \t"); i >= 0 {
			value, text = rest[:i], rest[i:]
		} else {
			text = ""
		}
		if len(out) == maxComparisons {
			return nil, lookup.Bad("more than %d", maxComparisons)
		}
		f, err := tagFilter(k, value)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func tagFilter(k, value string) (store.Filter, error) {
	switch {
	case k == "name" || k == "status" && (value == "error" || value == "ok" || value == "unset"):
	default:
		if mapped, ok := identities[k]; ok {
			k = mapped
		} else if !strings.HasPrefix(k, "span.") && !strings.HasPrefix(k, "resource.") {
			k = anywhere(k)
		}
	}
	if k == "status" {
		return store.NewFilter(k, "=", value)
	}
	return store.NewFilter(k, "=", "*"+value+"*")
}
