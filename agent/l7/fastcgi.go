package l7

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"time"
	"unsafe"

	"github.com/throughline-io/throughline/agent/redact"
)

// FastCGI is FastCGI 1.0, by which nginx, Apache and Caddy ask PHP-FPM. A record is a header of 8 bytes,
// content and padding; those of one request have its id, which a connection may use again.
var FastCGI = Protocol{
	Name:   "FastCGI",
	Ports:  []uint16{9000},
	Detect: detectFastCGI,
	Firsts: bytesOf(func(c byte) bool { return c == 1 }),
	Resume: resumeFastCGI,
	New:    func() Dialogue { return &fastcgiDialogue{requests: map[uint16]*fastcgiRequest{}} },
	Redact: func(f *Fields) {
		f.Resource, f.Domain = redact.URL(f.Resource), redact.Authority(f.Domain)
		f.StatusMessage = redact.SQLError(f.StatusMessage)
	},
	Patience: Patience{Answer: 10 * time.Minute}, // as of HTTP, which it carries
	MaxOpen:  fastcgiMaxOpen,
}

// Types of records.
const (
	fcgiBegin = 1 + iota
	fcgiAbort
	fcgiEnd
	fcgiParams
	fcgiStdin
	fcgiStdout
	fcgiStderr
	fcgiData
	fcgiGetValues
	fcgiGetValuesResult
	fcgiUnknownType
)

const (
	fcgiHeader  = 8
	fcgiRoles   = 3 // responder, authorizer, filter
	fcgiEndSize = 8
	fcgiMaxName = 64 // of a field by which an answer is detected

	// fastcgiMaxOpen is how many requests are open on a connection: servers in use have one.
	fastcgiMaxOpen = 64
)

// fcgiRecord is a record's header.
type fcgiRecord struct {
	kind    byte
	id      uint16
	content int
	padding int
}

// readRecord reads a header that data begins with; false: it is none.
func readRecord(data []byte) (r fcgiRecord, ok bool) {
	if len(data) < fcgiHeader || data[0] != 1 || data[7] != 0 {
		return r, false
	}
	r = fcgiRecord{data[1], binary.BigEndian.Uint16(data[2:]), int(binary.BigEndian.Uint16(data[4:])), int(data[6])}
	switch r.kind {
	case fcgiBegin, fcgiEnd:
		return r, r.id != 0 && r.content == fcgiEndSize
	case fcgiAbort:
		return r, r.id != 0 && r.content == 0
	case fcgiParams, fcgiStdin, fcgiStdout, fcgiStderr, fcgiData:
		return r, r.id != 0
	case fcgiGetValues, fcgiGetValuesResult:
		return r, r.id == 0
	case fcgiUnknownType:
		return r, r.id == 0 && r.content == fcgiEndSize
	}
	return r, false
}

// fromServer reports whether the application sends such a record.
func (r fcgiRecord) fromServer() bool {
	switch r.kind {
	case fcgiEnd, fcgiStdout, fcgiStderr, fcgiGetValuesResult, fcgiUnknownType:
		return true
	}
	return false
}

// detectFastCGI knows the record that begins a request, of which nearly every bit is fixed, one of an answer that
// begins with a field of CGI's header, and the one that ends what is asked where it is all there is: PHP-FPM reads it when it has
// answered and said that it will say no more.
func detectFastCGI(data []byte) Match {
	if endsAsking(data) {
		return MatchRequest
	}
	if r, ok := readRecord(data); ok && r.kind == fcgiStdout {
		name, _, found := bytes.Cut(data[fcgiHeader:min(len(data), fcgiHeader+r.content, fcgiHeader+fcgiMaxName)], []byte(":"))
		if found && len(name) > 0 && isToken(name) {
			return MatchResponse
		}
		return MatchNone
	}
	begin := [...]byte{0: 1, 1: fcgiBegin, 5: fcgiEndSize, 15: 0}
	for i, c := range data[:min(len(data), len(begin))] {
		switch i {
		case 2, 3, 6: // id and padding
		case 9:
			if c == 0 || c > fcgiRoles {
				return MatchNone
			}
		case 10:
			if c > 1 { // keep the connection
				return MatchNone
			}
		default:
			if c != begin[i] {
				return MatchNone
			}
		}
	}
	switch {
	case len(data) >= 4 && data[2] == 0 && data[3] == 0:
		return MatchNone
	case len(data) < len(begin):
		return MatchMore
	}
	return MatchRequest
}

// endsAsking reports whether data is an empty record of the input, which a request ends with, and nothing else.
func endsAsking(data []byte) bool {
	r, ok := readRecord(data)
	return ok && r.kind == fcgiStdin && r.content == 0 && len(data) == fcgiHeader+r.padding && len(bytes.TrimLeft(data[fcgiHeader:], "\x00")) == 0
}

// resumeFastCGI takes any record that begins a segment.
func resumeFastCGI(data []byte, _ int) Match {
	if len(data) < fcgiHeader {
		return detectFastCGI(data)
	}
	r, ok := readRecord(data)
	switch {
	case !ok:
		return MatchNone
	case r.fromServer():
		return MatchResponse
	}
	return MatchRequest
}

// fastcgiDialogue is the framing state of a connection.
type fastcgiDialogue struct {
	request, response fastcgiSide
	requests          map[uint16]*fastcgiRequest
	spare             []*fastcgiRequest
}

// fastcgiSide is where one side is in its records.
type fastcgiSide struct {
	record fcgiRecord // whose header was passed
	within bool       // its content or padding is to come
	lost   bool       // where the next record begins was not captured
}

// fastcgiRequest is what is known of a request that goes on.
type fastcgiRequest struct {
	params   fcgiParamReader
	headed   bool // its parameters are complete, as far as they were captured
	answered bool // its answer has begun
	answer   fcgiAnswer
}

// Kept is about how many bytes of memory its requests take.
func (d *fastcgiDialogue) Kept() (n int) {
	for _, q := range d.requests {
		n += q.bytes()
	}
	for _, q := range d.spare {
		n += q.bytes()
	}
	return n
}

func (q *fastcgiRequest) bytes() int {
	return int(unsafe.Sizeof(*q)) + q.params.size + cap(q.params.pairs.kept) + cap(q.params.said) + cap(q.answer.line) + cap(q.answer.said)
}

func (d *fastcgiDialogue) Reset(request bool) {
	if request {
		d.request = fastcgiSide{record: d.request.record}
	} else {
		d.response = fastcgiSide{record: d.response.record}
	}
}

func (d *fastcgiDialogue) Request(data []byte, missing int, x Exchanges) Step {
	s := &d.request
	if s.within {
		return d.content(s, data, missing, x)
	}
	r, ok := readRecord(data)
	switch {
	case !ok || r.fromServer():
		return d.unreadable(s, data, missing, x, false)
	case r.kind == fcgiGetValues:
		return s.enter(r, Step{Role: Aside})
	case r.kind == fcgiBegin:
		f := x.Begun()
		f.Protocol, f.RequestID = FastCGI.Name, strconv.Itoa(int(r.id))
		d.forget(r.id)
		if len(d.requests) < fastcgiMaxOpen {
			d.requests[r.id] = d.fresh()
		}
		return s.enter(r, Step{Kind: Begins})
	case r.kind == fcgiAbort:
		d.forget(r.id)
		return s.enter(r, Step{Kind: Cancels})
	}
	step := Step{Kind: Data}
	if of := d.requests[r.id]; of != nil && (r.kind != fcgiParams || r.content == 0) {
		step.Kind |= of.head(x.Open(uint64(r.id)))
	}
	if r.kind == fcgiStdin && r.content == 0 {
		step.Kind |= Ends
	}
	return s.enter(r, step)
}

func (d *fastcgiDialogue) Response(data []byte, missing int, x Exchanges) Step {
	s := &d.response
	if s.within {
		return d.content(s, data, missing, x)
	}
	r, ok := readRecord(data)
	switch {
	case !ok || !r.fromServer():
		return d.unreadable(s, data, missing, x, true)
	case r.id == 0:
		return s.enter(r, Step{Role: Aside})
	}
	if r.kind == fcgiEnd && len(data) < fcgiHeader+fcgiEndSize && missing == 0 {
		return Step{State: More}
	}
	step := Step{Kind: Data}
	f, of := x.Open(uint64(r.id)), d.requests[r.id]
	if f != nil && of != nil { // else it is of a request before, or of one that was not seen
		if !of.answered {
			step.Kind = Begins | Headed
		}
		of.answered = true
		of.answer.begun = of.answer.begun || r.kind == fcgiStdout
	}
	if r.kind == fcgiEnd {
		step.Kind |= Ends
		d.end(r.id, data[fcgiHeader:], f)
	}
	return s.enter(r, step)
}

// end reads the record that ends an answer; its content may not have been captured.
func (d *fastcgiDialogue) end(id uint16, content []byte, f *Fields) {
	if of := d.requests[id]; f != nil && of != nil {
		of.answer.end(content, f)
		d.forget(id)
	}
}

// enter passes a record's header.
func (s *fastcgiSide) enter(r fcgiRecord, step Step) Step {
	s.record, s.within, s.lost = r, true, false
	step.State, step.Key, step.Advance = Head, uint64(r.id), fcgiHeader
	return step
}

// content passes a record's content, which is read if there is somebody to read it.
func (d *fastcgiDialogue) content(s *fastcgiSide, data []byte, missing int, x Exchanges) Step {
	left, f, of := s.record.content, x.Open(uint64(s.record.id)), d.requests[s.record.id]
	if left == 0 || f == nil || of == nil || !of.reads(s.record.kind) {
		s.within = false
		return Step{State: End, Advance: uint64(left + s.record.padding)}
	}
	n := min(len(data), left)
	behind := min(missing, left-n)
	switch s.record.kind {
	case fcgiParams:
		of.params.pairs.read(data[:n], behind, of.params.pair)
	case fcgiStdout:
		of.answer.stdout(data[:n], behind, f)
	default:
		of.answer.stderr(data[:n])
	}
	s.record.content -= n + behind
	if s.record.content > 0 {
		return Step{State: Body, Advance: uint64(n + behind)}
	}
	s.within = false
	return Step{State: End, Advance: uint64(n + behind + s.record.padding)}
}

// reads reports whether the content of a record says more of a request.
func (q *fastcgiRequest) reads(kind byte) bool {
	switch kind {
	case fcgiParams:
		return !q.headed
	case fcgiStdout:
		return !q.answer.headed
	}
	return kind == fcgiStderr
}

// fresh is a request of which nothing is known yet.
func (d *fastcgiDialogue) fresh() *fastcgiRequest {
	n := len(d.spare)
	if n == 0 {
		return new(fastcgiRequest)
	}
	q := d.spare[n-1]
	d.spare = d.spare[:n-1]
	return q
}

// fastcgiSpare is how many requests that are over lend their room to those that come.
const fastcgiSpare = 4

// forget lets go of a request that is over, or whose id begins anew.
func (d *fastcgiDialogue) forget(id uint16) {
	q := d.requests[id]
	if q == nil {
		return
	}
	delete(d.requests, id)
	if len(d.spare) < fastcgiSpare && cap(q.params.pairs.kept)+cap(q.params.said)+cap(q.answer.line)+cap(q.answer.said) < fcgiMaxPair {
		q.params.forget()
		*q = fastcgiRequest{params: q.params, answer: fcgiAnswer{line: q.answer.line[:0], said: q.answer.said[:0]}}
		d.spare = append(d.spare, q)
	}
}

// unreadable goes on where a record should begin, and none does or it was not captured: with what is left of the
// segment as more of the record before it, until a segment begins with a record.
func (d *fastcgiDialogue) unreadable(s *fastcgiSide, data []byte, missing int, x Exchanges, answer bool) Step {
	id := s.record.id
	of := d.requests[id]
	switch {
	case len(data) < fcgiHeader && missing == 0 && mayBeRecord(data):
		return Step{State: More}
	case of == nil || !s.lost && missing == 0:
		return Step{State: Bad}
	}
	passed := len(data) + missing
	if answer && missing > 0 && mayBeRecord(data) && (passed == fcgiHeader+fcgiEndSize || passed == 2*fcgiHeader+fcgiEndSize) {
		// An answer ends here: the record that says so is behind an empty one, or alone.
		d.end(id, nil, x.Open(uint64(id)))
		return s.enter(fcgiRecord{kind: fcgiEnd, id: id, content: passed - fcgiHeader}, Step{Kind: Data | Ends})
	}
	if at := passed - fcgiHeader - fcgiEndSize; answer && missing == 0 && at > 0 {
		if r, ok := readRecord(data[at:]); ok && r.kind == fcgiEnd && r.id == id && r.padding == 0 {
			passed = at
		}
	}
	step := Step{Kind: Data}
	if !answer {
		step.Kind |= of.head(x.Open(uint64(id)))
	}
	step = s.enter(fcgiRecord{kind: s.record.kind, id: id, padding: passed}, step)
	step.Advance, s.lost = 0, true
	return step
}

// mayBeRecord reports whether few bytes may be the beginning of a record.
func mayBeRecord(data []byte) bool {
	return len(data) == 0 || data[0] == 1 && (len(data) == 1 || data[1] >= fcgiBegin && data[1] <= fcgiUnknownType)
}
