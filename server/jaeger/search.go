package jaeger

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/server/lookup"
)

// A search answers whole traces, each of which is looked up.
const (
	defaultFound = 20
	mostFound    = 100
	searchTime   = 10 * time.Second
	mostTags     = 16
)

// lookback is a time as Jaeger's form has it: "1h", "2d".
func lookback(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		d, err := time.ParseDuration(days + "h")
		return d * 24, err
	}
	return time.ParseDuration(text)
}

// search finds traces by a span that has all that is asked for, or by their ids (traceID, several
// times).
func (a *api) search(w http.ResponseWriter, r *http.Request) error {
	ids := r.URL.Query()["traceID"]
	if len(ids) > mostFound {
		return lookup.Bad("%d traces are asked for, at most %d are answered", len(ids), mostFound)
	}
	if len(ids) == 0 {
		q, err := a.asked(r)
		if err != nil {
			return err
		}
		found, err := a.store.Search(r.Context(), q)
		if err != nil {
			return lookup.OfStore(err)
		}
		for i := range found.Rows {
			ids = append(ids, lookup.ID(&found.Rows[i]))
		}
		r = r.WithContext(lookup.Unasked(r.Context())) // a list asks nobody else for each of its traces
	}
	out := []traceJSON{}
	for _, id := range ids {
		t, err := a.read(r, store.TraceQuery{ID: id})
		var gone *lookup.Error
		if errors.As(err, &gone) && gone.Status == http.StatusNotFound {
			continue
		} else if err != nil {
			return err
		}
		out = append(out, t)
	}
	return answer(w, out, 0)
}

func (a *api) asked(r *http.Request) (q store.SearchQuery, err error) {
	v := r.URL.Query()
	q = store.SearchQuery{Scope: store.ScopeRoots, MaxTime: searchTime}
	if q.From, err = lookup.Unit("start", v.Get("start"), 1e3); err != nil {
		return q, err
	}
	if q.To, err = lookup.Unit("end", v.Get("end"), 1e3); err != nil {
		return q, err
	}
	if q.To == 0 {
		q.To = a.now().Add(time.Minute).UnixNano()
	}
	if back := v.Get("lookback"); q.From == 0 {
		d := time.Hour
		if back != "" && back != "custom" {
			if d, err = lookback(back); err != nil || d <= 0 {
				return q, lookup.Bad("lookback=%.40q: want a length of time such as 1h or 2d", back)
			}
		}
		q.From = q.To - int64(d)
	}
	if q.To < q.From {
		return q, lookup.Bad("end is before start")
	}
	if q.Limit, err = lookup.Number("limit", v.Get("limit"), defaultFound, mostFound); err != nil {
		return q, err
	}
	conditions := []condition{{"service", "=", v.Get("service")}, {"name", "=", v.Get("operation")}, {"duration", ">=", v.Get("minDuration")}, {"duration", "<=", v.Get("maxDuration")}}
	tags, err := tagsOf(v["tag"], v.Get("tags"))
	if err != nil {
		return q, err
	}
	for _, c := range append(conditions, tags...) {
		if c.value == "" || c.key == "name" && c.value == "all" {
			continue
		}
		f, err := c.filter()
		if err != nil {
			return q, lookup.Bad("%v", err)
		}
		q.Filters = append(q.Filters, f)
	}
	return q, nil
}

type condition struct{ key, operator, value string }

// filter takes a value as it is: signs that mean something to a filter mean themselves.
func (c condition) filter() (store.Filter, error) {
	if c.operator == "=" && strings.ContainsAny(c.value, `*|{}()\`) {
		return store.NewFilter(c.key, "=~", regexp.QuoteMeta(c.value))
	}
	return store.NewFilter(c.key, c.operator, c.value)
}

// tagsOf reads tag=key:value, several times, and tags, an object of texts.
func tagsOf(list []string, object string) (out []condition, err error) {
	for _, one := range list {
		k, value, ok := strings.Cut(one, ":")
		if !ok || k == "" {
			return nil, lookup.Bad("tag=%.80q: want key:value", one)
		}
		out = append(out, tagCondition(k, value))
	}
	if object != "" {
		var values map[string]string
		if err := json.Unmarshal([]byte(object), &values); err != nil {
			return nil, lookup.Bad("tags=%.80q: want a JSON object of texts", object)
		}
		for k, value := range values {
			out = append(out, tagCondition(k, value))
		}
	}
	if len(out) > mostTags {
		return nil, lookup.Bad("%d tags, at most %d are allowed", len(out), mostTags)
	}
	return out, nil
}

// tagCondition is a tag as a filter has it: Jaeger's words for kind and failure are no attributes.
func tagCondition(k, value string) condition {
	switch k {
	case "error":
		if value == "true" {
			return condition{"status", "=", "error"}
		}
		return condition{"status", "!=", "error"}
	case "span.kind":
		return condition{"kind", "=", strings.ToUpper(value)}
	case "service.name":
		return condition{"service", "=", value}
	}
	if !strings.Contains(k, ".") { // or it is the key of something else
		k = "span." + k
	}
	return condition{k, "=", value}
}
