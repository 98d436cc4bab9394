package l7

import (
	"encoding/binary"
	"time"

	"github.com/throughline-io/throughline/agent/redact"
	"github.com/throughline-io/throughline/pkg/span"
)

// Dubbo is Dubbo 2's own protocol (dubbo.apache.org, "Dubbo2 Protocol Specification"), which Dubbo 3 speaks by default: a header of
// 16 bytes with a number that pairs answers, in any order. Triple, Dubbo 3's other one, is gRPC.
var Dubbo = Protocol{
	Name:   "Dubbo",
	Ports:  []uint16{20880},
	Firsts: bytesOf(func(c byte) bool { return c == dubboMagic>>8 }),
	Detect: detectDubbo,
	Resume: func(data []byte, missing int) Match {
		if m := detectDubbo(data); m != MatchMore || missing == 0 {
			return m
		}
		return MatchNone
	},
	New:        func() Dialogue { return &dubboDialogue{} },
	Redact:     func(f *Fields) { f.StatusMessage = redact.SQLError(f.StatusMessage) },
	Patience:   Patience{Answer: 10 * time.Minute},
	AtOnce:     true,
	Unanswered: true,
	MaxOpen:    1024,
}

const (
	dubboMagic   = 0xdabb
	dubboHead    = 16
	dubboLargest = 64 << 20 // bytes of a message; 8 MiB where nobody allows more
	dubboWanted  = 4 << 10  // bytes of a request that are waited for
	dubboAnswer  = 256      // bytes of an answer that are

	dubboRequest = 0x80
	dubboTwoWay  = 0x40
	dubboEvent   = 0x20

	dubboHessian2 = 2 // of serializations, the one that is read

	dubboOK = 20
)

// dubboStatuses are the names of what an answer says of itself.
var dubboStatuses = map[byte]string{
	dubboOK: "OK", 30: "CLIENT_TIMEOUT", 31: "SERVER_TIMEOUT", 35: "CHANNEL_INACTIVE", 40: "BAD_REQUEST", 50: "BAD_RESPONSE", 60: "SERVICE_NOT_FOUND", 70: "SERVICE_ERROR",
	80: "SERVER_ERROR", 90: "CLIENT_ERROR", 100: "SERVER_THREADPOOL_EXHAUSTED_ERROR", 105: "NETWORK_ERROR", 110: "SERIALIZATION_ERROR",
}

// dubboMessage is a message's header.
type dubboMessage struct {
	request, twoWay, event bool
	serialization, status  byte
	key                    uint64
	size                   uint64 // of the body
}

// readDubbo reads a header; false: it is none.
func readDubbo(data []byte) (m dubboMessage, ok bool) {
	flags := data[2]
	m = dubboMessage{
		request: flags&dubboRequest != 0, twoWay: flags&dubboTwoWay != 0, event: flags&dubboEvent != 0, serialization: flags & 0x1f, status: data[3],
		key: max(binary.BigEndian.Uint64(data[4:]), 1), size: uint64(binary.BigEndian.Uint32(data[12:])),
	}
	_, known := dubboStatuses[m.status]
	return m, binary.BigEndian.Uint16(data) == dubboMagic && m.serialization != 0 && m.size <= dubboLargest && (m.request && m.status == 0 || !m.request && known)
}

// detectDubbo knows a whole header.
func detectDubbo(data []byte) Match {
	for i, c := range [...]byte{dubboMagic >> 8, dubboMagic & 0xff} {
		if len(data) > i && data[i] != c {
			return MatchNone
		}
	}
	if len(data) < dubboHead {
		return MatchMore
	}
	switch m, ok := readDubbo(data); {
	case !ok:
		return MatchNone
	case m.request:
		return MatchRequest // servers ask for little more than whether somebody is there
	}
	return MatchResponse
}

// dubboDialogue is the state of a connection.
type dubboDialogue struct {
	asking, answering bool // the rest of a message is passed
	calls             dubboCalls
}

// Kept is about how many bytes of memory the dialogue keeps.
func (d *dubboDialogue) Kept() int { return d.calls.kept() }

func (d *dubboDialogue) Reset(request bool) {
	if request {
		d.asking = false
	} else {
		d.answering = false
	}
}

func (d *dubboDialogue) Request(data []byte, missing int, x Exchanges) Step {
	if d.asking {
		d.asking = false
		return Step{State: End}
	}
	step := d.message(data, missing, x, true)
	d.asking = step.State == Head
	return step
}

func (d *dubboDialogue) Response(data []byte, missing int, x Exchanges) Step {
	if d.answering {
		d.answering = false
		return Step{State: End}
	}
	step := d.message(data, missing, x, false)
	d.answering = step.State == Head
	return step
}

// message reads a message of either side: both may ask.
func (d *dubboDialogue) message(data []byte, missing int, x Exchanges, client bool) Step {
	if len(data) < dubboHead {
		if missing > 0 || detectDubbo(data) == MatchNone {
			return Step{State: Bad}
		}
		return Step{State: More}
	}
	m, ok := readDubbo(data)
	if !ok {
		return Step{State: Bad}
	}
	wanted := uint64(dubboWanted)
	if !m.request {
		wanted = dubboAnswer
	}
	body := data[dubboHead:min(uint64(len(data)), dubboHead+m.size)]
	if uint64(len(body)) < min(m.size, wanted) && missing == 0 {
		return Step{State: More}
	}
	step := Step{State: Head, Key: m.key, Advance: dubboHead + m.size}
	if m.request != client {
		step.Kind = Whole | Reversed
	}
	switch {
	case m.request && m.event && m.twoWay:
		step.Role = Silent
	case m.request && m.event: // a server is about to leave
		step.Role = Aside
	case m.request:
		f := x.Begun()
		f.Protocol = Dubbo.Name
		if m.serialization == dubboHessian2 {
			d.calls.read(body, f)
		}
		if !m.twoWay {
			step.Role = OneWay
		}
	default:
		f := x.Open(m.key)
		if client {
			f = x.Pushed(m.key)
		}
		if f != nil {
			d.outcome(&m, body, f)
		}
	}
	return step
}

// outcome reads how a call ended: by the header, and of one that is well by what its body begins with, for that a method threw
// is no failure of the call.
func (d *dubboDialogue) outcome(m *dubboMessage, body []byte, f *Fields) {
	f.Code, f.Status = int32(m.status), span.StatusOK
	switch {
	case m.status != dubboOK:
		f.Status = span.StatusServerError
		switch m.status {
		case 40, 60, 90:
			f.Status = span.StatusClientError
		}
		f.StatusMessage = dubboStatuses[m.status]
		if m.serialization == dubboHessian2 {
			if text, _, _ := hessianText(body); len(text) > 0 {
				f.StatusMessage = textOf(text)
			}
		}
	case m.serialization != dubboHessian2 || len(body) == 0:
	case body[0] == dubboThrew || body[0] == dubboThrewAttached:
		class := textOf(hessianClass(body[1:]))
		f.Status, f.StatusMessage = span.StatusServerError, class
		f.attributes(span.Attribute{Key: "error.type", Value: class, Type: span.AttributeString})
	}
}
