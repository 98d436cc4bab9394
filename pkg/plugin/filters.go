package plugin

import (
	"fmt"
	"strings"

	"github.com/throughline-io/throughline/pkg/store"
)

// Bounds of what a query may bring.
const (
	maxText    = 4096 // bytes of one text
	maxFilters = 50
	maxChoices = 200 // values of one filter
)

// storeFilters are a query's ad-hoc filters as the store takes them.
func storeFilters(filters []filter) ([]store.Filter, error) {
	var out []store.Filter
	for _, f := range filters {
		if f.Key == "" {
			continue // a filter that is being made
		}
		values := []string{f.Value}
		if strings.HasSuffix(f.Operator, "|") && len(f.Values) > 0 {
			values = f.Values
		}
		if len(values) > maxChoices {
			return nil, badInput(fmt.Errorf("filter %s has %d values: at most %d", f.Key, len(values), maxChoices))
		}
		one, err := store.NewFilter(f.Key, f.Operator, values...)
		if err != nil {
			return nil, badInput(err)
		}
		out = append(out, one)
	}
	return out, nil
}

// common are the filters of a query that the roll-ups know, the query's own fields among
// them. Durations and attributes they do not know.
func (q *query) common() ([]store.Filter, error) {
	if q.MinDuration != "" || q.MaxDuration != "" {
		return nil, badInput(fmt.Errorf("metrics and the service map are kept per minute and cannot be narrowed by duration: use a search, or leave the durations empty"))
	}
	filters, err := storeFilters(q.Filters)
	if err != nil {
		return nil, err
	}
	for _, f := range []struct{ key, value string }{
		{"namespace", q.Namespace}, {"workload", q.Workload}, {"service", q.Service}, {"protocol", q.Protocol},
		{"request_resource", q.RequestResource}, {"source", q.Source}, {"status", q.Status},
	} {
		if f.value != "" {
			filters = append(filters, store.Filter{Key: f.key, Values: []string{f.value}})
		}
	}
	return filters, nil
}

// texts are all of a query's texts, by the name they have in JSON.
func (q *query) texts() map[string]string {
	all := map[string]string{
		"queryType": q.QueryType, "query": q.Query, "view": q.View, "namespace": q.Namespace, "workload": q.Workload, "service": q.Service, "protocol": q.Protocol,
		"requestResource": q.RequestResource, "source": q.Source, "status": q.Status, "minDuration": q.MinDuration, "maxDuration": q.MaxDuration, "scope": q.Scope,
		"name": q.Name, "pattern": q.Pattern, "format": q.Format, "observed": q.Observed, "step": q.Step,
	}
	for i, f := range q.Filters {
		all[fmt.Sprintf("filters[%d].key", i)], all[fmt.Sprintf("filters[%d].value", i)] = f.Key, f.Value
		for j, v := range f.Values {
			all[fmt.Sprintf("filters[%d].values[%d]", i, j)] = v
		}
	}
	for i, g := range q.GroupBy {
		all[fmt.Sprintf("groupBy[%d]", i)] = g
	}
	for i, m := range q.Metrics {
		all[fmt.Sprintf("metrics[%d]", i)] = m
	}
	return all
}

// check refuses what no question of a user is.
func (q *query) check() error {
	if len(q.Filters) > maxFilters || len(q.GroupBy) > maxFilters || len(q.Metrics) > maxFilters {
		return badInput(fmt.Errorf("the query has more than %d filters, groups or metrics", maxFilters))
	}
	for name, text := range q.texts() {
		if len(text) > maxText {
			return badInput(fmt.Errorf("%s is longer than %d bytes", name, maxText))
		}
	}
	return nil
}
