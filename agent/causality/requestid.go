package causality

import "github.com/throughline-io/throughline/pkg/span"

// A proxy that serves many requests on one thread passes their X-Request-ID on: the call with an id is
// the request's with that id, if the process has one such request open when the call begins.

// requestID is an X-Request-ID as a process knows it.
type requestID struct {
	process *Process
	id      string
}

// namedPassage is the latest passage of an id, and how many are open.
type namedPassage struct {
	passage *Passage
	open    int
}

// Name says which X-Request-ID a passage's request has.
func (t *Table) Name(p *Passage, id string) {
	if id == "" {
		return
	}
	p.request = id
	k := requestID{p.process, id}
	t.named[k] = namedPassage{p, t.named[k].open + 1}
}

// Named is the only open passage of a process with an id; nil if there is none, or several.
func (t *Table) Named(of *Process, id string) *Passage {
	if n := t.named[requestID{of, id}]; id != "" && n.open == 1 && !n.passage.ended {
		return n.passage
	}
	return nil
}

// Names is how many ids of open requests are known.
func (t *Table) Names() int { return len(t.named) }

// unname says that a passage is over.
func (t *Table) unname(p *Passage) {
	if p.request == "" {
		return
	}
	k := requestID{p.process, p.request}
	p.request = ""
	if n := t.named[k]; n.open > 1 {
		t.named[k] = namedPassage{n.passage, n.open - 1}
	} else {
		delete(t.named, k)
	}
}

// JoinNamed is Join of a call by its X-Request-ID, which tells it on whatever thread it is made.
func (t *Table) JoinNamed(p *Passage, group span.GroupID, start int64) {
	t.join(p, &p.named, waitingCall{group, start, 0})
}
