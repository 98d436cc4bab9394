package main

import (
	"fmt"
	"net/netip"
	"reflect"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
)

var (
	clientPod = netip.MustParseAddr("10.0.0.1")
	middlePod = netip.MustParseAddr("10.0.0.2")
)

// link is a span and the one it hangs under (-1: none), with what is claimed of that.
type link struct {
	span       *span.Span
	parent     int32
	confidence trace.Confidence
	rule       trace.Rule
}

func tree(links ...link) *trace.Tree {
	t := &trace.Tree{}
	for i, l := range links {
		l.span.ID = idOf(l.span)
		t.Spans = append(t.Spans, l.span)
		t.Parent = append(t.Parent, l.parent)
		t.Confidence = append(t.Confidence, l.confidence)
		t.Rule = append(t.Rule, l.rule)
		t.Reason, t.Orphan = append(t.Reason, ""), append(t.Orphan, "nothing says what 10.0.0.2:4711 was doing")
		if l.parent < 0 {
			t.Roots = append(t.Roots, int32(i))
		}
	}
	return t
}

// idOf tells spans apart as their makers would.
func idOf(s *span.Span) uint64 {
	id := uint64(s.Point)<<8 | uint64(s.Source)
	for _, c := range s.Resource + s.Client.String() {
		id = id*31 + uint64(c)
	}
	return id
}

func sys(point span.Point, from netip.Addr, resource string) *span.Span {
	return &span.Span{Source: span.SYS, Point: point, Client: netip.AddrPortFrom(from, 1), Resource: resource}
}

// The spans of a request: the client's, the one that the program served, and its call at both ends.
func asked(n int) link {
	return link{sys(span.PointClientProcess, clientPod, path("/a/", n)), -1, 0, 0}
}

func served(n int, under int32) link {
	return link{sys(span.PointServerProcess, clientPod, path("/a/", n)), under, trace.Proven, trace.RuleHopChain}
}

func called(n int, under int32, c trace.Confidence) link {
	return link{sys(span.PointClientProcess, middlePod, path("/b/", n)), under, c, trace.RulePassage}
}

func answered(n int, under int32) link {
	return link{sys(span.PointServerProcess, middlePod, path("/b/", n)), under, trace.Proven, trace.RuleHopChain}
}

func path(before string, n int) string { return fmt.Sprintf("%sload-%05d", before, n) }

// scored scores traces of requests 1 to n, each of which makes one call.
func scored(n int, trees ...*trace.Tree) Score {
	s := newScoring("load", clientPod, 4)
	for i := 1; i <= n; i++ {
		s.made(idOf(called(i, 0, 0).span), owner{load: "load", request: i}, called(i, 0, 0).span.Resource)
	}
	for _, t := range trees {
		s.tree(t)
	}
	return s.total(n)
}

func TestACallUnderItsRequestIsRight(t *testing.T) {
	t.Parallel()
	got := scored(1, tree(asked(1), served(1, 0), called(1, 1, trace.Causal), answered(1, 2)))
	want := Score{Calls: Tally{Right: 1}, OneTree: 1, OneRoot: 1,
		Confidence: map[string]*Tally{"causal": {Right: 1}}, Rules: map[string]*Tally{"passage": {Right: 1}}, Orphans: map[string]int{}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// What the agent went by is told apart.
func TestARuleOfTheAgentIsTold(t *testing.T) {
	t.Parallel()
	call := called(1, 1, trace.Inferred)
	call.span.PassageRule = span.RuleSoleInput
	got := scored(1, tree(asked(1), served(1, 0), call, answered(1, 2)))
	if want := map[string]*Tally{"passage: sole input": {Right: 1}}; !reflect.DeepEqual(got.Rules, want) {
		t.Errorf("got %+v, want %+v", got.Rules, want)
	}
}

// Two requests with exchanged calls: both traces are mixed, though each is one tree.
func TestACallUnderAnotherRequestIsWrong(t *testing.T) {
	t.Parallel()
	got := scored(2,
		tree(asked(1), served(1, 0), called(2, 1, trace.Inferred), answered(2, 2)),
		tree(asked(2), served(2, 0), called(1, 1, trace.Inferred), answered(1, 2)))
	if got.Calls != (Tally{Wrong: 2}) || *got.Confidence["inferred"] != (Tally{Wrong: 2}) || got.Mixed != 2 || got.OneTree != 0 || got.OneRoot != 2 {
		t.Errorf("got %+v", got)
	}
	if len(got.Faults) != 2 {
		t.Errorf("the wrong links are not told: %q", got.Faults)
	}
}

func TestACallUnderNothingIsAnOrphan(t *testing.T) {
	t.Parallel()
	alone := called(1, -1, 0)
	alone.parent = -1
	got := scored(1, tree(asked(1), served(1, 0)), tree(alone, answered(1, 0)))
	if got.Calls != (Tally{Orphan: 1}) || got.OneTree != 0 || got.OneRoot != 1 || got.Mixed != 0 || len(got.Confidence) != 0 || got.Orphans["nothing says what # was doing"] != 1 {
		t.Errorf("got %+v", got)
	}
}

// A call of which nothing was stored, or whose trace was never read, is not right.
func TestACallThatWasNotSeenIsAnOrphan(t *testing.T) {
	t.Parallel()
	s := newScoring("load", clientPod, 4)
	s.made(7, owner{load: "load", request: 1}, "")
	if got := s.total(3); got.Calls != (Tally{Orphan: 3}) {
		t.Errorf("got %+v", got)
	}
}

// A call that hangs rightly in one trace and wrongly in another is wrong.
func TestTheWorstOfSeveralTracesCounts(t *testing.T) {
	t.Parallel()
	got := scored(2,
		tree(asked(1), served(1, 0), called(1, 1, trace.Causal), answered(1, 2)),
		tree(asked(2), served(2, 0), called(1, 1, trace.Causal), called(2, 1, trace.Causal)))
	if got.Calls != (Tally{Right: 1, Wrong: 1}) {
		t.Errorf("got %+v", got)
	}
}

// Calls of a background job belong under no request.
func TestABackgroundCallUnderARequestIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		under      int32
		background Tally
		mixed      int
	}{{1, Tally{Wrong: 1}, 1}, {-1, Tally{Right: 1}, 1}} {
		job := link{sys(span.PointClientProcess, middlePod, "/background/3"), c.under, trace.Inferred, trace.RulePassage}
		s := newScoring("load", clientPod, 2)
		s.made(idOf(job.span), owner{background: true}, job.span.Resource)
		s.tree(tree(asked(1), served(1, 0), job))
		if got := s.total(0); got.Background != c.background || got.Mixed != c.mixed || got.Calls != (Tally{}) {
			t.Errorf("under %d: got %+v", c.under, got)
		}
	}
}

// Where code stands between, the request above it counts, and the least that is claimed on the way.
func TestAClaimIsAsStrongAsItsWeakestStep(t *testing.T) {
	t.Parallel()
	code := func(under int32, c trace.Confidence, rule trace.Rule) link {
		return link{&span.Span{Source: span.APP}, under, c, rule}
	}
	got := scored(1, tree(asked(1), served(1, 0), code(1, trace.Inferred, trace.RuleServerRoot), code(2, trace.Proven, trace.RuleParentID), called(1, 3, trace.Proven), answered(1, 4)))
	if got.Calls != (Tally{Right: 1}) || *got.Confidence["inferred"] != (Tally{Right: 1}) || got.Rules["server root"] == nil || got.APP != 2 {
		t.Errorf("got %+v", got)
	}
}

// A trace of two requests counts for both, whoever asked for it, and once.
func TestATraceOfTwoRequestsIsMixedForBoth(t *testing.T) {
	t.Parallel()
	both := func() *trace.Tree {
		return tree(asked(1), served(1, 0), called(1, 1, trace.Proven), answered(1, 2), asked(2), served(2, 4))
	}
	got := scored(2, both(), both())
	if got.Mixed != 2 || got.OneRoot != 0 || got.Calls != (Tally{Right: 1, Orphan: 1}) {
		t.Errorf("got %+v", got)
	}
}

func TestOwnersAreReadFromPathsAndStatements(t *testing.T) {
	t.Parallel()
	for resource, want := range map[string]owner{
		"/a/r1f-00012":            {load: "r1f", request: 12},
		"SELECT 'r1f-00012' AS x": {load: "r1f", request: 12},
		"/b/r1f-00012?x=1":        {load: "r1f", request: 12},
		"/background/00012":       {background: true},
		"/background/71-00012":    {background: true},
		"SELECT 1":                {},
		"/":                       {},
		"/r1f-000123":             {},
	} {
		if got := ownerOf(resource); got != want {
			t.Errorf("%s: %v, want %v", resource, got, want)
		}
	}
}
