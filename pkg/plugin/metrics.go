package plugin

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
)

const (
	defaultSeries = 20
	maxSeries     = 500
)

// measure is a figure that is made of a point's counts.
type measure struct {
	name, unit string
	duration   bool // needs the histogram
	whenEmpty  *float64
	of         func(p *store.Point) float64
}

var zero = 0.0

// measures reads the names of metrics.
func measures(names []string) ([]measure, error) {
	if len(names) == 0 {
		names = []string{"rate"}
	}
	var out []measure
	for _, name := range names {
		m := measure{name: name}
		switch name {
		case "rate":
			m.unit, m.whenEmpty = "reqps", &zero
			m.of = func(p *store.Point) float64 { return float64(p.Count) / p.Seconds }
		case "errors":
			m.unit, m.whenEmpty = "reqps", &zero
			m.of = func(p *store.Point) float64 { return float64(p.Errors) / p.Seconds }
		case "count":
			m.unit, m.whenEmpty = "short", &zero
			m.of = func(p *store.Point) float64 { return float64(p.Count) }
		case "errorRatio":
			m.unit = "percentunit"
			m.of = func(p *store.Point) float64 { return float64(p.Errors) / float64(p.Count) }
		case "retransmissions": // packets sent again per second, as NET spans counted them
			m.unit, m.whenEmpty = "pps", &zero
			m.of = func(p *store.Point) float64 { return float64(p.Retransmissions) / p.Seconds }
		case "retransmissionRatio": // per request
			m.unit = "percentunit"
			m.of = func(p *store.Point) float64 { return float64(p.Retransmissions) / float64(p.Count) }
		case "mean":
			m.unit = "ns"
			m.of = func(p *store.Point) float64 { return float64(p.Duration) / float64(p.Count) }
		default:
			text, ok := strings.CutPrefix(name, "p")
			q, err := strconv.ParseFloat(text, 64)
			if !ok || err != nil || !(q >= 0 && q <= 100) {
				return nil, badInput(fmt.Errorf("metric %q is not known: use rate, errors, errorRatio, count, mean, retransmissions, retransmissionRatio, or p with a number from 0 to 100, such as p99", name))
			}
			m.unit, m.duration = "ns", true
			m.of = func(p *store.Point) float64 { return p.Histogram.Quantile(q / 100) }
		}
		if !slices.ContainsFunc(out, func(old measure) bool { return old.name == name }) {
			out = append(out, m)
		}
	}
	return out, nil
}

// queryMetrics is rates, errors and durations, from the roll-up per minute.
func (i *Instance) queryMetrics(ctx context.Context, q query, dq backend.DataQuery) backend.DataResponse {
	ms, err := measures(q.Metrics)
	if err != nil {
		return failed(err)
	}
	now := time.Now()
	mq, err := metricsQuery(q, dq, now)
	if err != nil {
		return failed(err)
	}
	for _, m := range ms {
		mq.Histograms = mq.Histograms || m.duration
	}
	read, err := i.store.Metrics(ctx, mq)
	if err != nil {
		return failed(err)
	}
	if read.Step > 0 {
		mq.Step = read.Step
	}
	var frames data.Frames
	switch q.Format {
	case "numeric":
		frames = numericFrames(read, mq, ms)
	case "table":
		frames = data.Frames{metricsTable(read, mq, ms)}
	case "heatmap":
		frames = data.Frames{heatmapFrame(read, mq)}
	default:
		frames = seriesFrames(read, mq, ms, settled(now))
	}
	if read.Dropped > 0 {
		notice(frames[0], data.NoticeSeverityWarning, fmt.Sprintf("Not all series are shown, but the busiest %d of %d. Narrow the query, group by less, or raise the limit.", len(read.Series), len(read.Series)+read.Dropped))
	}
	if read.Truncated != "" {
		notice(frames[0], data.NoticeSeverityWarning, "Not everything is counted: "+read.Truncated+".")
	}
	if onlyCode(read, mq.GroupBy) {
		notice(frames[0], data.NoticeSeverityInfo, "Only the code saw these requests. The hops between are seen by agents that read system calls (SYS) or packets (NET) on the nodes of these pods.")
	}
	if mq.Step > 0 && q.Step != "" && requestedStep(q, dq) != mq.Step {
		notice(frames[0], data.NoticeSeverityInfo, fmt.Sprintf("The step is %v: metrics are kept per minute, and a graph has at most 2000 steps.", mq.Step))
	}
	return backend.DataResponse{Frames: frames}
}

// onlyCode reports whether a question by points has no answer but the code's own.
func onlyCode(read *store.Metrics, by []string) bool {
	at := slices.Index(by, "point")
	return at >= 0 && len(read.Series) > 0 && !slices.ContainsFunc(read.Series, func(s store.Series) bool { return s.Labels[at] != span.PointApp.String() })
}

func notice(frame *data.Frame, severity data.NoticeSeverity, text string) {
	frame.AppendNotices(data.Notice{Severity: severity, Text: text})
}

// metricsQuery is what the store is asked for.
func metricsQuery(q query, dq backend.DataQuery, now time.Time) (store.MetricsQuery, error) {
	filters, err := q.common()
	if err != nil {
		return store.MetricsQuery{}, err
	}
	from, to := bounds(dq.TimeRange)
	out := store.MetricsQuery{
		From: from, To: to, GroupBy: q.GroupBy, Observed: store.Observed(q.Observed), Filters: filters, Limit: q.Limit,
	}
	if out.Limit <= 0 {
		out.Limit = defaultSeries
	}
	out.Limit = min(out.Limit, maxSeries)
	switch q.Format {
	case "", "timeseries":
		out.To = endOfSeries(from, to, now)
	case "heatmap":
		out.Histograms, out.GroupBy = true, nil
	case "numeric", "table":
		return out, nil
	default:
		return out, badInput(fmt.Errorf("format %q is not known: use timeseries, numeric, table or heatmap", q.Format))
	}
	if q.Step != "" {
		if _, err := nanoseconds("the step", q.Step); err != nil {
			return out, err
		}
	}
	out.Step = max(requestedStep(q, dq), time.Minute).Truncate(time.Minute)
	return out, nil
}

// requestedStep is the step of the query, else what fits the panel's width.
func requestedStep(q query, dq backend.DataQuery) time.Duration {
	if ns, err := nanoseconds("the step", q.Step); err == nil && ns > 0 {
		return time.Duration(ns)
	}
	step := dq.Interval
	if dq.MaxDataPoints > 0 {
		step = max(step, dq.TimeRange.Duration()/time.Duration(dq.MaxDataPoints))
	}
	return (step + time.Minute - 1).Truncate(time.Minute)
}

// labelsOf are a series' labels. Where there are several metrics, each is one, too: an alert
// rule takes no two series with the same labels.
func labelsOf(by, values []string, m measure, several bool) data.Labels {
	labels := data.Labels{}
	for i, name := range by {
		labels[name] = values[i]
	}
	if several {
		labels["metric"] = m.name
	}
	if len(labels) == 0 {
		return nil
	}
	return labels
}

// seriesFrames are a frame per metric and series. Grafana's alerting and SQL expressions take
// them by their type. A step that is not over by settled and has no request yet is unknown.
func seriesFrames(read *store.Metrics, q store.MetricsQuery, ms []measure, settled int64) (frames data.Frames) {
	times := steps(read.From, read.To, q.Step)
	for _, m := range ms {
		for _, s := range read.Series {
			values := make([]*float64, len(times))
			for i := range values {
				if times[i].UnixNano()+int64(q.Step) <= settled {
					values[i] = m.whenEmpty
				}
			}
			for i := range s.Points {
				p := &s.Points[i]
				if at := int((p.Time - times[0].UnixNano()) / int64(q.Step)); at >= 0 && at < len(values) {
					values[at] = figure(m.of(p))
				}
			}
			frames = append(frames, typed(data.FrameTypeTimeSeriesMulti, "", data.NewField("time", nil, times),
				data.NewField(m.name, labelsOf(q.GroupBy, s.Labels, m, len(ms) > 1), values).SetConfig(&data.FieldConfig{Unit: m.unit})))
		}
	}
	if len(frames) == 0 { // no data, said in the way of the type
		frames = data.Frames{typed(data.FrameTypeTimeSeriesMulti, "")}
	}
	return frames
}

// steps are the starts of all steps of a range.
func steps(from, to int64, step time.Duration) (all []time.Time) {
	first := from / int64(step) * int64(step)
	for n := range (to-first)/int64(step) + 1 {
		all = append(all, time.Unix(0, first+n*int64(step)).UTC())
	}
	return all
}

func figure(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

func numericFrames(read *store.Metrics, q store.MetricsQuery, ms []measure) (frames data.Frames) {
	for _, m := range ms {
		for _, s := range read.Series {
			frames = append(frames, typed(data.FrameTypeNumericMulti, "",
				data.NewField(m.name, labelsOf(q.GroupBy, s.Labels, m, len(ms) > 1), []*float64{figure(m.of(&s.Points[0]))}).SetConfig(&data.FieldConfig{Unit: m.unit})))
		}
	}
	if len(frames) == 0 {
		frames = data.Frames{typed(data.FrameTypeNumericMulti, "")}
	}
	return frames
}

// metricsTable is a row per series.
func metricsTable(read *store.Metrics, q store.MetricsQuery, ms []measure) *data.Frame {
	frame := typed(data.FrameTypeNumericLong, "metrics")
	for i, name := range q.GroupBy {
		values := make([]string, len(read.Series))
		for n, s := range read.Series {
			values[n] = s.Labels[i]
		}
		frame.Fields = append(frame.Fields, data.NewField(name, nil, values))
	}
	for _, m := range ms {
		values := make([]*float64, len(read.Series))
		for n, s := range read.Series {
			values[n] = figure(m.of(&s.Points[0]))
		}
		frame.Fields = append(frame.Fields, data.NewField(m.name, nil, values).SetConfig(&data.FieldConfig{Unit: m.unit}))
	}
	frame.Meta.PreferredVisualization = data.VisTypeTable
	return frame
}

func typed(typ data.FrameType, name string, fields ...*data.Field) *data.Frame {
	frame := data.NewFrame(name, fields...)
	frame.Meta = &data.FrameMeta{Type: typ, TypeVersion: data.FrameTypeVersion{0, 1}}
	return frame
}
