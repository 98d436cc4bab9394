package l7

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Protocol is one application protocol. Adding one is a file of its own and a line in All:
// whether it asks and answers in turn or many at once, pushes or leaves requests unanswered
// is said by its Dialogue's steps, and by nothing else.
type Protocol struct {
	Name string

	// Ports are where its servers listen by custom. They order what is tried, and prove nothing.
	Ports []uint16

	// Detect tells by the first bytes of a segment whether a message of the protocol begins
	// there. It must be hard to fool: it looks at every unknown connection's bytes. Where it is what both sides say (MatchEither)
	// the connection's ports tell who is the client.
	Detect func(data []byte) Match

	// Firsts are the bytes that its messages begin with, where Detect may find one; nil: any. It saves most of what is
	// spent on connections of no known protocol: there each protocol is asked about each segment.
	Firsts *Bytes

	// Resume is Detect for a connection whose protocol is known, where messages were missed.
	// missing is how many bytes follow data in its segment that were not captured.
	Resume func(data []byte, missing int) Match

	// New makes the state of one connection.
	New func() Dialogue

	// Redact takes the secrets out of what a request says and of the error of its answer: with
	// package redact, where a secret's forms are known. It may be called more than once.
	Redact func(*Fields)

	// Patience is how long its messages are waited for.
	Patience Patience

	// AtOnce says that its clients have many requests open on a connection, and that what reads or writes one there
	// does so for others.
	AtOnce bool

	// Unanswered says that it has requests that nobody answers.
	Unanswered bool

	// Datagrams is the same protocol where each datagram of UDP is a message; nil: there is none. Its Step says Head of
	// a whole one, and is not asked again.
	Datagrams *Protocol

	// MaxOpen is how many requests of a connection may wait for their answers; 0 is 256.
	MaxOpen int
}

// Patience says how long a protocol takes. The zero value of a field is its default.
type Patience struct {
	Answer  time.Duration // a request waits for its answer's next byte: 2 min
	Silence time.Duration // ends a message whose end cannot be told: 1 s
}

// Protocols are tried in their order.
type Protocols []*Protocol

// All are the protocols that are known.
var All = Protocols{&HTTP, &HTTP2, &MySQL, &FastCGI, &PostgreSQL, &Redis, &Kafka, &AMQP, &MongoDB, &DNS, &Memcached, &NATS, &MQTT, &Dubbo}

// OverUDP are those that are spoken by datagrams, too.
func (list Protocols) OverUDP() (some Protocols) {
	for _, p := range list {
		if p.Datagrams != nil {
			some = append(some, p.Datagrams)
		}
	}
	return some
}

// Hinted are the protocols with those in front that are known by one of two ports.
func (list Protocols) Hinted(a, b uint16) Protocols {
	hinted := func(p *Protocol) bool { return slices.Contains(p.Ports, a) || slices.Contains(p.Ports, b) }
	i := slices.IndexFunc(list, hinted)
	if i <= 0 {
		return list // it is in front
	}
	return slices.Concat(Protocols{list[i]}, list[:i], list[i+1:])
}

// Chosen are the protocols without those that are switched off; names are of any case. A name that no
// protocol has is an error.
func (list Protocols) Chosen(on map[string]bool) (Protocols, error) {
	chosen := slices.Clone(list)
	for name, on := range on {
		is := func(p *Protocol) bool { return strings.EqualFold(p.Name, name) }
		if !slices.ContainsFunc(list, is) {
			var names []string
			for _, p := range list {
				names = append(names, strings.ToLower(p.Name))
			}
			return nil, fmt.Errorf("there is no protocol %q: want one of %s", name, strings.Join(names, ", "))
		}
		if !on {
			chosen = slices.DeleteFunc(chosen, is)
		}
	}
	return chosen, nil
}

// Bytes are some of all bytes.
type Bytes [256]bool

// bytesOf are those of which is says so.
func bytesOf(is func(c byte) bool) *Bytes {
	var b Bytes
	for c := range b {
		b[c] = is(byte(c))
	}
	return &b
}

// Match is what the first bytes of a segment look like.
type Match uint8

// The answers of Detect.
const (
	MatchNone     Match = iota
	MatchMore           // could be either way: more bytes are needed
	MatchRequest        // a request, or else what only a client sends
	MatchResponse       // a response, or else what only a server sends
	MatchEither         // what both send
)

// Detect finds the protocol of which a message begins with data. With MatchMore the
// protocol is nil.
func (list Protocols) Detect(data []byte) (*Protocol, Match) {
	more := MatchNone
	for _, p := range list {
		if p.Firsts != nil && len(data) > 0 && !p.Firsts[data[0]] {
			continue
		}
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
// captured of the stream there and may be less than the frame. missing is how many bytes
// follow in the same segment that were not captured; if there are any, More is no answer.
//
// A stream is made of frames. A frame is a Head, any number of Body and an End, or a Head and
// Open or UntilClose, which is asked again with every segment. What a frame is to its request
// or answer its Head says: Kind, Role and Key.
type Dialogue interface {
	// Request reads the client's bytes.
	Request(data []byte, missing int, x Exchanges) Step
	// Response reads the server's.
	Response(data []byte, missing int, x Exchanges) Step
	// Reset forgets the frame that was begun in one direction.
	Reset(request bool)
}

// Exchanges are a connection's open requests, as its Dialogue sees them. What it gets is good
// until the next step.
type Exchanges interface {
	// Begun is where the dialogue writes what the request says that begins with this frame. In
	// the steps behind the frame's Head it is still that request's.
	Begun() *Fields
	// Open is what the oldest open request with a key says, there to read and for its answer to
	// be written to; nil if none waits. Key 0 is that of protocols that answer in turn.
	Open(key uint64) *Fields
	// Pushed is Open of requests that the server made.
	Pushed(key uint64) *Fields
}

// State says what a Dialogue found.
type State uint8

// The states.
const (
	More       State = iota // data is too short to tell: call again with more of it
	Head                    // a frame's header is complete; Advance bytes of it are passed
	Body                    // Advance bytes belong to the frame; then call again
	End                     // the frame ends after Advance bytes
	Open                    // where the frame ends cannot be told: with the other side's turn
	UntilClose              // the frame ends with the connection
	Bad                     // this is no frame's beginning
	Opaque                  // the connection goes on in another protocol or encrypted
)

// Kind says what a frame is to the message (a request or an answer) of its Key. It comes with
// Head. 0 is Whole.
type Kind uint16

// The kinds, which may be several at once. Data is of a frame that is none of the others.
const (
	Begins   Kind = 1 << iota // begins a message
	Headed                    // the message's header is complete; a request is reported now
	Data                      // more of the message
	Ends                      // the message ends with this frame
	Cancels                   // nothing more is said, asked or answered: the request is over
	Reversed                  // the server asks, or the client answers
	UpTo                      // answers every open request with a key up to Key, of those that have its upper 32 bits
	Says                      // begins a message of an answer that may be several
	Lasts                     // with Ends of an answer: it is over when the request has ended, too

	Whole = Begins | Headed | Ends // a frame is a message
	Push  = Whole | Reversed       // the server says something that nobody asked for
)

// Role says what a message counts for. It comes with the Head of the frame that begins it.
type Role uint8

// The roles.
const (
	Plain     Role = iota // a request or its answer
	Silent                // is answered, but nobody wants to see it: a ping
	OneWay                // a request that is never answered: reported when it ends
	Dismissed             // a request that is never answered, and not shown
	Aside                 // no part in pairing: handshakes, interim responses, windows
)

// Step is the answer of a Dialogue. Advance may reach beyond the data that was given.
type Step struct {
	State   State
	Kind    Kind
	Role    Role
	Key     uint64
	Advance uint64
	Becomes *Protocol // with Head: the connection goes on in this one, by the same dialogue; of an answer that does not end the request goes on, too
}
