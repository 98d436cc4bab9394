package trace

import (
	"github.com/throughline-io/throughline/pkg/span"
)

// passageIndex finds what a process was doing. It is made when the first call without a
// sender needs it, after the APP spans are linked.
type passageIndex struct {
	ready     bool
	byPassage map[passageKey][]int32
	byRequest map[requestKey][]int32
	sessions  map[hostTrace]*cover // s-p's
	spans     map[hostTrace]*cover // APP spans
	sessionOf map[hostTrace][]int32
	spansOf   map[hostTrace][]int32
	trace     map[int32]span.TraceID // of s-p's that carry none: their APP span's
	top       []int32                // topmost APP span of the same process, none: not computed
	mark      []uint32               // stamps of the query that saw the span
	query     uint32
	budget    int // open spans that may still be looked at
}

type passageKey struct {
	node    string
	passage uint64
}

type requestKey struct {
	host int32
	id   string
}

type hostTrace struct {
	host  int32
	trace span.TraceID
}

func (a *assembly) indexPassages() {
	x := &a.passages
	if x.ready {
		return
	}
	*x = passageIndex{
		ready: true, byPassage: map[passageKey][]int32{}, byRequest: map[requestKey][]int32{},
		sessions: map[hostTrace]*cover{}, spans: map[hostTrace]*cover{},
		sessionOf: map[hostTrace][]int32{}, spansOf: map[hostTrace][]int32{},
		trace: map[int32]span.TraceID{}, top: make([]int32, len(a.s)), mark: make([]uint32, len(a.s)), budget: 32*len(a.s) + manyOpen*256,
	}
	for i, s := range a.s {
		x.top[i] = none
		if s.Source != span.APP {
			continue
		}
		if p := a.parent[i]; p != none && a.s[p].Source == span.SYS && x.trace[p].IsZero() && !s.TraceID.IsZero() {
			x.trace[p] = s.TraceID
		}
		if a.host[i] != none && !s.TraceID.IsZero() {
			k := hostTrace{a.host[i], s.TraceID}
			x.spansOf[k] = append(x.spansOf[k], int32(i))
		}
	}
	for i, s := range a.s {
		if s.Source != span.SYS || s.Point != span.PointServerProcess {
			continue
		}
		i := int32(i)
		if s.Passage != 0 {
			k := passageKey{s.Node, s.Passage}
			x.byPassage[k] = append(x.byPassage[k], i)
		}
		if a.host[i] == none {
			continue
		}
		if s.XRequestID != "" {
			k := requestKey{a.host[i], s.XRequestID}
			x.byRequest[k] = append(x.byRequest[k], i)
		}
		if t := a.traceOf(i); !t.IsZero() {
			k := hostTrace{a.host[i], t}
			x.sessionOf[k] = append(x.sessionOf[k], i)
		}
	}
}

// traceOf is the trace an s-p belongs to: its own, its chain's or its APP span's.
func (a *assembly) traceOf(i int32) span.TraceID {
	if t := a.s[i].TraceID; !t.IsZero() {
		return t
	}
	if c := a.chainOf[i]; c != none && a.chains[c].context.known() {
		return a.chains[c].context.trace
	}
	return a.passages.trace[i]
}

func (a *assembly) lifetime(i int32) (from, to int64) { return a.s[i].Start, a.s[i].End() }

// coverOf makes the cover of a list once.
func (a *assembly) coverOf(made map[hostTrace]*cover, lists map[hostTrace][]int32, k hostTrace) *cover {
	c, ok := made[k]
	if !ok {
		if list := lists[k]; len(list) > 0 {
			c = newCover(list, a.lifetime)
		}
		made[k] = c
	}
	return c
}

// linkPassage is rule 5: it hangs the c-p under the request its process was serving. The
// trace is that of the c-p's own trace context, whose APP span is missing; zero if none.
func (a *assembly) linkPassage(cp int32, trace span.TraceID) bool {
	a.indexPassages()
	sp, conf := a.servedBy(cp, trace)
	if sp == none {
		return false
	}
	if trace.IsZero() {
		trace = a.traceOf(sp)
	}
	app, found := a.deepest(sp, trace, a.s[cp].Start)
	switch found {
	case nothingOpen, crowd:
		a.passageReason(cp, sp, trace, conf)
		if found == crowd {
			a.text.str(", where too many spans were open at its first write to tell which made it")
		}
		a.link(cp, sp, RulePassage, conf)
		return true
	case oneOpen:
		a.text.str("deepest span that covers its first write, of ")
	case commonOpen:
		a.text.str("innermost span that holds all spans open at its first write, of ")
	}
	a.passageReason(cp, sp, trace, conf)
	a.link(cp, app, RulePassage, Inferred)
	return true
}

func (a *assembly) passageReason(cp, sp int32, trace span.TraceID, conf Confidence) {
	switch s := a.s[cp]; {
	case s.Passage != 0 && s.Passage == a.s[sp].Passage:
		a.text.str("passage ").hex(s.Passage)
		if evidence := passageEvidence[s.PassageRule]; evidence != "" {
			a.text.str(": ").str(evidence)
		}
	case conf == Inferred:
		a.text.str("the only request of trace ").traceID(trace).str(" that its process was serving")
	default:
		a.text.str("X-Request-ID ").str(s.XRequestID)
	}
}

// passageEvidence says in words what a rule of the agent goes by, where it is no proof.
var passageEvidence = map[span.PassageRule]string{
	span.RuleSoleRequest:     "no other request was open in the process",
	span.RuleSoleInput:       "nothing else that its event loop had read waited",
	span.RuleInputOrder:      "its event loop calls in the order in which it reads",
	span.RuleKindOrder:       "its event loop keeps the order in which it reads, from the request to the call and to the answer",
	span.RuleAnswerThread:    "its thread answered the request next, and did nothing for another between",
	span.RuleTurn:            "the thread that read its answer sent that of the request next",
	span.RuleAnswerTask:      "its task answered the request next",
	span.RuleTimeSlice:       "its goroutine ran in the time slice of the request's",
	span.RuleWoken:           "its goroutine ran behind the request's on its thread",
	span.RuleParentGoroutine: "the request's goroutine began its goroutine",
}

// passageConfidence is how sure it is that a request caused a call of the same passage. What runs the one
// and the other is the same, which causes; for a thread that holds where it has answered the request too.
// What other rules say is inferred, and so is what comes from an agent with rules of which nothing is known;
// but not where an X-Request-ID that was passed on says the same.
func passageConfidence(call, request *span.Span) Confidence {
	if call.XRequestID != "" && call.XRequestID == request.XRequestID {
		return Causal
	}
	switch call.PassageRule {
	case span.RuleUnknown, span.RuleGoroutine, span.RuleHandOff: // unknown: an agent that knew these two only, and did not say which
		return Causal
	case span.RuleThread:
		if request.SyscallResp == request.Passage {
			return Causal
		}
	}
	return Inferred
}

// servedBy is the s-p that caused the c-p: of the same passage, else with the same
// X-Request-ID, else the only one of the same process and trace that covers it.
func (a *assembly) servedBy(cp int32, trace span.TraceID) (int32, Confidence) {
	x, s := &a.passages, a.s[cp]
	only := func(list []int32) int32 {
		if len(list) > someOpen {
			return none // not a passage's or a request's own id
		}
		found := none
		for _, sp := range list {
			if a.s[sp].Start > s.Start || !a.sameProcess(sp, cp) {
				continue
			}
			if found != none {
				return none
			}
			found = sp
		}
		return found
	}
	if s.Passage != 0 {
		if sp := only(x.byPassage[passageKey{s.Node, s.Passage}]); sp != none {
			return sp, passageConfidence(s, a.s[sp])
		}
		return none, 0 // its request is known, and not here: no other one caused it
	}
	if s.XRequestID != "" && a.host[cp] != none {
		if sp := only(x.byRequest[requestKey{a.host[cp], s.XRequestID}]); sp != none {
			return sp, Causal
		}
	}
	if trace.IsZero() || a.host[cp] == none {
		return none, 0
	}
	found, several := none, false
	k := hostTrace{a.host[cp], trace}
	a.coverOf(x.sessions, x.sessionOf, k).each(s.Start, func(sp int32) bool {
		if a.sameProcess(sp, cp) {
			several = found != none
			found = sp
		}
		return !several
	})
	if found == none || several || a.s[found].End() < s.End() {
		return none, 0
	}
	return found, Inferred
}
