package l7

import (
	"bytes"
	"encoding/binary"
	"strconv"

	"github.com/throughline-io/throughline/pkg/span"
)

const (
	fcgiMaxLine = 1024 // of an answer's header; a longer one is not read
	fcgiMaxSaid = 1024 // of the error stream
)

// fcgiAnswer is what is read of an answer: a header as CGI's (RFC 3875, 6), and the error stream.
type fcgiAnswer struct {
	begun   bool
	headed  bool   // the header is complete, or lost
	line    []byte // of it, that is not complete
	tooLong bool   // the line
	code    int32
	reason  string
	moved   bool   // it has a Location
	said    []byte // on the error stream
}

// stdout takes more of the header.
func (a *fcgiAnswer) stdout(data []byte, missing int, f *Fields) {
	for len(data) > 0 && !a.headed {
		i := bytes.IndexByte(data, '\n')
		if i < 0 {
			if a.tooLong = a.tooLong || len(a.line)+len(data) > fcgiMaxLine; !a.tooLong {
				a.line = append(a.line, data...)
			}
			break
		}
		line := data[:i]
		if len(a.line) > 0 {
			a.line = append(a.line, line[:min(len(line), fcgiMaxLine)]...)
			line = a.line
		}
		if !a.tooLong {
			a.field(bytes.TrimSuffix(line, []byte("\r")), f)
		}
		a.line, a.tooLong, data = a.line[:0], false, data[i+1:]
	}
	if a.headed = a.headed || missing > 0; a.headed {
		a.line = a.line[:0]
		a.tell(f)
	}
}

// field takes a line of the header; the empty one ends it.
func (a *fcgiAnswer) field(line []byte, f *Fields) {
	if len(line) == 0 {
		a.headed = true
		return
	}
	name, value, ok := bytes.Cut(line, []byte(":"))
	if !ok {
		return
	}
	value = trimBlanks(value)
	is := func(lower string) bool { return len(name) == len(lower) && foldEqual(name, lower) }
	switch {
	case is("status"):
		text, reason, _ := bytes.Cut(value, []byte(" "))
		if n, err := strconv.ParseUint(string(text), 10, 16); err == nil && n >= 100 && n < 1000 {
			a.code, a.reason = int32(n), textOf(reason)
		}
	case is("location"):
		a.moved = true
	case is("x-request-id") && f != nil:
		f.XResponseID = textOf(value)
	}
}

func (a *fcgiAnswer) stderr(data []byte) {
	a.said = append(a.said, data[:min(len(data), fcgiMaxSaid-len(a.said))]...)
}

// protocolFaults are the values of an answer's protocol status behind 0.
var protocolFaults = [...]string{1: "the application takes one request at a time", 2: "the application is overloaded", 3: "the application does not know the role"}

// tell says in a request what its answer's header says, and the error stream.
func (a *fcgiAnswer) tell(f *Fields) {
	f.Code = a.code
	switch {
	case a.code != 0:
	case a.moved:
		f.Code = 302
	case a.begun:
		f.Code = 200 // as CGI has it
	}
	f.Status = httpStatus(f.Code)
	if f.Status.Error() {
		f.StatusMessage = a.reason
	}
	if said := bytes.TrimSpace(a.said); len(said) > 0 { // also of a warning, which is no error
		f.StatusMessage = textOf(said)
	}
}

// end says what the answer came to. content is that of the record that ends it, as far as it was captured.
func (a *fcgiAnswer) end(content []byte, f *Fields) {
	var status uint32
	var fault byte
	if len(content) >= fcgiEndSize {
		status, fault = binary.BigEndian.Uint32(content), content[4]
	}
	a.tell(f)
	var room [32]byte
	switch {
	case fault != 0:
		f.Status, f.StatusMessage = span.StatusServerError, textOf(strconv.AppendUint(append(room[:0], "protocol status "...), uint64(fault), 10))
		if int(fault) < len(protocolFaults) {
			f.StatusMessage = protocolFaults[fault]
		}
	case status != 0:
		f.attributes(span.Attribute{Key: "process.exit.code", Value: numberText(uint64(status)), Type: span.AttributeInt})
		if !f.Status.Error() {
			f.Status, f.StatusMessage = span.StatusServerError, textOf(strconv.AppendUint(append(room[:0], "application status "...), uint64(status), 10))
		}
	}
}
