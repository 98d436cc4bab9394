package l7

import (
	"encoding/binary"
	"time"
	"unsafe"

	"github.com/throughline-io/throughline/agent/redact"
	"github.com/throughline-io/throughline/pkg/span"
)

// HTTP2 is HTTP/2 in clear (RFC 9113), and gRPC by it. A request and its answer are a stream of frames; many are on
// their way at once. What its requests are called is HTTP, version 2, or gRPC.
var HTTP2 = Protocol{
	Name:   "HTTP2",
	Ports:  []uint16{50051},
	Detect: detectHTTP2,
	Firsts: bytesOf(func(c byte) bool { return c == http2Preface[0] || c == 0 }), // no frame that it is told by is longer than 64 KiB
	Resume: resumeHTTP2,
	New:    func() Dialogue { return &http2Dialogue{} },
	Redact: func(f *Fields) {
		if f.Expect&httpSecrets != 0 {
			f.Resource, f.Domain = redact.URL(f.Resource), redact.Authority(f.Domain)
		}
		if f.StatusMessage != "" {
			f.StatusMessage = redact.SQLError(f.StatusMessage)
		}
	},
	Patience: Patience{Answer: 10 * time.Minute}, // as of HTTP/1
	AtOnce:   true,
	MaxOpen:  http2MaxOpen,
}

// http2MaxOpen is how many requests are open on a connection: servers allow 100 to 250, some any number.
const http2MaxOpen = 1000

// http2Dialogue is the framing state of a connection.
type http2Dialogue struct {
	request, response http2Side
	streams           []http2Stream              // open ones, by their numbers
	websockets        map[uint32]*http2Websocket // those of streams that go on as such
	texts             http2Texts
	upgraded          bool // the first stream's request was one of HTTP/1
}

// newUpgraded is a connection that a request of HTTP/1 has turned to HTTP/2: its answer is that of stream 1.
func newUpgraded() *http2Dialogue {
	d := &http2Dialogue{upgraded: true}
	d.opens(1).asked = true
	return d
}

// key is that of a stream's request.
func (d *http2Dialogue) key(stream uint32) uint64 {
	if d.upgraded && stream == 1 {
		return 0
	}
	return uint64(stream)
}

// http2Side is where one side is in its frames.
type http2Side struct {
	frame   http2Frame // whose header was passed
	within  bool       // its content is to come
	left    int        // of its content
	padding int
	blocks  hpackReader
	head    http2Head
	block   http2Frame // the frame that began the header block that goes on; its stream is 0 where none does
	spoke   bool
}

// http2Stream is what is known of a request that goes on.
type http2Stream struct {
	id        uint32
	grpc      bool
	maybe     bool // of gRPC: what it says of its content is not known
	answered  bool // the answer's header was read
	asked     bool // the request is complete
	exception bool // of Triple: the method threw
	connects  bool // it asks for a WebSocket
	requests  grpcMessages
	answers   grpcMessages
	timeout   [grpcTimeoutSize]byte
}

// Kept is about how many bytes of memory the connection takes beside its requests.
func (d *http2Dialogue) Kept() int {
	n := 0
	for _, w := range d.websockets {
		n += int(unsafe.Sizeof(*w)) + cap(w.asked.kept) + cap(w.answered.kept) + len(w.request.reason) + len(w.response.reason)
	}
	return n + cap(d.streams)*int(unsafe.Sizeof(http2Stream{})) + d.request.blocks.keeps() + d.response.blocks.keeps() + int(unsafe.Sizeof(*d)) + d.texts.keeps()
}

func (d *http2Dialogue) side(request bool) *http2Side {
	if request {
		return &d.request
	}
	return &d.response
}

// Reset forgets the frame, and with it what may have been said behind it.
func (d *http2Dialogue) Reset(request bool) { d.Missed(request) }

// Missed says that bytes of a side were not seen: what they have added to its table is not known.
func (d *http2Dialogue) Missed(request bool) {
	s := d.side(request)
	s.within, s.block = false, http2Frame{}
	s.blocks.forget()
	s.blocks.table.late = true
	for i := range d.streams {
		d.streams[i].messages(request).lost = true
	}
	for _, w := range d.websockets {
		w.Missed(request)
	}
}

func (d *http2Dialogue) Request(data []byte, missing int, x Exchanges) Step {
	s := &d.request
	if s.within {
		return d.content(s, data, missing, true, x)
	}
	if len(data) > 0 && data[0] == http2Preface[0] {
		switch prefixMatch(data, http2Preface, MatchRequest) {
		case MatchRequest:
			s.spoke = true
			s.frame, s.within, s.left, s.padding = http2Frame{kind: frameSettings}, true, 0, 0
			return Step{State: Head, Role: Aside, Advance: uint64(len(http2Preface))}
		case MatchMore:
			if missing == 0 {
				return Step{State: More}
			}
		}
		return Step{State: Bad}
	}
	return d.begin(s, data, missing, true, x)
}

func (d *http2Dialogue) Response(data []byte, missing int, x Exchanges) Step {
	s := &d.response
	if s.within {
		return d.content(s, data, missing, false, x)
	}
	return d.begin(s, data, missing, false, x)
}

// begin reads a frame's header, and of most all that it says.
func (d *http2Dialogue) begin(s *http2Side, data []byte, missing int, request bool, x Exchanges) Step {
	f, ok := readFrame(data)
	switch {
	case len(data) < frameHead && missing == 0 && mayBeFrame(data):
		return Step{State: More}
	case !ok:
		return Step{State: Bad}
	case s.block.stream != 0 && (f.kind != frameContinuation || f.stream != s.block.stream):
		s.blocks.forget() // a header block has an end (RFC 9113, 6.10)
		s.block = http2Frame{}
	}
	if !s.spoke {
		s.spoke = true
		if f.kind != frameSettings || f.flags&flagAck != 0 {
			s.blocks.table.late = true // it was met in its middle
		}
	}
	wants := 0 // bytes
	switch f.kind {
	case frameHeaders, frameContinuation, framePushPromise:
		wants = f.size
	case frameReset:
		wants = 4
	case frameData:
		if f.flags&flagPadded != 0 {
			wants = 1
		}
	}
	if len(data) < frameHead+wants && missing == 0 {
		return Step{State: More}
	}
	step := Step{State: Head, Key: d.key(f.stream), Advance: frameHead}
	s.frame, s.within, s.left, s.padding = f, true, 0, 0
	switch f.kind {
	case frameData:
		return d.data(s, f, data, step, request)
	case frameHeaders, frameContinuation, framePushPromise:
		step.Advance += uint64(f.size)
		return d.headers(s, f, data, step, request, x)
	case frameReset:
		d.reset(f, data, request, x)
		step.Kind = Cancels
	default:
		step.Role = Aside
	}
	step.Advance += uint64(f.size)
	return step
}

// data begins a frame of DATA.
func (d *http2Dialogue) data(s *http2Side, f http2Frame, data []byte, step Step, request bool) Step {
	_, at, size, padding, ok := f.content(data)
	if !ok {
		s.within = false
		return Step{State: Bad}
	}
	s.left, s.padding = size, padding
	step.Advance, step.Kind = uint64(at), Data
	if f.flags&flagEndStream != 0 {
		step.Kind |= Ends
	}
	if !request && size > 0 {
		step.Kind |= Says // or goes on with one, which nobody looks at
	}
	return step
}

// content passes what is left of a frame. Of DATA of gRPC the messages are counted.
func (d *http2Dialogue) content(s *http2Side, data []byte, missing int, request bool, x Exchanges) Step {
	f, pass := s.frame, s.left
	if f.kind == frameData {
		if st := d.stream(f.stream); st != nil {
			if w := d.websockets[f.stream]; w != nil {
				n := min(len(data), s.left)
				behind := min(missing, s.left-n)
				if n+behind == 0 && s.left > 0 {
					return Step{State: More}
				}
				w.read(data[:n], behind, request)
				if s.left -= n + behind; s.left > 0 {
					return Step{State: Body, Advance: uint64(n + behind)}
				}
				pass = n + behind
			}
			if st.grpc || st.maybe {
				n, more := st.messages(request).read(data, s.left, missing)
				if more {
					if n == 0 {
						return Step{State: More}
					}
					s.left -= n
					return Step{State: Body, Advance: uint64(n)}
				}
				d.guess(st, request, x)
			}
			if f.flags&flagEndStream != 0 {
				d.ends(st, request, x)
			}
		}
	}
	pass += s.padding
	s.within = false
	return Step{State: End, Advance: uint64(pass)}
}

// headers reads a header block, or some of it.
func (d *http2Dialogue) headers(s *http2Side, f http2Frame, data []byte, step Step, request bool, x Exchanges) Step {
	block, _, size, _, ok := f.content(data)
	if !ok {
		s.within = false
		return Step{State: Bad}
	}
	if f.kind != frameContinuation {
		s.blocks.begin()
		s.block, s.head = f, http2Head{}
	}
	last := f.flags&flagEndHeaders != 0
	begun := s.block
	s.blocks.read(block, len(block) < size, last, &s.head)
	if last {
		s.block = http2Frame{}
	}
	ends := begun.flags&flagEndStream != 0 && last
	switch {
	case begun.stream == 0, begun.kind == framePushPromise, f.stream&1 == 0:
		step.Role = Aside // of a stream that the server began
		return step
	case request:
		step.Kind = d.asks(f, &s.head, ends, last, x)
	default:
		step.Kind, step.Role = d.answers(f, &s.head, ends, last, x)
	}
	return step
}

// asks is what a request's header is to it.
func (d *http2Dialogue) asks(f http2Frame, h *http2Head, ends, last bool, x Exchanges) Kind {
	st := d.stream(f.stream)
	kind := Data
	var to *Fields
	switch {
	case f.kind == frameContinuation:
		to = x.Open(d.key(f.stream))
	case st == nil || h.pseudo: // else it is what is said behind the body
		kind = Begins
		to = x.Begun()
		to.Protocol, to.Version = HTTP.Name, "2"
		st = d.opens(f.stream)
	}
	if st == nil || to == nil || !last {
		return kind
	}
	h.fill(to, &d.texts)
	d.isGRPC(st, h, to)
	st.connects = h.asksWebsocket()
	kind |= Headed
	if ends {
		st.asked = true
		kind |= Ends
	}
	return kind
}

// answers is what a header is to an answer: its beginning, an interim one, or its end.
func (d *http2Dialogue) answers(f http2Frame, h *http2Head, ends, last bool, x Exchanges) (Kind, Role) {
	st, to := d.stream(f.stream), x.Open(d.key(f.stream))
	kind := Data
	code := h.code()
	switch {
	case code >= 100 && code < 200 && !ends:
		return kind, Aside
	case st == nil: // its request was not seen
		if h.status != nil {
			kind = Whole &^ Ends
		}
		if ends {
			kind |= Ends
		}
		return kind, Plain
	case !st.answered && f.kind != frameContinuation:
		kind = Begins
	}
	if !last {
		return kind, Plain
	}
	if !st.answered {
		st.answered = true
		kind |= Headed
		if to != nil {
			to.Code, to.Status = code, httpStatus(code)
			if !ends {
				d.answersWebsocket(st, h, to)
			}
		}
	}
	if to != nil {
		if h.requestID != nil {
			to.XResponseID = string(h.requestID)
		}
		d.answersGRPC(st, h, to)
	}
	if ends {
		kind |= Ends
		d.ends(st, false, x)
	}
	return kind, Plain
}

// ends says that a side of a stream has said all.
func (d *http2Dialogue) ends(st *http2Stream, request bool, x Exchanges) {
	if request {
		st.asked = true
		return
	}
	if to := x.Open(d.key(st.id)); to != nil {
		st.finish(to)
		d.TellOf(uint64(st.id), to, false)
	}
	d.closes(st.id)
}

// reset says what a stream that is cancelled has come to.
func (d *http2Dialogue) reset(f http2Frame, data []byte, request bool, x Exchanges) {
	if to := x.Open(d.key(f.stream)); to != nil {
		code := uint32(len(resetNames)) // not captured
		if len(data) >= frameHead+4 {
			code = binary.BigEndian.Uint32(data[frameHead:])
		}
		to.Status = span.StatusReset
		if code < uint32(len(resetNames)) {
			to.StatusMessage = resetNames[code]
		}
		if st := d.stream(f.stream); st != nil {
			st.cancel(to, code, request)
			st.finish(to)
			if w := d.websockets[f.stream]; w != nil {
				w.resets(to)
			}
		}
	}
	d.closes(f.stream)
}
