package plugin

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace/words"
)

// errorColor marks edges on which requests fail; Grafana knows it in both themes.
const errorColor = "red"

// queryServiceMap is who calls whom, as the two frames of Grafana's node graph.
func (i *Instance) queryServiceMap(ctx context.Context, q query, during backend.TimeRange) backend.DataResponse {
	filters, err := q.common()
	if err != nil {
		return failed(err)
	}
	from, to := bounds(during)
	m, err := i.store.ServiceMap(ctx, store.MapQuery{From: from, To: to, Filters: filters, Limit: q.Limit})
	if err != nil {
		return failed(err)
	}
	nodes := i.nodesFrame(m)
	if m.DroppedNodes > 0 {
		notice(nodes, data.NoticeSeverityWarning, fmt.Sprintf("Not all of %d services are shown, but the busiest %d, without %s to the others. Filter by namespace or service to see those.",
			len(m.Nodes)+m.DroppedNodes, len(m.Nodes), words.Count(m.DroppedEdges, "connection")))
	}
	if len(m.Nodes) > 0 && len(m.Edges) == 0 {
		notice(nodes, data.NoticeSeverityInfo, "No connection between these services is known: no span has a caller's span for its parent or names whom it calls (server.address, db.system, a topic), and no agent saw system calls (SYS) or packets (NET).")
	}
	if m.Truncated != "" {
		notice(nodes, data.NoticeSeverityWarning, "Not everything is counted: "+m.Truncated+".")
	}
	return backend.DataResponse{Frames: data.Frames{nodes, edgesFrame(m)}}
}

// nodesFrame has no icons: Grafana draws one in place of a node's figures.
func (i *Instance) nodesFrame(m *store.ServiceMap) *data.Frame {
	n := len(m.Nodes)
	var (
		id, subtitle, workload, protocols    = make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		rate, p50, p90, p99, errors, ok, bad = make([]*float64, n), make([]*float64, n), make([]*float64, n), make([]*float64, n), make([]*float64, n), make([]*float64, n), make([]*float64, n)
	)
	for k := range m.Nodes {
		node := &m.Nodes[k]
		t := node.Served
		if t.Count == 0 {
			t = node.Sent // one that only calls shows what it calls
		}
		id[k], subtitle[k] = node.ID, node.Namespace
		workload[k], protocols[k] = node.Workload, strings.Join(node.Protocols, ", ")
		rate[k], errors[k] = figure(float64(t.Count)/m.Seconds), figure(float64(t.Errors)/m.Seconds)
		p50[k], p90[k], p99[k] = inMilliseconds(t.Histogram, 0.5), inMilliseconds(t.Histogram, 0.9), inMilliseconds(t.Histogram, 0.99)
		share := float64(t.Errors) / math.Max(float64(t.Count), 1)
		ok[k], bad[k] = figure(1-share), figure(share)
	}
	titles := data.NewField("title", nil, titlesOf(m.Nodes)).SetConfig(&data.FieldConfig{DisplayName: "Service", Links: []data.DataLink{{
		Title: "Requests of this service",
		Internal: &data.InternalDataLink{DatasourceUID: i.uid, DatasourceName: i.name,
			Query: map[string]any{"queryType": "search", "service": "${__data.fields.title}", "namespace": "${__data.fields.subtitle}", "scope": "requests"}},
	}}})
	return nodeGraph("nodes",
		data.NewField("id", nil, id), titles, named("subtitle", "Namespace", "", subtitle),
		named("mainstat", "Requests", "req/s", rate), named("secondarystat", "p99", "ms", p99),
		colored("arc__ok", "Succeeded", "green", ok), colored("arc__error", "Failed", errorColor, bad),
		named("detail__p50", "p50", "ms", p50), named("detail__p90", "p90", "ms", p90), named("detail__errors", "Errors", "req/s", errors),
		named("detail__protocols", "Protocols", "", protocols), named("detail__workload", "Workload", "", workload),
	)
}

// titlesOf are the names of nodes. What is known only by the name that others give it says what it
// is where a service has that name, too: a topic is often called as the service that reads it.
func titlesOf(nodes []store.MapNode) []string {
	titles, services := make([]string, len(nodes)), map[string]bool{}
	isPeer := func(n *store.MapNode) bool { return strings.HasPrefix(n.ID, store.PeerID) }
	for k := range nodes {
		if !isPeer(&nodes[k]) {
			services[nodes[k].Name] = true
		}
	}
	for k := range nodes {
		n := &nodes[k]
		titles[k] = n.Name
		switch {
		case !isPeer(n) || !services[n.Name]:
		case n.Type == store.Topic:
			titles[k] += " (topic)"
		default:
			titles[k] += " (peer)"
		}
	}
	return titles
}

func edgesFrame(m *store.ServiceMap) *data.Frame {
	n := len(m.Edges)
	var (
		id, source, target, protocols, color     = make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		rate, p50, p90, p99, errors, ratio, wide = make([]*float64, n), make([]*float64, n), make([]*float64, n), make([]*float64, n), make([]*float64, n), make([]*float64, n), make([]float64, n)
	)
	most := uint64(1)
	for k := range m.Edges {
		most = max(most, m.Edges[k].Count)
	}
	for k := range m.Edges {
		e := &m.Edges[k]
		id[k], source[k], target[k], protocols[k] = e.Client+" → "+e.Server, e.Client, e.Server, strings.Join(e.Protocols, ", ")
		rate[k], errors[k], ratio[k] = figure(float64(e.Count)/m.Seconds), figure(float64(e.Errors)/m.Seconds), figure(float64(e.Errors)/math.Max(float64(e.Count), 1))
		p50[k], p90[k], p99[k] = inMilliseconds(e.Histogram, 0.5), inMilliseconds(e.Histogram, 0.9), inMilliseconds(e.Histogram, 0.99)
		wide[k] = 1 + 5*math.Log1p(float64(e.Count))/math.Log1p(float64(most))
		if e.Errors > 0 {
			color[k] = errorColor
		}
	}
	return nodeGraph("edges",
		data.NewField("id", nil, id), data.NewField("source", nil, source), data.NewField("target", nil, target),
		named("mainstat", "Requests", "req/s", rate), named("secondarystat", "p99", "ms", p99), named("thickness", "", "", wide),
		named("detail__p50", "p50", "ms", p50), named("detail__p90", "p90", "ms", p90), named("detail__errors", "Errors", "req/s", errors),
		named("detail__errorRatio", "Error ratio", "percentunit", ratio), named("detail__protocols", "Protocols", "", protocols), named("color", "", "", color),
	)
}

// inMilliseconds is a quantile as the node graph wants it: it prints value and unit as they are.
func inMilliseconds(h store.Histogram, q float64) *float64 { return figure(h.Quantile(q) / 1e6) }

func named[T any](name, title, unit string, values []T) *data.Field {
	return data.NewField(name, nil, values).SetConfig(&data.FieldConfig{DisplayName: title, Unit: unit})
}

func colored(name, title, color string, values []*float64) *data.Field {
	f := named(name, title, "percentunit", values)
	f.Config.Color = map[string]any{"mode": "fixed", "fixedColor": color}
	return f
}

func nodeGraph(name string, fields ...*data.Field) *data.Frame {
	frame := data.NewFrame(name, fields...)
	frame.Meta = &data.FrameMeta{PreferredVisualization: data.VisTypeNodeGraph}
	return frame
}
