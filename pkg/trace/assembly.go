package trace

import (
	"cmp"
	"slices"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// none is the index of no span and of no chain.
const none = int32(-1)

// assembly is the state of one Assemble. Spans are referred to by their index in s.
type assembly struct {
	s          []*span.Span // distinct, in canonical order
	duplicates int
	cycles     int

	parent []int32
	rule   []Rule
	conf   []Confidence
	why    []excerpt // the link's reason, or the root's why not
	text   reasons

	host  []int32 // see hosts.go
	hosts hostTable

	members []int32 // chains one after the other, each in path order
	chains  []chain
	chainOf []int32

	apps     map[traceContext]int32 // APP spans by their own id
	served   map[traceContext]int32 // the called end of calls whose two ends share an id; apps has the calling one
	carriers map[traceContext]int32 // first chain that carries the id; chain.next has the others

	given map[*span.Span]Link // of Restore; nil: links are found

	passages passageIndex
	lookouts lookouts
}

// newAssembly leaves out duplicates and puts the spans into canonical order, so that the
// outcome does not depend on the order of the input.
func newAssembly(spans []*span.Span) *assembly {
	type entry struct {
		start int64
		id    uint64
		s     *span.Span
	}
	list := make([]entry, 0, len(spans))
	for _, s := range spans {
		if s != nil {
			list = append(list, entry{s.Start, s.ID, s})
		}
	}
	slices.SortFunc(list, func(x, y entry) int {
		if x.start != y.start {
			return cmp.Compare(x.start, y.start)
		}
		if x.id != y.id {
			return cmp.Compare(x.id, y.id)
		}
		return compareRest(x.s, y.s)
	})
	a := &assembly{s: make([]*span.Span, 0, len(list))}
	for _, e := range list {
		if n := len(a.s); n > 0 && duplicate(a.s[n-1], e.s) {
			a.duplicates++
			continue
		}
		a.s = append(a.s, e.s)
	}
	n := len(a.s)
	a.parent = make([]int32, n)
	a.rule = make([]Rule, n)
	a.conf = make([]Confidence, n)
	a.why = make([]excerpt, n)
	for i := range a.parent {
		a.parent[i] = none
	}
	return a
}

// duplicate reports whether two spans with the same start are one. An id of zero is no id:
// such spans are one only if it is the same value that was handed in twice.
func duplicate(x, y *span.Span) bool {
	return x == y || x.ID != 0 && x.ID == y.ID && x.Start == y.Start && x.Source == y.Source
}

// compareRest orders spans of the same start and id by what else tells them apart.
func compareRest(x, y *span.Span) int {
	return cmp.Or(
		cmp.Compare(x.Source, y.Source),
		cmp.Compare(rank(x.Point), rank(y.Point)),
		cmp.Compare(x.Point, y.Point),
		compareLasting(x, y), // of a span that was reported while it lasted, the one that is over is kept
		cmp.Compare(y.Duration, x.Duration),
		cmp.Compare(x.ResponseStart, y.ResponseStart),
		cmp.Compare(x.RequestEnd, y.RequestEnd),
		cmp.Compare(x.Retransmissions, y.Retransmissions),
		strings.Compare(x.Node, y.Node),
		strings.Compare(x.Interface, y.Interface),
		strings.Compare(x.Service, y.Service),
		slices.Compare(x.TraceID[:], y.TraceID[:]),
		slices.Compare(x.SpanID[:], y.SpanID[:]),
		slices.Compare(x.ParentSpanID[:], y.ParentSpanID[:]),
		cmp.Compare(x.RequestSeq, y.RequestSeq),
		cmp.Compare(x.ResponseSeq, y.ResponseSeq),
		x.Client.Compare(y.Client),
		x.Server.Compare(y.Server),
		x.PodIP.Compare(y.PodIP),
		cmp.Compare(x.Entity, y.Entity),
		cmp.Compare(x.PID, y.PID),
		cmp.Compare(x.Passage, y.Passage),
		cmp.Compare(x.Kind, y.Kind),
		strings.Compare(x.Agent, y.Agent),
		strings.Compare(x.Protocol, y.Protocol),
		strings.Compare(x.Type, y.Type),
		strings.Compare(x.Resource, y.Resource),
		strings.Compare(x.Endpoint, y.Endpoint),
		strings.Compare(x.XRequestID, y.XRequestID),
	)
}

func compareLasting(x, y *span.Span) int {
	switch {
	case (x.Status == span.StatusOpen) == (y.Status == span.StatusOpen):
		return 0
	case y.Status == span.StatusOpen:
		return -1
	}
	return 1
}

// link hangs child under parent. The reason is what was written to a.text since the last
// call.
func (a *assembly) link(child, parent int32, rule Rule, conf Confidence) {
	a.parent[child], a.rule[child], a.conf[child] = parent, rule, conf
	a.why[child] = a.text.take()
}

// orphan says why a span has no parent: what was written to a.text since the last call.
func (a *assembly) orphan(i int32) {
	a.parent[i], a.rule[i], a.conf[i] = none, RuleNone, 0
	a.why[i] = a.text.take()
}
