package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/tracing"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/throughline-io/throughline/pkg/store"
)

// What the plugin tells of itself. Grafana collects the metrics (CollectMetrics of the plugin
// protocol) beside the SDK's own, and passes the spans on where its tracing is on.
var (
	queriesTotal = promauto.NewCounterVec(prometheus.CounterOpts{
		Namespace: "throughline", Subsystem: "datasource", Name: "queries_total", Help: "Queries by type and outcome.",
	}, []string{"type", "outcome"})
	querySeconds = promauto.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: "throughline", Subsystem: "datasource", Name: "query_duration_seconds", Help: "How long queries took.",
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
	}, []string{"type"})
	rowsTotal = promauto.NewCounterVec(prometheus.CounterOpts{
		Namespace: "throughline", Subsystem: "datasource", Name: "rows_returned_total", Help: "Rows of frames; of traces these are spans.",
	}, []string{"type"})
	statementsTotal = promauto.NewCounterVec(prometheus.CounterOpts{
		Namespace: "throughline", Subsystem: "datasource", Name: "store_statements_total", Help: "Round trips to the store.",
	}, []string{"type"})
	limitsTotal = promauto.NewCounterVec(prometheus.CounterOpts{
		Namespace: "throughline", Subsystem: "datasource", Name: "limits_hit_total", Help: "Answers from which something was left out, and said so.",
	}, []string{"type"})
)

// observation is a query under way.
type observation struct {
	typ        string
	span       trace.Span
	began      time.Time
	statements atomic.Int64

	mu      sync.Mutex
	leftOut []string // by the store's limits
}

type observationKey struct{}

// observe begins the span and the figures of a query. Its context counts the statements that
// are sent with it.
func observe(ctx context.Context, typ string) (context.Context, *observation) {
	ctx, span := tracing.DefaultTracer().Start(ctx, "throughline "+typ, trace.WithAttributes(attribute.String("throughline.query_type", typ)))
	o := &observation{typ: typ, span: span, began: time.Now()}
	return store.Reporting(context.WithValue(ctx, observationKey{}, o), o.leave), o
}

// leave notes what the store left out.
func (o *observation) leave(why string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !slices.Contains(o.leftOut, why) {
		o.leftOut = append(o.leftOut, why)
	}
}

// notice says in the answer what the store left out.
func (o *observation) notice(res *backend.DataResponse) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(res.Frames) == 0 {
		return
	}
	for _, why := range o.leftOut {
		notice(res.Frames[0], data.NoticeSeverityWarning, "Not everything is shown: "+why+".")
	}
}

// countStatement is told of every statement that the store is sent.
func countStatement(ctx context.Context) {
	if o, ok := ctx.Value(observationKey{}).(*observation); ok {
		o.statements.Add(1)
	}
}

func (o *observation) end(res *backend.DataResponse) {
	o.notice(res)
	rows, limited := 0, false
	for _, f := range res.Frames {
		rows += f.Rows()
		limited = limited || f.Meta != nil && len(f.Meta.Notices) > 0 && f.Rows() > 0
	}
	outcome := outcomeOf(res)
	queriesTotal.WithLabelValues(o.typ, outcome).Inc()
	querySeconds.WithLabelValues(o.typ).Observe(time.Since(o.began).Seconds())
	rowsTotal.WithLabelValues(o.typ).Add(float64(rows))
	statementsTotal.WithLabelValues(o.typ).Add(float64(o.statements.Load()))
	if limited {
		limitsTotal.WithLabelValues(o.typ).Inc()
	}
	o.span.SetAttributes(
		attribute.String("throughline.outcome", outcome), attribute.Int("throughline.rows", rows),
		attribute.Int64("throughline.store_statements", o.statements.Load()), attribute.Bool("throughline.limited", limited))
	if res.Error != nil {
		o.span.SetStatus(codes.Error, res.Error.Error())
	}
	o.span.End()
}

func outcomeOf(res *backend.DataResponse) string {
	switch {
	case res.Error == nil:
		return "ok"
	case errors.Is(res.Error, context.Canceled):
		return "cancelled"
	case res.Status == backend.StatusBadRequest:
		return "refused"
	case res.Status == backend.StatusTimeout:
		return "timeout"
	default:
		return "failed"
	}
}

var typesOfQueries = []string{"trace", "search", "variables", "metrics", "serviceMap", "annotations"}

// queryTypeOf is the type as a label: one of those there are, so that no query makes new ones.
func queryTypeOf(text []byte) string {
	var q struct {
		QueryType string `json:"queryType"`
	}
	_ = json.Unmarshal(text, &q) // what cannot be read is refused where it is read
	switch {
	case q.QueryType == "":
		return "search"
	case slices.Contains(typesOfQueries, q.QueryType):
		return q.QueryType
	default:
		return "unknown"
	}
}
