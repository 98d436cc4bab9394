package main

import (
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
)

// Tally is how many calls hang where.
type Tally struct {
	Right  int `json:"right"`
	Wrong  int `json:"wrong"`
	Orphan int `json:"orphan"`
}

func (t *Tally) add(v verdict) {
	switch v {
	case right:
		t.Right++
	case wrong:
		t.Wrong++
	case orphan:
		t.Orphan++
	}
}

// Score is what the product said of the requests of a load, beside the truth.
type Score struct {
	// Calls are those that the requests made, each of which should hang under its request.
	Calls Tally `json:"calls"`
	// Statements are those of Calls that ask a database.
	Statements Tally `json:"statements"`
	// Confidence are the calls that were given a request, by what was claimed of the link: its weakest
	// step. Background jobs that were given one are wrong.
	Confidence map[string]*Tally `json:"confidence"`
	// Rules are the same by the rule of that step.
	Rules map[string]*Tally `json:"rules"`
	// Background are calls of no request: under one is wrong, under none right.
	Background Tally `json:"background"`
	OneTree    int   `json:"one_tree"` // requests of one root, with all their system calls and nothing else's
	OneRoot    int   `json:"one_root"`
	Mixed      int   `json:"mixed"` // requests whose trace holds what is another's
	APP        int   `json:"app"`   // spans of code in the traces of the requests
	Unread     int   `json:"unread"`
	// Orphans are why calls hang under no request, in the words of their traces, with # for numbers.
	Orphans map[string]int `json:"orphans,omitempty"`
	// Faults tell the first wrong links.
	Faults []string `json:"faults,omitempty"`
}

type verdict int

const (
	unseen verdict = iota
	orphan
	right
	wrong
)

// call is what is known of a request that a looked-at program sent.
type call struct {
	owner      owner
	statement  bool // it asks a database
	verdict    verdict
	confidence trace.Confidence
	rule       string
	why        string // there is no request
	fault      string // it is the wrong one
}

// scoring looks at the traces of a load.
type scoring struct {
	load   string
	client netip.Addr // whose calls are the requests
	sys    int        // system call spans that a request has
	calls  map[uint64]*call
	read   map[owner]bool // requests whose trace was looked at
	score  Score
}

// faultsTold bounds Score.Faults.
const faultsTold = 5

func newScoring(load string, client netip.Addr, sys int) *scoring {
	return &scoring{load: load, client: client, sys: sys, calls: map[uint64]*call{}, read: map[owner]bool{}}
}

// made says that a program made a call, in whatever trace it is.
func (s *scoring) made(id uint64, of owner, resource string) {
	if s.calls[id] == nil {
		s.calls[id] = &call{owner: of, statement: strings.HasPrefix(resource, "SELECT ")}
	}
}

// tree looks at a trace as the product assembled it.
func (s *scoring) tree(t *trace.Tree) {
	owners := make([]owner, len(t.Spans))
	count := map[owner]map[uint64]bool{}
	var requests []owner
	app := 0
	for i, p := range t.Spans {
		if p.Source == span.APP {
			app++
			continue
		}
		o := ownerOf(p.Resource)
		if owners[i] = o; !o.known() {
			continue
		}
		if count[o] == nil {
			count[o] = map[uint64]bool{}
		}
		if p.Source == span.SYS {
			count[o][p.ID] = true
		}
		if s.isRequest(p) && o.load == s.load && !s.read[o] {
			s.read[o] = true
			requests = append(requests, o)
		}
	}
	for _, o := range requests {
		mixed := len(count) > 1
		if len(t.Roots) == 1 {
			s.score.OneRoot++
		}
		if mixed {
			s.score.Mixed++
		}
		if len(t.Roots) == 1 && !mixed && len(count[o]) >= s.sys {
			s.score.OneTree++
		}
		s.score.APP += app
	}
	for i, p := range t.Spans {
		if isCall(p) && !s.isRequest(p) {
			s.judge(t, owners, int32(i))
		}
	}
}

// number is an address, an id or a number in a text.
var number = regexp.MustCompile(`[0-9a-f]*[0-9][0-9a-f.:]*`)

func isCall(p *span.Span) bool {
	return p.Source == span.SYS && p.Point == span.PointClientProcess
}

// isRequest says whether the client made it.
func (s *scoring) isRequest(p *span.Span) bool { return isCall(p) && p.Client.Addr() == s.client }

// judge looks under which request a call hangs. A call that lies in several traces is as wrong as in the
// worst of them.
func (s *scoring) judge(t *trace.Tree, owners []owner, i int32) {
	c := s.calls[t.Spans[i].ID]
	if c == nil {
		return // of another load
	}
	v, confidence, rule := orphan, trace.Confidence(0), ""
	at, top := t.Parent[i], i
	for ; at >= 0 && !isServed(t.Spans[at]); at = t.Parent[at] {
		top = at
	}
	if at < 0 {
		c.why = number.ReplaceAllString(t.Orphan[top], "#")
	} else {
		if v = wrong; owners[at] == c.owner {
			v = right
		}
		confidence, rule = weakest(t, i, at)
	}
	if v <= c.verdict {
		return
	}
	c.verdict, c.confidence, c.rule = v, confidence, rule
	if v == wrong {
		c.fault = fmt.Sprintf("%s %s of %v hangs under %s of %v by %s (%v): %s", span.FormatID(t.Spans[i].ID), t.Spans[i].Resource, c.owner,
			t.Spans[at].Resource, owners[at], rule, confidence, t.Reason[i])
	}
}

func isServed(p *span.Span) bool { return p.Source == span.SYS && p.Point == span.PointServerProcess }

// weakest is the least that is claimed between a call and the request it hangs under, and by which rule; of
// a passage by which rule of the agent, too.
func weakest(t *trace.Tree, from, to int32) (trace.Confidence, string) {
	at := from
	for i := from; i != to; i = t.Parent[i] {
		if t.Confidence[i] < t.Confidence[at] {
			at = i
		}
	}
	return t.Confidence[at], t.RuleText(at)
}

// missed are the calls that were in no trace that was looked at.
func (s *scoring) missed() []uint64 {
	var ids []uint64
	for id, c := range s.calls {
		if c.verdict == unseen {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// total counts; expected is how many calls the requests made. Those of which nothing was stored are orphans.
func (s *scoring) total(expected int) Score {
	s.score.Confidence, s.score.Rules, s.score.Orphans = map[string]*Tally{}, map[string]*Tally{}, map[string]int{}
	for _, id := range slices.Sorted(maps.Keys(s.calls)) {
		c := s.calls[id]
		if c.owner.background {
			if c.verdict == wrong {
				s.score.Background.Wrong++
			} else {
				s.score.Background.Right++
			}
		} else {
			s.score.Calls.add(max(c.verdict, orphan))
			if c.statement {
				s.score.Statements.add(max(c.verdict, orphan))
			}
			if c.verdict == orphan {
				s.score.Orphans[c.why]++
			}
		}
		if c.verdict <= orphan {
			continue
		}
		of(s.score.Confidence, c.confidence.String()).add(c.verdict)
		of(s.score.Rules, c.rule).add(c.verdict)
		if c.fault != "" && len(s.score.Faults) < faultsTold {
			s.score.Faults = append(s.score.Faults, c.fault)
		}
	}
	s.score.Calls.Orphan += max(0, expected-s.score.Calls.Right-s.score.Calls.Wrong-s.score.Calls.Orphan)
	return s.score
}

func of(m map[string]*Tally, key string) *Tally {
	if m[key] == nil {
		m[key] = &Tally{}
	}
	return m[key]
}
