package l7

// Protocol is one application protocol. Adding one is a file of its own and a line in
// protocols.
type Protocol struct {
	Name string

	// Detect tells by the first bytes of a segment whether a message of the protocol begins
	// there. It must be hard to fool: it looks at every unknown connection's bytes.
	Detect func(data []byte) Match

	// Resume is Detect for a connection whose protocol is known, where messages were missed.
	// missing is how many bytes follow data in its segment that were not captured.
	Resume func(data []byte, missing int) Match

	// New makes the state of one connection.
	New func() Dialogue
}

// protocols are tried in this order.
var protocols = [...]*Protocol{&HTTP, &MySQL}

// Match is what the first bytes of a segment look like.
type Match uint8

// The answers of Detect.
const (
	MatchNone     Match = iota
	MatchMore           // could be either way: more bytes are needed
	MatchRequest        // a request, or else what only a client sends
	MatchResponse       // a response, or else what only a server sends
)

// Detect finds the protocol of which a message begins with data. With MatchMore the
// protocol is nil.
func Detect(data []byte) (*Protocol, Match) {
	more := MatchNone
	for _, p := range protocols {
		switch m := p.Detect(data); m {
		case MatchNone:
		case MatchMore:
			more = MatchMore
		default:
			return p, m
		}
	}
	return nil, more
}

// Dialogue frames and reads the messages of one connection. Request and Response take the
// bytes at the stream's present position and answer with the next step; data is what was
// captured of the stream there and may be less than the message. missing is how many bytes
// follow in the same segment that were not captured; if there are any, More is no answer.
//
// A message is a Head, any number of Body and an End, or a Head and Open or UntilClose, which is asked again
// with every segment.
type Dialogue interface {
	// Request reads the client's bytes. It sets f at Head.
	Request(data []byte, missing int, f *Fields) Step
	// Response reads the server's bytes; f is of the request it answers, nil if none is
	// waiting.
	Response(data []byte, missing int, f *Fields) Step
	// Reset forgets the message that was begun in one direction.
	Reset(request bool)
}

// State says what a Dialogue found.
type State uint8

// The states.
const (
	More       State = iota // data is too short to tell: call again with more of it
	Head                    // the header is complete; Advance bytes of it are passed
	Body                    // Advance bytes belong to the message; then call again
	End                     // the message ends after Advance bytes
	Open                    // where the message ends cannot be told: with the other side's turn
	UntilClose              // the message ends with the connection
	Bad                     // this is no message's beginning
	Opaque                  // the connection goes on in another protocol or encrypted
)

// Role says what a message counts for. It comes with Head.
type Role uint8

// The roles.
const (
	Plain  Role = iota // a request or its response
	Silent             // is answered, but nobody wants to see it: a ping
	OneWay             // a request that is never answered, and not shown
	Aside              // no part in pairing: handshakes, interim responses
)

// Step is the answer of a Dialogue. Advance may reach beyond the data that was given.
type Step struct {
	State   State
	Role    Role
	Advance uint64
}
