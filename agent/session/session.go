// Package session makes sessions (one request and its response) of what was captured of a
// TCP connection, be it system calls or packets at one interface.
//
// Bytes are put in the order of their sequence numbers and cut by the protocol's own
// lengths; who read or sent how much at a time does not matter, so every observer of a
// connection finds the same messages at the same sequence numbers.
package session

import (
	"net/netip"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/agent/ledger"
)

// Segment is a stretch of one direction of a connection, as one system call or one packet
// carried it.
type Segment struct {
	Seq  uint32 // TCP sequence number of the first byte, host byte order
	Len  int    // bytes carried
	Data []byte // the captured prefix, may be shorter than Len; not kept by Feed

	Enter, Exit int64 // Unix ns: of the system call; of a packet both are its time

	PID, TID  uint32
	Goroutine uint64
	Tag       uint64 // the owner's, opaque
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
	Size uint64 // bytes seen to belong to it
	// Resent are the segments with bytes of it that had been seen before.
	Resent uint16

	FirstEnter, FirstExit int64 // of the earliest segment
	LastEnter, LastExit   int64 // of the latest segment

	First Call // the segment with the first byte
	Head  Call // the segment that completed the header

	tick int64 // the sweep before its latest segment, see patience.go
}

// Session is a request and, if there was one, its response. A Session is valid from
// OnRequest to the end of OnSession; its memory is used again afterwards.
type Session struct {
	Client, Server netip.AddrPort // who asked, and who was asked
	LocalIsClient  bool           // Local asked
	Pushed         bool           // who accepted the connection asked

	Request, Response Message
	HasResponse       bool
	L7                l7.Fields

	// End says how it ended, and Ended when it was known, Unix ns; 0: with its latest byte.
	End   End
	Ended int64

	Tag  uint64 // the owner's, for instance the passage of an s-p
	User any    // the owner's

	key      uint64 // pairs request and response; 0: by their order
	silent   bool   // pairs, but nobody wants to see it
	oneWay   bool   // nobody will answer
	reported bool   // OnRequest was called
	asked    bool   // the request is complete
	bytes    int    // kept for it
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

	// OnResent, where it is set, is called for a segment with bytes that were seen before and
	// that belong to no message of an open session: to one that was reported.
	OnResent func(outgoing bool, seq uint32)

	Ledger *ledger.Ledger
	Source string // "SYS" or "NET", for the ledger
}
