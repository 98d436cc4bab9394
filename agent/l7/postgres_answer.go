package l7

import (
	"encoding/binary"

	"github.com/throughline-io/throughline/pkg/span"
)

// postgresAnswer is where in its answer the server is.
type postgresAnswer struct {
	begun bool
	left  uint64 // of the message whose header was read
	last  bool   // it is the answer's last one
	lost  bool   // where the next message begins was not captured

	answers  uint32 // completions, as postgresRequest counts them
	rows     uint64 // since the last statement's end
	returned uint64 // rows, of all statements
	returns  bool   // it returns rows, though there be none
	copyOut  bool
	partial  bool // rows were not all seen
}

func (d *postgresDialogue) Response(data []byte, missing int, x Exchanges) Step {
	a := &d.answer
	switch {
	case a.left > 0 || a.last:
		return d.passAnswer(x.Open(0))
	case a.begun:
		return d.answerRest(data, missing, x.Open(0))
	case d.negotiating && len(data) > 0 && data[0] != 'E':
		return d.negotiated(data[0])
	}
	m, state := readPostgres(data, missing, fromBackend)
	if state != Head {
		return Step{State: state}
	}
	d.negotiating = false
	f := x.Open(0)
	switch {
	case isAside(m.kind), f == nil: // or of a request that was not seen
		if m.kind == 'Z' {
			d.skipping = false
		}
		a.left, a.last = m.size(), true
		return Step{State: Head, Role: Aside}
	case m.kind == 'Z' && d.skipping && f.Expect&postgresFlush != 0:
		f.Status, f.StatusMessage = span.StatusClientError, "skipped, as a request before it failed"
		a.last = true // nothing of this message is its own
		return Step{State: Head}
	case !answers(m, data):
		return Step{State: Bad}
	}
	a.begun = true
	f.Status = span.StatusOK
	return Step{State: Head}
}

// isAside reports whether a message in front of an answer is none of it: said unasked, of the login, that a statement
// is closed, that the client may send what it copies.
func isAside(kind byte) bool {
	switch kind {
	case 'N', 'S', 'A', 'R', 'K', 'v', '3', 'G':
		return true
	}
	return false
}

// negotiated reads the byte that answers a request for TLS or GSSAPI.
func (d *postgresDialogue) negotiated(answer byte) Step {
	d.negotiating = false
	switch answer {
	case 'N':
		d.answer.left, d.answer.last = 1, true
		return Step{State: Head, Role: Aside}
	case 'S', 'G':
		return Step{State: Opaque, Role: Aside, Advance: 1}
	}
	return Step{State: Bad}
}

// answers reports whether an answer may begin with a message.
func answers(m postgresMessage, data []byte) bool {
	switch m.kind {
	case 'D':
		if len(data) >= postgresHeader+2 {
			columns := int(binary.BigEndian.Uint16(data[postgresHeader:]))
			return m.length >= 2+4*columns && (columns > 0 || m.length == 2)
		}
	case 'Z':
		return len(data) == postgresHeader || isTransactionState(data[postgresHeader])
	}
	return true
}

func isTransactionState(c byte) bool { return c == 'I' || c == 'T' || c == 'E' }

// passAnswer steps over the message that was looked at.
func (d *postgresDialogue) passAnswer(f *Fields) Step {
	a := &d.answer
	n := a.left
	a.left = 0
	if !a.last {
		return Step{State: Body, Advance: n}
	}
	if a.begun {
		d.tell(f)
	}
	d.answer = postgresAnswer{}
	return Step{State: End, Advance: n}
}

// answerRest looks at the next message of an answer.
func (d *postgresDialogue) answerRest(data []byte, missing int, f *Fields) Step {
	a := &d.answer
	if a.lost {
		return d.found(data, missing, f)
	}
	if a.saysAll(f) { // its request was seen to end only now
		a.last = true
		return d.passAnswer(f)
	}
	m, state := readPostgres(data, missing, fromBackend)
	switch {
	case state == Bad:
		a.lost, a.partial = true, true
		return d.found(data, missing, f)
	case state == More, len(data) < m.wantOfAnswer() && missing == 0:
		return Step{State: More}
	}
	a.left = m.size()
	d.answered(m, m.content(data), f)
	a.last = a.last || a.saysAll(f)
	if expected(f)&postgresLost != 0 && (m.kind == 'T' || m.kind == 'n') && missing == 0 && m.size() == uint64(len(data)) {
		a.last = true // a client that asks what a statement is waits for no more
	}
	return d.passAnswer(f)
}

// saysAll reports whether everything was answered that a request asks for up to Flush.
func (a *postgresAnswer) saysAll(f *Fields) bool {
	expect := expected(f)
	return expect&postgresFlush != 0 && a.answers >= expect&^(postgresAsked|postgresFlush)
}

func expected(f *Fields) uint32 {
	if f == nil {
		return 0
	}
	return f.Expect
}

// wantOfAnswer is how many bytes of a server's message are read.
func (m postgresMessage) wantOfAnswer() int {
	switch m.kind {
	case 'E':
		return postgresHeader + min(m.length, 1024)
	case 'C':
		return postgresHeader + min(m.length, 64)
	case 'Z':
		return postgresHeader + 1
	}
	return postgresHeader
}

// found goes on where messages' borders are not known: until a segment ends as an answer does.
func (d *postgresDialogue) found(data []byte, missing int, f *Fields) Step {
	const ready = postgresHeader + 1
	at := len(data) - ready
	if missing > 0 || at < 0 || data[at] != 'Z' || binary.BigEndian.Uint32(data[at+1:]) != 5 || !isTransactionState(data[at+5]) {
		return Step{State: Open}
	}
	d.tell(f)
	d.answer = postgresAnswer{}
	d.skipping = false
	return Step{State: End, Advance: uint64(len(data))}
}

// answered notes what a message of an answer says, and whether it is the last one.
func (d *postgresDialogue) answered(m postgresMessage, content []byte, f *Fields) {
	a := &d.answer
	switch m.kind {
	case 'D':
		a.rows++
	case 'T', 'n', '1', '2', '3':
		a.answers++
	case 'H':
		a.copyOut = true
	case 'C':
		a.answers++
		a.completed(content)
	case 's', 'I':
		a.answers++
		a.returned += a.rows
		a.returns = a.returns || m.kind == 's'
		a.rows = 0
	case 'E':
		postgresError(content, f)
		if expected(f)&postgresFlush != 0 {
			a.last, d.skipping = true, true
		}
	case 'Z':
		a.last, d.skipping = true, false
	}
}
