package l7

import (
	"bytes"

	"github.com/throughline-io/throughline/pkg/span"
)

// memcachedSaid is a part of an answer: a line and the value behind it, or a message of the binary protocol.
type memcachedSaid struct {
	size  uint64
	value bool // it has a value
	meta  bool // it is one of those of the short commands
	quiet bool // it is to a command that is silent
	last  bool // nothing of the same answer is behind it
	stray bool // it is the error of a command that nobody waits for
	text  []byte
	code  uint16 // of the binary protocol
}

func (d *memcachedDialogue) Response(data []byte, missing int, x Exchanges) Step {
	r := &d.answering
	if r.begun {
		return d.answerRest(data, missing, x)
	}
	p, s := readMemcachedSaid(data, missing)
	if s != Head {
		return Step{State: s}
	}
	f := x.Open(0)
	if f == nil || p.stray || p.meta && f.Expect&memcachedForms < memcachedMeta {
		*r = memcachedFrame{begun: true, more: f == nil && p.value && !p.meta && !p.last}
		if r.more { // values that nobody was seen to ask for
			return Step{State: Head, Role: Aside}
		}
		return Step{State: Head, Role: Aside, Advance: p.size}
	}
	r.begun, r.more = true, true
	return Step{State: Head}
}

// answerRest passes the parts of an answer.
func (d *memcachedDialogue) answerRest(data []byte, missing int, x Exchanges) Step {
	r := &d.answering
	switch {
	case r.lost:
		return Step{State: Open}
	case !r.more:
		*r = memcachedFrame{}
		return Step{State: End}
	}
	f := x.Open(0)
	if f != nil && f.Expect&memcachedForms == memcachedAny {
		f.Status, r.lost = span.StatusOK, true
		return Step{State: Open}
	}
	for at := uint64(0); ; {
		if at > 0 && at >= uint64(len(data)) {
			return Step{State: Body, Advance: at}
		}
		p, s := readMemcachedSaid(data[at:], missing)
		switch {
		case s != Head && at > 0:
			return Step{State: Body, Advance: at}
		case s == More:
			return Step{State: More}
		case s != Head:
			r.lost = true
			return Step{State: Open}
		}
		at += p.size
		if p.value {
			r.number++
		}
		form := uint32(memcachedValues)
		if f != nil {
			form = f.Expect & memcachedForms
			p.outcome(f)
		}
		if p.ends(form) {
			if f != nil && (form == memcachedValues || form == memcachedBatch || form == memcachedMeta && f.Type == "mg") {
				d.count(f, r.number)
			}
			*r = memcachedFrame{}
			return Step{State: End, Advance: at}
		}
	}
}

// ends reports whether an answer of a form ends with a part.
func (p *memcachedSaid) ends(form uint32) bool {
	switch form {
	case memcachedValues, memcachedStats:
		return p.last || !p.value && p.text != nil && isMemcachedError(p.text)
	case memcachedBatch:
		return p.last && !p.quiet || string(p.text) == "MN"
	case memcachedAny:
		return false
	}
	return true
}

// readMemcachedSaid reads a part of an answer.
func readMemcachedSaid(data []byte, missing int) (p memcachedSaid, s State) {
	if len(data) == 0 {
		return p, moreUnless(missing)
	}
	if data[0] == memcachedResponse {
		h, s := readMemcachedHead(data, missing)
		if s != Head {
			return p, s
		}
		p = memcachedSaid{size: h.size, code: h.status, quiet: h.operation.quiet, value: h.operation.gets && h.status == 0}
		p.last = h.code != memcachedStat || h.key == 0
		p.stray = h.operation.quiet && !h.operation.gets
		return p, Head
	}
	end := bytes.IndexByte(data[:min(len(data), memcachedLine)], '\n')
	if end < 0 {
		if !isMemcachedBeginning(data) || len(data) >= memcachedLine {
			return p, Bad
		}
		return p, moreUnless(missing)
	}
	p.text, p.size = bytes.TrimSuffix(data[:end], []byte("\r")), uint64(end)+1
	word, rest, _ := bytes.Cut(p.text, []byte(" "))
	switch string(word) {
	case "VALUE": // key flags bytes [cas]
		var words [3][]byte
		for i := range words {
			words[i], rest, _ = bytes.Cut(rest, []byte(" "))
		}
		size, ok := memcachedNumber(words[2])
		if !ok || !isMemcachedKey(words[0]) {
			return p, Bad
		}
		p.value, p.size = true, p.size+size+2
	case "VA":
		word, _, _ := bytes.Cut(rest, []byte(" "))
		size, ok := memcachedNumber(word)
		if !ok {
			return p, Bad
		}
		p.value, p.meta, p.size = true, true, p.size+size+2
	case "HD", "EN", "NS", "EX", "NF", "MN", "ME":
		p.meta = true
		p.value = string(word) == "HD"
	case "END":
		p.last = true
	case "STAT", "ITEM":
	default:
		if !isMemcachedLine(word) {
			return p, Bad
		}
		p.last = string(word) == "RESET"
	}
	return p, Head
}

// memcachedLines are the words that an answer of one line begins with.
var memcachedLines = [...]string{"STORED", "NOT_STORED", "EXISTS", "NOT_FOUND", "DELETED", "TOUCHED", "OK", "RESET", "ERROR", "CLIENT_ERROR", "SERVER_ERROR", "VERSION",
	"BUSY", "BADCLASS", "NOSPARE", "NOTFULL", "UNSAFE", "SAME", "VALUE", "END", "STAT", "ITEM", "HD", "VA", "EN", "NS", "EX", "NF", "MN", "ME"}

func isMemcachedLine(word []byte) bool {
	for _, known := range memcachedLines {
		if string(word) == known {
			return true
		}
	}
	return isNumber(word) // of incr
}

// isMemcachedBeginning reports whether bytes without a line's end may be the beginning of one.
func isMemcachedBeginning(data []byte) bool {
	word, _, cut := bytes.Cut(bytes.TrimSuffix(data, []byte("\r")), []byte(" "))
	if cut {
		return isMemcachedLine(word)
	}
	for _, known := range memcachedLines {
		if len(word) <= len(known) && string(word) == known[:len(word)] {
			return true
		}
	}
	return isNumber(word)
}

func isMemcachedError(line []byte) bool {
	return bytes.Equal(line, []byte("ERROR")) || bytes.HasPrefix(line, []byte("CLIENT_ERROR")) || bytes.HasPrefix(line, []byte("SERVER_ERROR"))
}

// outcome reads success or failure. That a key is not there, or is already, is no error.
func (p *memcachedSaid) outcome(f *Fields) {
	if f.Status.Error() {
		return
	}
	f.Status = span.StatusOK
	switch {
	case p.text == nil:
		if status := memcachedStatuses[p.code]; status.message != "" {
			f.Status, f.Code, f.StatusMessage = status.status, int32(p.code), status.message
		}
	case !isMemcachedError(p.text):
	case bytes.HasPrefix(p.text, []byte("SERVER_ERROR")):
		f.Status, f.StatusMessage = span.StatusServerError, textOf(p.text[:min(len(p.text), 512)])
	default:
		f.Status, f.StatusMessage = span.StatusClientError, textOf(p.text[:min(len(p.text), 512)])
	}
}

// memcachedStatuses are the errors of the binary protocol (protocol_binary.h).
var memcachedStatuses = map[uint16]struct {
	status  span.Status
	message string
}{
	0x03: {span.StatusClientError, "Too large."}, 0x04: {span.StatusClientError, "Invalid arguments"}, 0x06: {span.StatusClientError, "Non-numeric server-side value for incr or decr"},
	0x08: {span.StatusClientError, "Authentication error"}, 0x20: {span.StatusClientError, "Auth failure."}, 0x81: {span.StatusClientError, "Unknown command"},
	0x82: {span.StatusServerError, "Out of memory"}, 0x83: {span.StatusClientError, "Not supported"}, 0x84: {span.StatusServerError, "Internal error"},
	0x85: {span.StatusServerError, "Busy"}, 0x86: {span.StatusServerError, "Temporary failure"},
}
