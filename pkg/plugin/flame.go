package plugin

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
)

// PanelID is the panel that draws the flame graph.
const PanelID = "throughline-panel"

// flameFrame is the frame that the panel draws: one row per span in pre-order, with the
// parent as a row number. Attributes stay behind: the panel asks for those of the one span
// that is looked at (resource span/{id}), as all of them together are ten times what the
// bars need. Of events there is what the bars show of them.
func flameFrame(t *assembled) *data.Frame {
	tree, n := t.tree, len(t.tree.Spans)
	start := t.start()
	// Field by field in the order of the contract with src/panel.
	var (
		id                       = make([]string, n)
		offset, duration, answer = make([]float64, n), make([]float64, n), make([]float64, n)
		code                     = make([]int32, n)
		failed                   = make([]uint8, n)
		happened                 eventColumn
	)
	texts := newTextColumns(n, "source", "point", "kind", "service", "name", "node", "pod", "ofPod", "namespace", "interface", "interfaceType",
		"tunnel", "protocol", "request", "client", "server", "status", "rule", "reason", "reasonValue", "confidence", "orphan", "events",
		"owner", "peer", "peerKind", "message", "spanId")
	for i, s := range tree.Spans {
		p := t.place(s)
		id[i] = span.FormatID(s.ID)
		offset[i], duration[i], answer[i] = float64(s.Start-start), float64(s.Duration), float64(s.ResponseStart)
		code[i] = s.Code
		if s.Status.Error() {
			failed[i] = 1
		}
		rule, confidence := tree.RuleText(int32(i)), ""
		if rule != "" {
			confidence = tree.Confidence[i].String()
		}
		reason, value := splitReason(tree.Reason[i])
		peer := trace.PeerOf(s)
		message := ""
		if s.Status.Error() {
			message = tree.Message(int32(i))
		}
		texts.add(s.Source.String(), s.Point.String(), s.Kind.String(), p.service, spanName(s), s.Node, p.pod, p.ofPod, p.namespace, s.Interface, s.InterfaceType,
			s.Tunnel, s.Protocol, requestOf(s), p.client, p.server, s.Status.Of(s.Source), rule, reason, value, confidence, tree.Orphan[i], happened.of(s),
			tree.Owner(int32(i)), peer.Name, string(peer.Kind), message, codeID(s))
	}
	frame := data.NewFrame("trace",
		data.NewField("id", nil, id),
		data.NewField("parentIdx", nil, tree.Parent),
		nanosecondField("offset", offset),
		nanosecondField("duration", duration),
		nanosecondField("response", answer),
		data.NewField("code", nil, code),
		data.NewField("error", nil, failed),
		data.NewField("missing", nil, tree.Missing),
	)
	if slices.ContainsFunc(tree.Gap, func(n uint8) bool { return n > 0 }) {
		frame.Fields = append(frame.Fields, data.NewField("gap", nil, tree.Gap))
	}
	rest, seenAt, shared := texts.share()
	if seenAt != nil {
		frame.Fields = append(frame.Fields, seenAt)
	}
	frame.Fields = append(frame.Fields, rest.fields()...)
	meta := traceMeta(t)
	meta.Shared = shared
	var unlisted int
	meta.LinkedTo, meta.LinkedFrom, unlisted = t.links()
	frame.Meta = &data.FrameMeta{
		Custom:                         meta,
		Notices:                        slices.Concat(t.notices(), happened.notices(), t.weakNotices(), linkNotices(unlisted)),
		PreferredVisualizationPluginID: PanelID,
	}
	return frame
}

func nanosecondField(name string, values []float64) *data.Field {
	return data.NewField(name, nil, values).SetConfig(&data.FieldConfig{Unit: "ns"})
}

// spanName is the words on a span's bar: the span's name for code, the request for what
// system calls and packets showed.
func spanName(s *span.Span) string {
	if s.Source == span.APP {
		return s.Endpoint
	}
	return s.Request()
}

// requestOf is what a span asks for; of code only where its attributes say it, as its
// endpoint is the span's name.
func requestOf(s *span.Span) string {
	switch {
	case s.Source != span.APP:
		return s.Request()
	case s.Protocol == "HTTP" && s.Type != "" && s.Resource != "":
		return s.Type + " " + s.Resource
	default:
		return s.Resource
	}
}

// counts is spans by source.
type counts struct {
	App int `json:"app"`
	Sys int `json:"sys"`
	Net int `json:"net"`
}

// flameMeta is the frame's meta.custom.
type flameMeta struct {
	Throughline string           `json:"throughline"` // "trace": the kind of frame
	TraceID     string           `json:"traceId"`
	Datasource  string           `json:"datasource,omitempty"` // its uid: Explore and snapshots tell the panel no query
	StartNs     string           `json:"startNs"`              // a string: JavaScript's numbers end at 2^53
	Counts      counts           `json:"counts"`
	Links       int              `json:"links"`
	Inferred    int              `json:"inferred"`
	Orphans     int              `json:"orphans"` // spans without a parent, the main root aside
	Offsets     map[string]int64 `json:"offsets"`
	// Aligned is true where raw times contradict a session, of the nodes in Skewed: the
	// account is by times without Offsets.
	Aligned    bool     `json:"aligned"`
	Skewed     []string `json:"skewed,omitempty"`
	Truncated  string   `json:"truncated"`
	RoundTrips int      `json:"roundTrips"`
	// Usual are the medians, in ns, of the spans' kinds in the day before, by
	// "service|name|point" of a row.
	Usual map[string]float64 `json:"usual,omitempty"`
	// Late are the times in which a request came late; Retransmissions are pairs of a row and
	// how many packets were seen again there. Both are rare.
	Late            []lateRequest `json:"late,omitempty"`
	Retransmissions [][2]int32    `json:"retransmissions,omitempty"`
	// Within are pairs of a row that outlived its parent and the row in whose time it ran, -1
	// for none: it is asynchronous.
	Within [][2]int32 `json:"within,omitempty"`
	// Shared are the columns of rows that say the same, by the number in a field.
	Shared *sharedRows `json:"shared,omitempty"`
	// LinkedTo are the links of the trace's spans, LinkedFrom those of other traces' spans to them.
	LinkedTo   []linkedTo   `json:"linkedTo,omitempty"`
	LinkedFrom []linkedFrom `json:"linkedFrom,omitempty"`
	// Measured is how often the rules of links that are not proven were right where the truth is known, by
	// the rule's name in a row.
	Measured map[string]trace.Measured `json:"measured,omitempty"`
	// Weak are links that only time or a shared trace id speaks for, by row: offered, not made.
	Weak []weakLink `json:"weak,omitempty"`
}

// maxWeak bounds the weak links that are sent.
const maxWeak = 1000

func (t *assembled) weakNotices() []data.Notice {
	n := len(t.tree.Weak)
	if n <= maxWeak {
		return nil
	}
	return []data.Notice{{Severity: data.NoticeSeverityInfo, Text: fmt.Sprintf("Of %d links that were offered and not made, the first %d are listed at their spans.", n, maxWeak)}}
}

type weakLink struct {
	Span   int32  `json:"span"`
	Parent int32  `json:"parent"`
	Reason string `json:"reason"`
}

// lateRequest is trace.Late with times from the trace's start.
type lateRequest struct {
	From   int64   `json:"from"`
	To     int64   `json:"to"`
	Before int32   `json:"before"` // rows
	After  int32   `json:"after"`
	Spans  []int32 `json:"spans"`
}

func (t *assembled) measured() map[string]trace.Measured {
	m := map[string]trace.Measured{}
	for i, confidence := range t.tree.Confidence {
		if confidence == trace.Causal || confidence == trace.Inferred {
			rule := t.tree.RuleText(int32(i))
			if r, ok := trace.MeasuredOf(rule); ok {
				m[rule] = r
			}
		}
	}
	return m
}

func traceMeta(t *assembled) flameMeta {
	c := t.tree.Counts()
	m := flameMeta{
		Throughline: "trace", TraceID: t.traceID(), StartNs: strconv.FormatInt(t.start(), 10),
		Counts: counts{c.APP, c.SYS, c.NET}, Links: c.Links, Inferred: c.Inferred, Orphans: c.Orphans,
		Offsets: t.tree.Offsets, Aligned: len(t.tree.Skewed) > 0, Skewed: t.tree.Skewed, Truncated: t.data.Truncated, RoundTrips: t.data.Statements,
		Usual: t.usual(), Measured: t.measured(),
	}
	for _, w := range t.tree.Weak[:min(len(t.tree.Weak), maxWeak)] {
		m.Weak = append(m.Weak, weakLink{w.Span, w.Parent, w.Reason})
	}
	for _, l := range t.tree.LateRequests() {
		m.Late = append(m.Late, lateRequest{l.From - t.start(), l.To - t.start(), l.Before, l.After, l.Spans})
	}
	for i, s := range t.tree.Spans {
		if s.Retransmissions > 0 {
			m.Retransmissions = append(m.Retransmissions, [2]int32{int32(i), int32(s.Retransmissions)})
		}
		if w := t.tree.Within[i]; w != t.tree.Parent[i] {
			m.Within = append(m.Within, [2]int32{int32(i), w})
		}
	}
	return m
}
