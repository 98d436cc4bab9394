package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"golang.org/x/sync/errgroup"
)

// query is the data source's query as the front end writes it (src/datasource/query.ts).
type query struct {
	QueryType string `json:"queryType"`

	// Trace.
	Query string `json:"query"` // a trace id, or the id of a span
	View  string `json:"view"`  // flame (default), trace or both

	// Search, and what narrows variables.
	Namespace       string   `json:"namespace"`
	Workload        string   `json:"workload"`
	Service         string   `json:"service"`
	Protocol        string   `json:"protocol"`
	RequestResource string   `json:"requestResource"`
	Source          string   `json:"source"`
	Status          string   `json:"status"`
	MinDuration     string   `json:"minDuration"`
	MaxDuration     string   `json:"maxDuration"`
	Scope           string   `json:"scope"`
	Limit           int      `json:"limit"`
	Filters         []filter `json:"filters"`

	// Variables.
	Name    string `json:"name"`
	Pattern string `json:"pattern"`

	// Metrics.
	Format   string   `json:"format"`   // timeseries (default), numeric, table or heatmap
	Metrics  []string `json:"metrics"`  // rate (default), errors, errorRatio, count, mean, retransmissions, retransmissionRatio, p50, ...
	GroupBy  []string `json:"groupBy"`  // store.Dimensions
	Observed string   `json:"observed"` // served (default), called or all
	Step     string   `json:"step"`     // "5m"
}

// filter is an ad-hoc filter of a dashboard.
type filter struct {
	Key      string   `json:"key"`
	Operator string   `json:"operator"`
	Value    string   `json:"value"`
	Values   []string `json:"values"`
}

// How many rows a query returns where it does not say.
const (
	defaultRows = 100
	maxRows     = 10_000
	maxValues   = 1_000
	maxParallel = 4 // queries of one panel
)

// QueryData answers the queries of a panel, side by side.
func (i *Instance) QueryData(ctx context.Context, req *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	answers := make([]backend.DataResponse, len(req.Queries))
	var group errgroup.Group
	group.SetLimit(maxParallel)
	for n, q := range req.Queries {
		group.Go(func() error {
			answers[n] = i.safely(ctx, q)
			return nil
		})
	}
	_ = group.Wait() // every query answers for itself
	if err := ctx.Err(); errors.Is(err, context.Canceled) {
		return nil, err // the SDK logs the errors of answers, which nobody waits for
	}
	res := backend.NewQueryDataResponse()
	for n, q := range req.Queries {
		res.Responses[q.RefID] = answers[n]
	}
	return res, nil
}

func (i *Instance) answer(ctx context.Context, dq backend.DataQuery) backend.DataResponse {
	if i.fault != nil {
		return failed(badInput(i.fault))
	}
	q, err := readQuery(dq.JSON)
	if err != nil {
		return failed(err)
	}
	switch q.QueryType {
	case "trace":
		return i.queryTrace(ctx, q)
	case "search", "":
		return i.querySearch(ctx, q, dq.TimeRange)
	case "variables":
		return i.queryVariable(ctx, q, dq.TimeRange)
	case "metrics":
		return i.queryMetrics(ctx, q, dq)
	case "serviceMap":
		return i.queryServiceMap(ctx, q, dq.TimeRange)
	case "annotations":
		return i.queryAnnotations(ctx, q, dq.TimeRange)
	default:
		return failed(badInput(fmt.Errorf("query type %q is not known: use trace, search, serviceMap, metrics, annotations or variables", q.QueryType)))
	}
}

// readQuery reads a query's JSON. Wrong types are said in words of the editor.
func readQuery(text []byte) (query, error) {
	var q query
	if err := json.Unmarshal(text, &q); err != nil {
		var typ *json.UnmarshalTypeError
		if errors.As(err, &typ) && typ.Field != "" {
			return q, badInput(fmt.Errorf("the query cannot be read: %s is a %s, want a %s", typ.Field, typ.Value, jsonType(typ.Type.Kind())))
		}
		return q, badInput(fmt.Errorf("the query cannot be read: %w", err))
	}
	if err := q.check(); err != nil {
		return q, err
	}
	q.clean()
	return q, nil
}

func jsonType(k reflect.Kind) string {
	switch k {
	case reflect.Int:
		return "whole number"
	case reflect.Slice:
		return "list"
	case reflect.Struct:
		return "object"
	default:
		return "text"
	}
}

// clean takes a variable's "All", which is "*", for no filter.
func (q *query) clean() {
	for _, field := range []*string{&q.Namespace, &q.Workload, &q.Service, &q.Protocol, &q.RequestResource, &q.Source, &q.Status} {
		*field = strings.TrimSpace(*field)
		if *field == "*" || *field == "$__all" {
			*field = ""
		}
	}
}

// nanoseconds reads a duration such as "5ms"; "" is 0.
func nanoseconds(what, text string) (int64, error) {
	if text = strings.TrimSpace(text); text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, badInput(fmt.Errorf("%s %q is no duration: write it as 500us, 5ms or 1.5s", what, text))
	}
	return d.Nanoseconds(), nil
}
