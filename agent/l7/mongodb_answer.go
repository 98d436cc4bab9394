package l7

import (
	"strconv"

	"github.com/throughline-io/throughline/pkg/span"
)

func (d *mongoDialogue) Response(data []byte, missing int, x Exchanges) Step {
	f, step, isHead := d.frame(1, data, missing)
	if !isHead {
		return step
	}
	switch f.operation {
	case mongoReply, mongoMessage, mongoCompressed:
	default:
		d.begun[1] = false
		return Step{State: Bad}
	}
	key, goesOn := mongoKey(f.to), false
	for i := range d.more { // an answer may be to the answer before it
		if stream := &d.more[i]; stream.key != 0 && stream.id == f.to {
			key, goesOn = stream.key, true
			*stream = mongoStream{}
		}
	}
	more := f.operation == mongoMessage && f.flags&mongoMoreToCome != 0
	step.Key = key
	switch {
	case goesOn && more:
		step.Kind = Data
	case goesOn:
		step.Kind = Ends
	case more:
		step.Kind = Begins | Headed
	}
	if more {
		d.more[d.next] = mongoStream{f.id, key}
		d.next = (d.next + 1) % len(d.more)
	}
	if s := x.Open(key); s != nil && f.operation != mongoCompressed {
		f.outcome(s)
	}
	return step
}

// mongoFailed is what an answer says that went wrong.
type mongoFailed struct {
	failed     bool
	code       int32
	name, text []byte
}

// outcome reads what came of a request.
func (f *mongoFrame) outcome(s *Fields) {
	var failed mongoFailed
	switch {
	case f.operation == mongoMessage && len(f.body) > 0 && f.body[0] == 0:
		failed.answer(f.body[1:])
	case f.operation == mongoReply && len(f.body) > 16:
		const queryFailure = 1 << 1
		failed.answer(f.body[16:])
		failed.failed = failed.failed || f.flags&queryFailure != 0
	}
	if !failed.failed {
		if s.Status != span.StatusClientError && s.Status != span.StatusServerError {
			s.Status = span.StatusOK
		}
		return
	}
	s.Code, s.Status = failed.code, span.StatusClientError
	if mongoFaults[failed.code] {
		s.Status = span.StatusServerError
	}
	s.StatusMessage = textOf(failed.text[:min(len(failed.text), mongoErrorText)])
	s.attributes(span.Attribute{Key: "db.response.status_code", Value: strconv.Itoa(int(failed.code)), Type: span.AttributeString})
	s.attributes(span.Attribute{Key: "error.type", Value: textOf(failed.name), Type: span.AttributeString})
}

// mongoErrorText is how much of an error's text is kept.
const mongoErrorText = 512

// answer reads an answer's document. Of one that is cut off what was captured tells: errors say first that they are.
func (m *mongoFailed) answer(data []byte) {
	doc := bson{data: data}
	if !doc.document() {
		return
	}
	var nested mongoFailed
	for e, ok := doc.next(); ok; e, ok = doc.next() {
		switch string(e.name) {
		case "ok":
			n, _ := e.number()
			m.failed = n == 0
		case "errmsg", "$err":
			m.text = e.value
			m.failed = m.failed || string(e.name) == "$err"
		case "code":
			n, _ := e.number()
			m.code = int32(n)
		case "codeName":
			m.name = e.value
		case "writeErrors":
			list := bson{data: e.value}
			if list.document() {
				if first, ok := list.next(); ok && first.kind == bsonDocument {
					nested.failed = true
					nested.detail(first.value)
				}
			}
		case "writeConcernError":
			if e.kind == bsonDocument && !nested.failed {
				nested.failed = true
				nested.detail(e.value)
			}
		}
	}
	if !m.failed && nested.failed {
		*m = nested
	}
}

// detail reads what an error of some of a request says.
func (m *mongoFailed) detail(data []byte) {
	doc := bson{data: data}
	if !doc.document() {
		return
	}
	for e, ok := doc.next(); ok; e, ok = doc.next() {
		switch string(e.name) {
		case "errmsg":
			m.text = e.value
		case "code":
			n, _ := e.number()
			m.code = int32(n)
		case "codeName":
			m.name = e.value
		}
	}
}

// mongoFaults are errors that are not the client's: of the server, its cluster, or their time
// (github.com/mongodb/mongo, src/mongo/base/error_codes.yml).
var mongoFaults = map[int32]bool{
	1: true, 6: true, 7: true, 8: true, 24: true, 46: true, 50: true, 64: true, 89: true, 91: true, 133: true, 134: true, 189: true, 202: true, 262: true, 402: true,
	9001: true, 10107: true, 11600: true, 11602: true, 13435: true, 13436: true, 14031: true,
}
