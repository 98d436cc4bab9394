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

	current  bool  // the latest on its executor
	answered bool  // its response has begun, or will not come
	ended    bool  // its s-p is reported
	shared   bool  // its executor serves several requests at once: nothing is known of causes
	used     int64 // when something of it happened last

	group   span.GroupID  // of its s-p, known when that is reported
	waiting []waitingCall // calls reported before
	joined  span.GroupID  // the latest group that was joined to it
	request string        // its X-Request-ID
	named   []waitingCall // calls with that id, reported before
	behind  []*Passage    // pipelined requests that its executor has read already
}

// Connection is what the rules know of a connection by which requests come or calls go.
type Connection struct {
	serving *Passage // of the latest request that came by it
}

// Holds reports whether calls can still be said to belong to the passage.
func (p *Passage) Holds() bool { return !p.process.handsOff }
