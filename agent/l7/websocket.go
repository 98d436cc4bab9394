package l7

import (
	"slices"
	"strconv"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// WebSocket is what a connection of HTTP/1.1 goes on in behind an answer 101 that says so (RFC 6455), and a stream of HTTP/2. It is found in no bytes of
// its own: the request that asked for it is the session, which lasts as long as the connection is open.
var WebSocket = Protocol{
	Name:   "WebSocket",
	Detect: func([]byte) Match { return MatchNone },
	Resume: func([]byte, int) Match { return MatchEither }, // its dialogue finds frames again itself
	New:    func() Dialogue { return &websocketDialogue{} },
	Redact: func(f *Fields) { HTTP.Redact(f) },
	// Nobody has to say anything. Whoever has been silent for so long is gone, with nobody told.
	Patience: Patience{Answer: 24 * time.Hour},
}

const websocketVersion = "13" // RFC 6455's, and nobody's is another

// websocketDialogue is the state of a connection.
type websocketDialogue struct {
	request, response websocketSide
	first             websocketCloser // who has said first that it ends
	told              []span.Attribute
}

type websocketCloser uint8

const (
	closedByNobody websocketCloser = iota
	closedByClient
	closedByServer
)

// websocketSide is what one side has said.
type websocketSide struct {
	frame           websocketFrame
	within          bool // its payload is to come
	lost            bool // where the next frame begins is not known
	missed          bool // there were frames that are not counted
	closed          bool // it has said that it ends
	messages, bytes uint64
	code            uint16 // of its end; 0: it said none, or nothing was captured of it
	reason          string
}

// newWebsocket turns a connection to it whose request f has been answered so.
func newWebsocket(f *Fields, subprotocol []byte) *websocketDialogue {
	d := &websocketDialogue{}
	f.Protocol, f.Version = WebSocket.Name, websocketVersion
	f.Attributes = append(slices.Clip(f.Attributes), span.Attribute{Key: span.Blocking, Value: "true", Type: span.AttributeBool})
	if len(subprotocol) > 0 {
		f.Attributes = append(f.Attributes, span.Attribute{Key: "websocket.subprotocol", Value: string(subprotocol), Type: span.AttributeString})
	}
	d.told = slices.Clip(f.Attributes)
	return d
}

// Missed says that bytes of a side were not seen.
func (d *websocketDialogue) Missed(request bool) {
	s := d.side(request)
	s.within, s.lost, s.missed = false, true, true
}

func (d *websocketDialogue) Reset(request bool) { d.side(request).within = false }

func (d *websocketDialogue) side(request bool) *websocketSide {
	if request {
		return &d.request
	}
	return &d.response
}

func (d *websocketDialogue) Request(data []byte, missing int, _ Exchanges) Step {
	return d.next(data, missing, true)
}

func (d *websocketDialogue) Response(data []byte, missing int, _ Exchanges) Step {
	return d.next(data, missing, false)
}

func (d *websocketDialogue) next(data []byte, missing int, request bool) Step {
	s := d.side(request)
	switch {
	case s.within:
		return s.payload(data, missing)
	case s.closed: // nothing is said behind it (RFC 6455, 5.5.1)
		return s.pass(data, missing, Aside)
	case s.lost && !alignedWebsocket(data, missing, request):
		return s.pass(data, missing, Plain)
	}
	f, st := readWebsocketFrame(data, request)
	switch {
	case st == More && missing == 0:
		return Step{State: More}
	case st != Head: // its header was not captured, or it is none
		s.lost, s.missed = true, true
		return s.pass(data, missing, Plain)
	}
	s.lost, s.frame, s.within = false, f, true
	step := Step{State: Head, Kind: Data, Advance: uint64(f.head)}
	if d.counts(&f, request); s.closed {
		step.Kind |= Ends | Lasts
	}
	return step
}

// counts notes a frame of a side.
func (d *websocketDialogue) counts(f *websocketFrame, request bool) {
	s := d.side(request)
	switch {
	case f.opcode == websocketClose:
		s.closed = true
		if d.first == closedByNobody {
			d.first = closedByServer
			if request {
				d.first = closedByClient
			}
		}
	case !f.control():
		s.bytes += f.size
		if f.fin {
			s.messages++
		}
	}
}

// closes reads what a frame says that ends the connection.
func (s *websocketSide) closes(f *websocketFrame, payload []byte) {
	if len(payload) >= 2 {
		text := f.unmasked(payload)
		s.code, s.reason = uint16(text[0])<<8|uint16(text[1]), string(text[2:])
	}
}

// payload passes what a frame carries. Of one that ends the connection it is read.
func (s *websocketSide) payload(data []byte, missing int) Step {
	f := &s.frame
	if f.opcode == websocketClose && f.size >= 2 {
		if uint64(len(data)) < f.size && missing == 0 {
			return Step{State: More}
		}
		s.closes(f, data[:min(uint64(len(data)), f.size)])
	}
	s.within = false
	return Step{State: End, Advance: f.size}
}

// pass steps over a segment.
func (s *websocketSide) pass(data []byte, missing int, role Role) Step {
	s.frame, s.within = websocketFrame{}, true
	return Step{State: Head, Kind: Data, Role: role, Advance: uint64(len(data) + missing)}
}

// Tell says what a connection has come to so far; closed: it is over, without a word if nobody has said that it ends.
func (d *websocketDialogue) Tell(f *Fields, closed bool) {
	list := d.told
	text := func(key, value string) {
		list = append(list, span.Attribute{Key: key, Value: value, Type: span.AttributeString})
	}
	number := func(key string, n uint64) {
		list = append(list, span.Attribute{Key: key, Value: strconv.FormatUint(n, 10), Type: span.AttributeInt})
	}
	for _, side := range [...]struct {
		name string
		*websocketSide
	}{{"client", &d.request}, {"server", &d.response}} {
		if !side.missed {
			number("websocket."+side.name+".messages", side.messages)
			number("websocket."+side.name+".bytes", side.bytes)
		}
	}
	by, who := &d.request, "client"
	if d.first == closedByServer {
		by, who = &d.response, "server"
	}
	switch {
	case d.first != closedByNobody:
		code := by.code
		if code == 0 {
			code = websocketNoStatus
		}
		number("websocket.close.code", uint64(code))
		if by.reason != "" {
			text("websocket.close.reason", by.reason)
		}
		text("websocket.close.by", who)
		if status := websocketStatus(code, d.first); status.Error() {
			f.Status, f.Code = status, int32(code)
			if f.StatusMessage = by.reason; by.reason == "" {
				f.StatusMessage = websocketNames[code]
			}
		}
	case closed:
		number("websocket.close.code", websocketAbnormal)
	}
	f.Attributes = slices.Clip(list)
}
