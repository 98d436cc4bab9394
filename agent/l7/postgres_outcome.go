package l7

import (
	"bytes"
	"math"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// completed reads a CommandComplete: "SELECT 3", "INSERT 0 1", "COMMIT".
func (a *postgresAnswer) completed(content []byte) {
	tag, _, _ := cutString(content)
	verb, number, _ := bytes.Cut(tag, []byte(" "))
	switch n, ok := decimal(number); {
	case ok && (string(verb) == "SELECT" || string(verb) == "FETCH" || a.copyOut && string(verb) == "COPY"):
		a.returned, a.returns = a.returned+n, true
	case a.rows > 0: // SHOW, EXPLAIN, RETURNING
		a.returned, a.returns = a.returned+a.rows, true
	}
	a.rows = 0
}

// tell notes at its end what the answer came to.
func (d *postgresDialogue) tell(f *Fields) {
	a := &d.answer
	if f == nil || !a.returns || a.partial || f.Status.Error() || f.Endpoint == "CREATE" {
		return
	}
	usual := a.returned < fewRows && slices.Equal(f.Attributes, d.database) // else the request says more of itself
	if usual && d.fewRows[a.returned] != nil {
		f.Attributes = d.fewRows[a.returned]
		return
	}
	f.attributes(span.Attribute{Key: "db.response.returned_rows", Value: numberText(a.returned), Type: span.AttributeInt})
	if usual {
		d.fewRows[a.returned] = f.Attributes
	}
}

// postgresError reads an ErrorResponse: fields of a letter and text.
func postgresError(content []byte, f *Fields) {
	if f == nil {
		return
	}
	f.Status = span.StatusServerError
	var state []byte
	for len(content) > 1 && content[0] != 0 {
		text, rest, _ := cutString(content[1:])
		switch content[0] {
		case 'C':
			state = text
		case 'M':
			f.StatusMessage = textOf(text)
		}
		content = rest
	}
	if len(state) == 0 {
		return
	}
	if !postgresServerFault(state) {
		f.Status = span.StatusClientError
	}
	f.Code = 0
	if n, ok := decimal(state); ok && n <= math.MaxInt32 {
		f.Code = int32(n)
	}
	f.attributes(span.Attribute{Key: "db.response.status_code", Value: textOf(state), Type: span.AttributeString})
}

// postgresServerFault reports whether an error is the server's, by the class of its SQLSTATE ("PostgreSQL Error
// Codes" in its documentation): connections, deadlocks and what cannot be serialized, resources, locks, operators,
// disks, and faults of its own.
func postgresServerFault(state []byte) bool {
	switch string(state[:min(2, len(state))]) {
	case "08", "40", "53", "54", "57", "58", "F0", "XX":
		return true
	}
	return string(state) == "55P03" // a lock that was not to be had
}
