package plugin

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/throughline-io/throughline/pkg/store"
)

func TestBadQueries(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ query, want string }{
		"no JSON object":       {`"text"`, "cannot be read"},
		"unknown type":         {`{"queryType":"logs"}`, `query type "logs" is not known`},
		"no trace":             {`{"queryType":"trace"}`, "no trace is asked for"},
		"an id too long":       {`{"queryType":"trace","query":"` + traceID + `0"}`, "it has 33 digits"},
		"an id not hex":        {`{"queryType":"trace","query":"zzzzzzzzzzzzzzzz"}`, "no id of a trace"},
		"unknown view":         {`{"queryType":"trace","query":"` + traceID + `","view":"pie"}`, `view "pie" is not known`},
		"a duration no number": {`{"queryType":"search","minDuration":"long"}`, `"long" is no duration`},
		"a broken regex":       {`{"queryType":"search","filters":[{"key":"service","operator":"=~","value":"w[a-z"}]}`, "missing closing ]"},
		"an operator unknown":  {`{"queryType":"search","filters":[{"key":"service","operator":"~","value":"w"}]}`, "the operator is not known"},
		"a wrong type":         {`{"queryType":"search","namespace":5}`, "namespace is a number, want a text"},
		"a variable of what":   {`{"queryType":"variables"}`, "does not say what to list"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := ask(t, newInstance(&fakeStore{trace: call(t)}), c.query)
			if res.Error == nil || !strings.Contains(res.Error.Error(), c.want) {
				t.Fatalf("error %v, want %q", res.Error, c.want)
			}
			if res.Status != backend.StatusBadRequest || res.ErrorSource != backend.ErrorSourceDownstream {
				t.Errorf("status %d, source %s", res.Status, res.ErrorSource)
			}
		})
	}
}

// What fails behind the plugin counts as downstream, so that Grafana's error rate of the
// plugin stays the plugin's.
func TestStoreFailures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err    error
		status backend.Status
	}{
		"store away":   {errors.New("connection refused"), 502},
		"too slow":     {context.DeadlineExceeded, backend.StatusTimeout},
		"user is gone": {context.Canceled, 499},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, query := range []string{`{"queryType":"trace","query":"` + traceID + `"}`, `{"queryType":"search"}`, `{"queryType":"variables","name":"service"}`} {
				res := ask(t, newInstance(&fakeStore{err: c.err}), query)
				if !errors.Is(res.Error, c.err) || res.Status != c.status || res.ErrorSource != backend.ErrorSourceDownstream {
					t.Errorf("%s: error %v, status %d, source %s", query, res.Error, res.Status, res.ErrorSource)
				}
			}
		})
	}
}

// One bad query of a panel leaves the others their answers.
func TestQueriesAnswerForThemselves(t *testing.T) {
	t.Parallel()
	i := newInstance(&fakeStore{values: []string{"web"}})
	res, err := i.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{
		{RefID: "A", JSON: []byte(`{"queryType":"logs"}`)},
		{RefID: "B", JSON: []byte(`{"queryType":"variables","name":"service"}`)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if res.Responses["A"].Error == nil || res.Responses["B"].Error != nil || len(res.Responses["B"].Frames) != 1 {
		t.Errorf("answers %+v", res.Responses)
	}
}

func TestSearchAsksTheStore(t *testing.T) {
	t.Parallel()
	f := &fakeStore{}
	ask(t, newInstance(f), `{"queryType":"search","namespace":"shop","workload":"*","requestResource":"*order*","status":"server error",
		"minDuration":"5ms","maxDuration":"1.5s","limit":50,"filters":[{"key":"http.route","operator":"=","value":"/order"},{"key":"service","operator":"=","value":"web"}]}`)
	got := f.searched
	if got.Namespace != "shop" || got.Workload != "" || got.Resource != "*order*" || got.Status != "server error" {
		t.Errorf("filters: %+v", got)
	}
	if got.MinDuration != 5*ms || got.MaxDuration != 1500*ms || got.Limit != 50 || got.Scope != "roots" ||
		!reflect.DeepEqual(got.Filters, []store.Filter{{Key: "http.route", Values: []string{"/order"}}, {Key: "service", Values: []string{"web"}}}) {
		t.Errorf("limits: %+v", got)
	}
	if got.From != during.From.UnixNano() || got.To != during.To.UnixNano() {
		t.Errorf("time range %d to %d", got.From, got.To)
	}
}

// A variable's "All" and the default wildcard of the dashboard find everything.
func TestStarIsNoFilter(t *testing.T) {
	t.Parallel()
	f := &fakeStore{}
	ask(t, newInstance(f), `{"queryType":"search","namespace":"*","workload":"$__all","requestResource":"*"}`)
	if q := f.searched; q.Namespace != "" || q.Workload != "" || q.Resource != "" {
		t.Errorf("%+v", q)
	}
}

func TestLimitIsBounded(t *testing.T) {
	t.Parallel()
	f := &fakeStore{}
	ask(t, newInstance(f), `{"queryType":"search","limit":100000000}`)
	if f.searched.Limit != maxRows {
		t.Errorf("limit %d", f.searched.Limit)
	}
}

func TestVariable(t *testing.T) {
	t.Parallel()
	f := &fakeStore{values: []string{"web", "user"}}
	golden(t, "variable", ask(t, newInstance(f), `{"queryType":"variables","name":"workload","namespace":"shop"}`))
	if f.listed != (store.ValuesQuery{Name: "workload", Namespace: "shop", From: during.From.UnixNano(), To: during.To.UnixNano(), Limit: maxValues}) {
		t.Errorf("asked %+v", f.listed)
	}
}

// "now-1000y" comes out of the SDK as a time far in the future, and means all up to the end.
func TestRangeThatBeginsBeforeNanosecondsDo(t *testing.T) {
	t.Parallel()
	end := time.Unix(1_700_000_000, 0)
	f := func(name string, begin time.Time, from int64) {
		t.Helper()
		if got, to := bounds(backend.TimeRange{From: begin, To: end}); got != from || to != end.UnixNano() {
			t.Errorf("%s: from %d to %d, want from %d", name, got, to, from)
		}
	}
	var ms int64 = -29_000_000_000_000
	f("wrapped around", time.Unix(0, ms*int64(time.Millisecond)), 1)
	f("before 1970", time.Unix(-1, 0), 0)
	f("open", time.Time{}, 0)
	f("usual", end.Add(-time.Hour), end.Add(-time.Hour).UnixNano())
}
