package causality

import (
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// soleRequest is the rule that a call belongs to the only request that its process serves.
//
// Gate: every runtime; it asks nothing of one. What a program does beside requests, as by a timer, would be
// taken for the request's, so that it says nothing
//   - of a request that is being answered, or has waited for long;
//   - of a kind of call that is made while no request is open, too;
//   - in a process whose calls other rules tell: what they leave is work beside, but for kinds of calls that they tell, too, as
//     those of Go's connections that are just opened;
//   - in a process that is asked in TLS or an unknown protocol, too.
type soleRequest struct{ deaf }

// requestPatience is how old a request may be at its call.
const requestPatience = 30 * time.Second

const (
	// callsToKnow is how many calls of a process tell whether another rule knows them.
	callsToKnow = 20
	// kindToKnow is how many of a kind another rule tells until the kind is known to be of requests.
	kindToKnow = 10
	// besideOften: of a kind of call, one in so many while no request is open is too many.
	besideOften = 50
	// kindsKept bounds what is remembered of a process's kinds of calls. Of one with more, as where ids are in names, all others count
	// as one kind.
	kindsKept  = 512
	otherKinds = 0
)

func (soleRequest) claim(m *Moment) Claim {
	p := m.Process
	if len(p.open) != 1 || !p.seesAll(m.Time) {
		return 0
	}
	if of := p.open[0]; of.answered == 0 && m.Time-of.began < int64(requestPatience) {
		return of.claim(span.RuleSoleRequest)
	}
	return 0
}

// begins takes a call that begins: whether the rule's claim holds for its kind, which is a hash of whom it
// asks for what.
func (p *Process) begins(c Claim, kind uint64) bool {
	othersTell := p.calls.all >= callsToKnow && uint64(p.calls.so)*20 >= uint64(p.calls.all)*19
	if p.calls.all++; c != 0 && c.Rule() != span.RuleSoleRequest {
		p.calls.so++
	}
	if p.calls.all >= 1<<20 { // what was long ago counts less
		p.calls.all, p.calls.so = p.calls.all/2, p.calls.so/2
	}
	if c != 0 && c.Rule() != span.RuleSoleRequest {
		p.tells(kind)
		return true
	}
	if othersTell && p.told[kind] < kindToKnow {
		c = 0
	}
	of, known := p.beside[kind]
	switch {
	case known:
	case len(p.beside) >= kindsKept:
		kind = otherKinds
		of = p.beside[kind]
	case p.beside == nil:
		p.beside = map[uint64]tally{}
	}
	if of.all++; len(p.open) == 0 {
		of.so++
	}
	p.beside[kind] = of
	return c != 0 && uint64(of.so)*besideOften <= uint64(of.all-of.so)
}

// tells takes that another rule told a call of a kind.
func (p *Process) tells(kind uint64) {
	n, known := p.told[kind]
	if n >= kindToKnow || !known && len(p.told) >= kindsKept {
		return
	}
	if p.told == nil {
		p.told = map[uint64]uint8{}
	}
	p.told[kind] = n + 1
}
