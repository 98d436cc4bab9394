// Package session makes sessions (one request and its response) of what was captured of a
// TCP connection, be it system calls or packets at one interface.
//
// Bytes are put in the order of their sequence numbers and cut by the protocol's own
// lengths; who read or sent how much at a time does not matter, so every observer of a
// connection finds the same messages at the same sequence numbers.
package session

import (
	"net/netip"
	"strconv"
	"time"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/pkg/span"
)

// Segment is a stretch of one direction of a connection, as one system call or one packet
// carried it.
type Segment struct {
	Seq  uint32 // TCP sequence number of the first byte, host byte order
	Len  int    // bytes carried
	Data []byte // the captured prefix, may be shorter than Len; not kept by Feed

	Enter, Exit int64 // Unix ns: of the system call; of a packet both are its time

	// Ack is where the other direction was when the segment was sent or, of what the local end
	// receives, had been received: no byte of it from there on has come before this. 0: not known.
	Ack uint32

	// Wire is where the first byte lies in the TCP stream if that is not Seq, as of what was said inside of TLS, and WireLen
	// for how many bytes that holds; WireEnd is where what carries them ends there. 0: it is not known.
	Wire    uint32
	WireLen int
	WireEnd uint32

	PID, TID  uint32
	Goroutine uint64
	Tag       uint64 // the owner's, opaque
}

// wire is where the byte at a sequence number lies in the TCP stream; 0: it is not known.
func (s *Segment) wire(seq uint32) uint32 {
	if behind := int(int32(seq - s.Seq)); behind >= 0 && behind < s.WireLen {
		return s.Wire + uint32(behind)
	}
	return 0
}

// Call says who carried a segment, and when.
type Call struct {
	PID, TID    uint32
	Goroutine   uint64
	Tag         uint64
	Enter, Exit int64
}

// Message is a request or a response.
type Message struct {
	Seq  uint32 // of the first byte
	Wire uint32 // where that lies in the TCP stream, as its segment said; 0: not known
	Size uint64 // bytes seen to belong to it
	// WireEnd is where in the TCP stream what carries its latest byte ends, as that one's segment said; 0: not known.
	WireEnd uint32
	// Resent are the segments with bytes of it that had been seen before.
	Resent uint16

	FirstEnter, FirstExit int64 // of the earliest segment
	LastEnter, LastExit   int64 // of the latest segment

	First Call // the segment with the first byte
	Head  Call // the segment that completed the header

	tick int64  // the sweep before its latest segment, see patience.go
	ack  uint32 // of the segment with the first byte
}

// Session is a request and, if there was one, its response. A Session is valid from
// OnRequest to the end of OnSession; its memory is used again afterwards.
type Session struct {
	Client, Server netip.AddrPort // who asked, and who was asked
	LocalIsClient  bool           // Local asked
	Pushed         bool           // who accepted the connection asked
	AtOnce         bool           // its connection has many requests at once: who moves its bytes moves others', too

	Request, Response Message
	HasResponse       bool
	L7                l7.Fields

	saidEnter, saidExit int64 // of the segment that began the answer's first message, behind its header; 0: none was told

	// End says how it ended, and Ended when it was known, Unix ns; 0: with its latest byte.
	End   End
	Ended int64

	// AnswerSeq is, of a session that is reported while it lasts, where its answer begins or will
	// begin; 0: not known. It is kept for one that ends without an answer.
	AnswerSeq uint32

	Tag  uint64 // the owner's, for instance the passage of an s-p
	User any    // the owner's
	Told Told   // the owner's, by OnOpen

	Owner any // of a session of datagrams: their socket, as Feed was given it

	key        uint64 // pairs request and response; 0: by their order
	silent     bool   // pairs, but nobody wants to see it
	oneWay     bool   // nobody will answer
	reported   bool   // OnRequest was called
	asked      bool   // the request is complete
	answered   bool   // the answer is, and lasts until the request is
	turned     int64  // when the connection turned to what goes on until both have ended, and the sweep before it; 0: it did not
	turnedTick int64
	behind     bool   // requests that were not seen, or whose answers were not, may be answered before it
	doubted    bool   // frames were missed, among which its end may have been
	openDue    int64  // how old it is when it is reported while it lasts, ns; 0: not yet known
	bytes      int    // kept for it
	redacted   string // its L7.Resource, without secrets
}

// TimeToFirstMessage is the attribute that says FirstMessage, in ns.
const TimeToFirstMessage = "throughline.time_to_first_message"

// FirstMessage is how long the first message of an answer of several took from the request on, by the times of the end at which
// a system call or packet was seen; false: the answer is one message, or none.
func (s *Session) FirstMessage() (span.Attribute, bool) {
	from, at := s.Request.FirstExit, s.saidEnter
	if s.LocalIsClient {
		from, at = s.Request.FirstEnter, s.saidExit
	}
	if !s.L7.Several || s.saidEnter == 0 || at < from {
		return span.Attribute{}, false
	}
	return span.Attribute{Key: TimeToFirstMessage, Value: strconv.FormatInt(at-from, 10), Type: span.AttributeInt}, true
}

// Told is the span as which a session was reported while it lasts; zero: it was not.
type Told struct {
	ID    uint64
	Group span.GroupID
}

// Completes is the edge from where a session was told to where its span lies now that it is over;
// false: they are the same.
func (t Told) Completes(s *span.Span) (span.Edge, bool) {
	to := s.Group()
	return span.Edge{A: t.Group, B: to, Time: s.Start, Kind: span.EdgeWire}, t.ID != 0 && t.Group != to
}

// Options of a connection.
type Options struct {
	Local, Remote netip.AddrPort

	// Protocols are those that are looked for; nil: all that are known.
	Protocols l7.Protocols

	// KeepSecrets leaves passwords and tokens in what requests say.
	KeepSecrets bool

	// OnRequest is called when a request's header is complete, in the order of feeding and
	// before anything of its response is looked at.
	OnRequest func(*Session)
	// OnSession is called when the response is complete, or given up: then HasResponse may
	// be false.
	OnSession func(*Session)

	// OnOpen, where it is set, is called by Sweep for a session that has waited OpenAfter for its
	// end, 10 s by default, and again whenever that is twice as long as before and a minute more.
	// End is Open then, Ended is now, and OnSession is called when it has ended.
	OnOpen    func(*Session)
	OpenAfter time.Duration

	// OnResent, where it is set, is called for a segment with bytes that were seen before and
	// that belong to no message of an open session: to one that was reported.
	OnResent func(outgoing bool, seq uint32)

	// Questions is how many datagrams may wait for their answers; 0: 8192.
	Questions int

	Counters *Counters // nil: nothing is told
}
