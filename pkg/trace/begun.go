package trace

import "github.com/throughline-io/throughline/pkg/span"

// linkBegun is rule 5 for code that begins a trace in the middle of a request, as where only clients
// are instrumented: the topmost span of a call's code hangs under the request whose passage the call
// has.
func (a *assembly) linkBegun() {
	for c := range a.chains {
		head := a.head(int32(c))
		s := a.s[head]
		if s.Point != span.PointClientProcess || s.Passage == 0 && s.XRequestID == "" || a.rule[head] != RuleContext {
			continue
		}
		a.indexPassages()
		top := a.topOf(a.parent[head])
		root := a.s[top]
		if a.parent[top] != none || !root.ParentSpanID.IsZero() || root.Kind == span.KindServer || root.Kind == span.KindConsumer {
			continue
		}
		sp, conf := a.servedBy(head, span.TraceID{})
		if sp == none || a.s[sp].Start > root.Start {
			continue
		}
		a.text.str("starts a trace, and a call of it has ")
		a.passageReason(head, sp, span.TraceID{}, conf)
		a.link(top, sp, RulePassage, conf)
	}
}
