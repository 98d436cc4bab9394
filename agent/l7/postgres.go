package l7

import (
	"time"

	"github.com/throughline-io/throughline/agent/redact"
	"github.com/throughline-io/throughline/pkg/span"
)

// PostgreSQL is PostgreSQL's protocol 3.0 and 3.2 ("Frontend/Backend Protocol" in its documentation), not encrypted.
// A message is a letter, a length of 4 bytes that counts itself, and content; what a connection begins with has no
// letter. One request is what the server answers as one: a simple query, or what a client sends up to Sync, or
// up to Flush where it waits for that.
var PostgreSQL = Protocol{
	Name:   "PostgreSQL",
	Ports:  []uint16{5432, 6432}, // 6432: PgBouncer
	Detect: detectPostgres,
	Firsts: bytesOf(func(c byte) bool { return c == 0 || isLetter(c) || isDigit(c) }),
	Resume: resumePostgres,
	New:    func() Dialogue { return &postgresDialogue{} },
	// CancelRequest, Flush, Terminate.
	Unanswered: true,
	// A statement may take long, and its connection cannot be used for another one.
	Patience: Patience{Answer: 30 * time.Minute},
	Redact: func(f *Fields) {
		f.Resource = redact.PostgreSQL(f.Resource)
		f.StatusMessage = redact.SQLError(f.StatusMessage)
	},
}

// fewRows are what most statements return fewer of.
const fewRows = 8

// postgresText is how much of a statement is waited for and kept.
const postgresText = 4096

// postgresDialogue is the framing state of a connection.
type postgresDialogue struct {
	request     postgresRequest
	answer      postgresAnswer
	negotiating bool // TLS or GSSAPI was asked for, and is not answered
	skipping    bool // behind an error the server passes what it is asked, up to Sync

	statements statements[string] // by name; the one without a name has ""
	portals    statements[string] // what is bound to them
	texts      postgresTexts

	database []span.Attribute          // db.namespace, of every request; nil: the login was not seen
	fewRows  [fewRows][]span.Attribute // and how many rows it has returned: made once
}

// Kept is about how many bytes of memory the dialogue keeps.
func (d *postgresDialogue) Kept() int {
	return d.statements.kept() + d.portals.kept() + d.texts.kept()
}

func (d *postgresDialogue) Reset(request bool) {
	if !request {
		d.answer = postgresAnswer{}
		return
	}
	if d.request.begun { // what has no name may have been another one's since
		d.statements.Close("")
		d.portals.Close("")
	}
	d.request = postgresRequest{}
}

// A request's Fields.Expect says by what its answer ends.
const (
	postgresAsked = 1 << 31 // the request is complete; else its answer ends with ReadyForQuery
	postgresFlush = 1 << 30 // it ends with Flush: as many messages answer it as the rest of the number says
	postgresLost  = 1 << 29 // its end was not captured, and it may be Flush

	postgresMaxAnswers = 1 << 20
)

// postgresRequest is where in its request the client is.
type postgresRequest struct {
	begun   bool
	left    uint64 // of the message whose header was read
	last    bool   // it is the request's last one
	lost    bool   // where the next message begins was not captured
	copyIn  bool   // the statement is followed by what it copies
	copying bool   // and that has begun, or may
	simple  bool   // else it ends with Sync, also behind what it copies

	executed int    // statements
	parsed   int    // bytes of a Describe of the statement that was parsed last
	answers  uint32 // that a server gives before it is asked to
	text     string // of the statement that was bound last
	shown    string // of the one that was noted last
}

func (d *postgresDialogue) Request(data []byte, missing int, x Exchanges) Step {
	r := &d.request
	if r.begun {
		return d.requestRest(data, missing, x.Begun())
	}
	if len(data) > 0 && data[0] == 0 {
		return d.startup(data, missing, x)
	}
	m, state := readPostgres(data, missing, fromFrontend)
	if state != Head {
		return Step{State: state}
	}
	if len(data) < m.want() && missing == 0 {
		return Step{State: More}
	}
	step := Step{State: Head}
	f := x.Begun()
	switch m.kind {
	case 'Q', 'F':
		r.simple, r.last = true, true
		d.describe(f)
		f.Expect = postgresAsked
		f.Type, f.Endpoint = "FunctionCall", "FunctionCall"
		if m.kind == 'Q' {
			d.query(m.content(data), f)
			if f.Endpoint == "" && m.whole(data) { // "-- ping" and ";" are how pools ask whether a connection lives
				step.Role = Silent
			}
		}
		if r.last = !r.copyIn; !r.last {
			r.copying = true
		}
	case 'P', 'B', 'D', 'E':
		d.describe(f)
		d.part(m, data, f)
	case 'S':
		d.describe(f)
		f.Type, f.Endpoint, f.Expect = "Sync", "Sync", postgresAsked
		step.Role, r.last = Silent, true
	case 'H', 'X':
		step.Role, r.last = Dismissed, true
	default: // passwords, what is copied, and what is closed
		if m.kind == 'C' {
			d.closes(m.content(data))
		}
		step.Role, r.last = Aside, true
	}
	r.begun, r.left = true, m.size()
	return step
}

// describe notes what every request says.
func (d *postgresDialogue) describe(f *Fields) {
	f.Protocol, f.Attributes = PostgreSQL.Name, d.database
}

// requestRest passes the message that was looked at, or looks at the next one of the request.
func (d *postgresDialogue) requestRest(data []byte, missing int, f *Fields) Step {
	r := &d.request
	switch {
	case r.left > 0:
		n := r.left
		r.left = 0
		if r.last {
			d.request = postgresRequest{}
			return Step{State: End, Advance: n}
		}
		return Step{State: Body, Advance: n}
	case r.lost:
		return Step{State: Open}
	}
	m, state := readPostgres(data, missing, fromFrontend)
	switch {
	case state == More:
		return Step{State: More}
	case state == Bad && missing > 0 && len(data) < postgresHeader, state == Bad && !r.copying:
		r.lose(len(data)+missing, f)
		return Step{State: Open}
	case state == Bad, !r.goesOn(m.kind):
		return d.endRequest(f)
	case len(data) < m.want() && missing == 0:
		return Step{State: More}
	}
	switch m.kind {
	case 'S':
		if r.last = !r.copyIn; !r.last {
			r.copyIn, r.copying = false, true // what is copied comes behind, and then the Sync that counts
		}
		r.complete(postgresAsked, f)
	case 'H':
		if r.last = !r.copyIn && !r.copying && r.answers > 0; r.last {
			r.complete(postgresAsked|postgresFlush|min(r.answers, postgresMaxAnswers), f)
		}
	case 'd', 'c', 'f':
		r.copyIn, r.copying = false, true
		r.last = m.kind != 'd' && r.simple
	default:
		d.part(m, data, f)
	}
	r.left = m.size()
	return d.requestRest(data, missing, f)
}

// lose notes that what follows of a request was not captured: so many bytes of its segment.
func (r *postgresRequest) lose(behind int, f *Fields) {
	r.lost = true
	switch {
	case f.Type != "Parse":
	case behind == postgresHeader || behind == r.parsed+postgresHeader: // Sync or Flush, perhaps behind Describe
		f.Expect = postgresLost
	default:
		f.Type = "Execute"
	}
}

// goesOn reports whether a message of a kind goes on with a request.
func (r *postgresRequest) goesOn(kind byte) bool {
	switch kind {
	case 'd', 'c', 'f':
		return r.copyIn || r.copying
	case 'S', 'H':
		return !r.simple
	case 'P', 'B', 'D', 'E', 'C':
		return !r.simple && !r.copying
	}
	return false
}

// endRequest ends the request in front of a message of another one.
func (d *postgresDialogue) endRequest(f *Fields) Step {
	d.request.complete(postgresAsked, f)
	d.request = postgresRequest{}
	return Step{State: End}
}

// complete notes by what the answer ends, and of how many statements it is.
func (r *postgresRequest) complete(expect uint32, f *Fields) {
	f.Expect = expect
	if r.executed > 1 {
		f.attributes(span.Attribute{Key: "db.operation.batch.size", Value: numberText(uint64(r.executed)), Type: span.AttributeInt})
	}
	r.executed = 0
}
