package l7

import (
	"github.com/throughline-io/throughline/pkg/span"
)

// Memcached is its text protocol, with the commands called meta, and the binary one (doc/protocol.txt and
// doc/protocol-binary.xml of its source). One request is what the server answers as one: a command, or those that ask for keys
// and are silent of what is not there (mg q, GETKQ) with the one behind them that is answered in any case. Answers come in the
// order of the requests.
var Memcached = Protocol{
	Name:  "Memcached",
	Ports: []uint16{11211},
	Firsts: bytesOf(func(c byte) bool {
		return c == memcachedRequest || c == memcachedResponse || c >= 'a' && c <= 's' || c == 'V' || c == 'S'
	}),
	Detect:     detectMemcached,
	Resume:     resumeMemcached,
	New:        func() Dialogue { return &memcachedDialogue{} },
	Unanswered: true, // noreply
	MaxOpen:    1024, // pipelines
}

// The limits of the server, and of what is waited for.
const (
	memcachedKey  = 250
	memcachedLine = 8192    // bytes of a command or an answer's line
	memcachedItem = 1 << 30 // bytes of a value
)

// What an answer will look like, in Fields.Expect; above it stands how many keys were asked for.
const (
	memcachedOne    = iota + 1 // a line
	memcachedValues            // values up to END
	memcachedStats             // lines up to END
	memcachedMeta              // one of the short answers
	memcachedBatch             // several up to that of the last command, which is mn or one of the binary protocol that is not silent
	memcachedAny               // several, and the last one cannot be told
	memcachedForms  = 15
	memcachedShift  = 4
)

// memcachedDialogue is the framing state of a connection.
type memcachedDialogue struct {
	asking, answering memcachedFrame

	keys [8]string // that were asked for last
	next int
}

// memcachedFrame is where in its message a side is.
type memcachedFrame struct {
	begun  bool
	more   bool // commands or values follow
	lost   bool // where it ends was not captured
	number int  // keys asked for, or values found
}

// Kept is about how many bytes of memory the dialogue keeps.
func (d *memcachedDialogue) Kept() (n int) {
	for _, key := range d.keys {
		n += len(key)
	}
	return n
}

func (d *memcachedDialogue) Reset(request bool) {
	if request {
		d.asking = memcachedFrame{}
	} else {
		d.answering = memcachedFrame{}
	}
}

// memcachedAsk is a command of either form.
type memcachedAsk struct {
	name   string
	key    []byte
	keys   int
	size   uint64 // bytes of all of it
	expect uint32
	role   Role
	batch  bool // it asks for a key, and is silent if there is none
	ends   bool // it has a known end
	binary byte // the first byte of the binary protocol, else 0
}

func (d *memcachedDialogue) Request(data []byte, missing int, x Exchanges) Step {
	r := &d.asking
	switch {
	case r.lost:
		return Step{State: Open}
	case r.begun && !r.more:
		*r = memcachedFrame{}
		return Step{State: End}
	}
	a, s := readMemcachedAsk(data, missing)
	if s == Bad && r.begun {
		r.lost = true
		return Step{State: Open}
	}
	if s != Head {
		return Step{State: s}
	}
	step := Step{State: Head, Advance: a.size, Role: a.role}
	f := x.Begun()
	if r.begun { // behind commands that are silent
		step = Step{State: Body, Advance: a.size}
		if a.role != Plain && a.role != Silent { // none that they wait with
			f.Expect = memcachedAny
			*r = memcachedFrame{}
			return Step{State: End}
		}
	} else {
		f.Protocol, f.Type, f.Endpoint = Memcached.Name, a.name, a.name
		f.Resource = d.key(a.key)
		if a.role == OneWay {
			f.Status = span.StatusOK // as far as anybody knows
		}
	}
	r.begun, r.more, r.lost = true, a.batch, !a.ends
	r.number += a.keys
	f.Expect = a.expect
	if step.State == Body && !a.batch && a.expect != memcachedBatch && a.binary == 0 {
		f.Expect = memcachedAny // how many of those before it are answered cannot be told
	}
	if r.number > 1 {
		f.Expect |= uint32(min(r.number, 1<<20)) << memcachedShift
	}
	return step
}

// key is a key as text.
func (d *memcachedDialogue) key(key []byte) string {
	for i := range d.keys {
		if d.keys[i] == string(key) {
			return d.keys[i]
		}
	}
	text := string(key)
	d.keys[d.next], d.next = text, (d.next+1)%len(d.keys)
	return text
}

// memcachedRows are those of one key that was not there, and was.
var memcachedRows = [2][]span.Attribute{
	{{Key: "db.response.returned_rows", Value: "0", Type: span.AttributeInt}},
	{{Key: "db.response.returned_rows", Value: "1", Type: span.AttributeInt}},
}

// count says how many keys were asked for, and how many there were.
func (d *memcachedDialogue) count(f *Fields, values int) {
	keys := max(int(f.Expect>>memcachedShift), 1)
	if keys == 1 && values <= 1 {
		f.Attributes = memcachedRows[values]
		return
	}
	f.attributes(span.Attribute{Key: "db.response.returned_rows", Value: numberText(uint64(values)), Type: span.AttributeInt})
	if keys > 1 {
		f.attributes(span.Attribute{Key: "db.operation.batch.size", Value: numberText(uint64(keys)), Type: span.AttributeInt})
	}
}
