package trace

import "github.com/throughline-io/throughline/pkg/span"

// linkBegun is rule 5 for code that begins a trace in the middle of a request, as where only clients
// are instrumented, or at its beginning, and does not say who asked, as Ruby's Rack and a PHP behind FastCGI: the topmost span
// of a call's code hangs under the request whose passage the call has.
func (a *assembly) linkBegun() {
	var handled map[int32]bool // s-p's whose code is known
	for c := range a.chains {
		head := a.head(int32(c))
		s := a.s[head]
		if s.Point != span.PointClientProcess || s.Passage == 0 && s.XRequestID == "" || a.rule[head] != RuleContext {
			continue
		}
		a.indexPassages()
		top := a.topOf(a.parent[head])
		root := a.s[top]
		if a.parent[top] != none || !root.ParentSpanID.IsZero() || root.Kind == span.KindConsumer {
			continue
		}
		sp, conf := a.servedBy(head, span.TraceID{})
		if sp == none || a.s[sp].Start > root.Start {
			continue
		}
		if root.Kind == span.KindServer {
			if handled == nil {
				handled = a.handled()
			}
			if handled[sp] || !a.callerUnknown(top) || !a.mayServe(sp, root) {
				continue
			}
			handled[sp] = true
			a.passages.trace[sp] = root.TraceID
		}
		a.text.str("starts a trace, and a call of it has ")
		a.passageReason(head, sp, span.TraceID{}, conf)
		a.link(top, sp, RulePassage, conf)
	}
}

// handled are the s-p's under which a SERVER span hangs.
func (a *assembly) handled() map[int32]bool {
	handled := map[int32]bool{}
	for i, p := range a.parent {
		if p != none && a.s[p].Point == span.PointServerProcess && a.s[i].Source == span.APP && a.s[i].Kind == span.KindServer {
			handled[p] = true
		}
	}
	return handled
}

// mayServe reports whether a SERVER span without caller may be of a request's code.
func (a *assembly) mayServe(sp int32, root *span.Span) bool {
	if c := a.chainOf[sp]; c != none && a.chains[c].context.known() {
		return false // it would have that caller
	}
	return startsIn(a.s[sp], root) && !otherRequest(a.s[sp], root)
}
