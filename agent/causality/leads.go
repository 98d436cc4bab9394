package causality

import "net/netip"

// leads are how often what was read from a server was seen to lead to the answer to a request, and how often to a call.
type leads map[netip.AddrPort]lead

type lead struct{ answers, calls uint32 }

// answersToKnowLead is how many answers tell that a server's lead to nothing else.
const answersToKnowLead = 8

// answered takes that a passage's input led to the answer to its request.
func (l *leads) answered(p *Passage) { l.count(p, func(of *lead) { of.answers++ }) }

// called takes that one led to a call; nil is of none.
func (l *leads) called(p *Passage) { l.count(p, func(of *lead) { of.calls++ }) }

func (l *leads) count(p *Passage, in func(*lead)) {
	if p == nil || p.input == nil {
		return
	}
	kind := p.input.kindOf(p)
	if kind == (netip.AddrPort{}) {
		return // a request leads to either
	}
	of, known := (*l)[kind]
	if !known && len(*l) >= kindsKept {
		return
	}
	if *l == nil {
		*l = leads{}
	}
	in(&of)
	(*l)[kind] = of
}

// onlyToAnswers reports whether what is read from a server leads to answers, and to no call that was seen.
func (l leads) onlyToAnswers(kind netip.AddrPort) bool {
	of := l[kind]
	return of.calls == 0 && of.answers >= answersToKnowLead
}
