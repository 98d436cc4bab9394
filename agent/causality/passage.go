package causality

import (
	"github.com/throughline-io/throughline/pkg/span"
)

// Passage is one request's way through a process.
type Passage struct {
	ID       uint64
	executor Executor // that read the request's header
	process  *Process
	by       *Connection // it came by
	trace    span.TraceID

	began    int64
	answered int64 // when its response began; 0: it has not
	ended    bool  // its s-p is reported
	used     int64 // when something of it happened last
	openAt   int   // in its process's list; -1: not in it

	current bool       // the latest on its executor
	shared  bool       // its executor serves several requests at once: nothing is known of causes
	behind  []*Passage // pipelined requests that its executor has read already
	strand  *Strand    // of its event loop, where that is known by order
	input   *inputs    // holds what was read for it last, until that was put to use

	// Of threads, see threadProof.
	beside bool        // another request was open when it began
	nth    uint64      // of the process's
	made   bool        // its thread has called
	asks   *Connection // on which its thread waits for an answer; nil: it does not
	own    *Strand     // of its thread's calls that wait; nil: none does

	group   span.GroupID  // of its s-p, known when that is reported
	waiting []waitingCall // calls reported before
	joined  span.GroupID  // the latest group that was joined to it
	request string        // its X-Request-ID
	named   []waitingCall // calls with that id, reported before
}

// Connection is what the rules know of a connection by which requests come or calls go.
type Connection struct {
	serving  *Passage // of the latest request that came by it
	among    bool     // requests come by it many at once
	opened   bool     // connect was seen, and no call went since
	claim    Claim    // of the moment of that
	idle     bool     // nothing waited at that moment that could have led to it
	prepared bool     // something was read on it before the first call
	strand   *Strand  // of the latest call that went by it, or of the moment of connect
	task     *Strand  // of that call, by the task that made it; nil: that is not known
	asker    *Passage // whose thread waits for an answer on it, see threadProof; nil: none does
	setup    bool     // that call prepared it for the next one
}

// holds reports whether a claim of the passage, made a moment ago, still does.
func (p *Passage) holds(c Claim) bool {
	return c.Rule() != span.RuleThread || !p.shared && !p.process.handsOff
}

// Strand is that of the latest call that went by the connection; nil if it has none.
func (c *Connection) Strand() *Strand {
	if c.task != nil {
		return c.task
	}
	return c.strand
}

// answeredBefore reports whether the answer to the request began before that to a call did; 0: that did not.
func (p *Passage) answeredBefore(call int64) bool {
	return p.answered != 0 && call != 0 && p.answered < call
}
