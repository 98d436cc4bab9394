package l7

import (
	"strings"

	"github.com/throughline-io/throughline/agent/tracecontext"
)

// query reads a simple query.
func (d *postgresDialogue) query(content []byte, f *Fields) {
	text, _, _ := cutString(content)
	f.Type = "Query"
	t := d.texts.of(text)
	t.say(f)
	d.request.copyIn = t.copyIn
	d.request.shown = t.text
}

// part reads one of the messages that ask for a statement to be parsed, bound, described and executed.
func (d *postgresDialogue) part(m postgresMessage, data []byte, f *Fields) {
	r, content := &d.request, m.content(data)
	switch m.kind {
	case 'P':
		name, rest, ok := cutString(content)
		if !ok || len(name) > postgresName {
			break
		}
		text, _, _ := cutString(rest)
		t := d.texts.of(text)
		d.statements.Prepared(textOf(name), t.text)
		r.text, r.parsed = t.text, postgresHeader+len("S")+len(name)+1
		if f.Type == "" {
			f.Type = "Parse"
			t.say(f)
			r.shown = t.text
		}
		if t.context != (tracecontext.Context{}) && f.TraceID.IsZero() {
			f.setContext(t.context)
		}
	case 'B':
		portal, rest, ok := cutString(content)
		if !ok || len(portal) > postgresName {
			break
		}
		name, _, _ := cutString(rest)
		r.text = d.statements.Text(string(name))
		d.portals.Prepared(textOf(portal), r.text)
		d.asks("Execute", f) // which nearly always follows
	case 'D':
		if len(content) < 2 {
			break
		}
		of := &d.statements
		if content[0] == 'P' {
			of = &d.portals
		}
		name, _, _ := cutString(content[1:])
		if f.Type == "" {
			r.text = of.Text(string(name))
		}
		d.asks("Describe", f)
	case 'E':
		portal, _, _ := cutString(content)
		r.text = d.portals.Text(string(portal))
		r.executed++
		d.asks("Execute", f)
		f.Type = "Execute"
		d.another(f)
	case 'C':
		d.closes(content)
	}
	r.answers++
}

// asks notes what a request asks for that begins with a message of a type.
func (d *postgresDialogue) asks(typ string, f *Fields) {
	if f.Type != "" {
		return
	}
	f.Type = typ
	t := d.texts.ofString(d.request.text)
	t.say(f)
	d.request.shown = t.text
	if f.Endpoint == "" { // its text is not known
		f.Endpoint = typ
	}
}

// another notes a statement that is executed: of several all that differ are shown.
func (d *postgresDialogue) another(f *Fields) {
	r := &d.request
	t := d.texts.ofString(r.text)
	r.copyIn = t.copyIn
	if r.text == r.shown || r.text == "" {
		return
	}
	r.shown = r.text
	if f.Resource == "" || r.executed == 1 {
		f.Resource = r.text
	} else if len(f.Resource)+len(r.text)+2 <= postgresText {
		f.Resource += "; " + r.text
	}
	if f.Endpoint == "Execute" || r.executed == 1 || beginsTransaction(f.Endpoint) {
		f.Endpoint = t.verb
	}
}

func beginsTransaction(verb string) bool {
	return verb == "BEGIN" || verb == "START" || verb == "SAVEPOINT"
}

// closes forgets a statement or a portal.
func (d *postgresDialogue) closes(content []byte) {
	if len(content) < 2 {
		return
	}
	name, _, _ := cutString(content[1:])
	if content[0] == 'P' {
		d.portals.Close(string(name))
	} else {
		d.statements.Close(string(name))
	}
}

// postgresTexts are the statements' texts that were read last, so that what is asked again and again is read once.
type postgresTexts struct {
	list [8]postgresStatement
	next int
}

// longestKept bounds them; longer ones are read each time.
const longestKept = 1024

// postgresStatement is what a statement's text says.
type postgresStatement struct {
	sent    string // as it was sent
	text    string // without the comment that carries the context
	verb    string
	context tracecontext.Context
	copyIn  bool // the client sends rows behind it
}

func (t *postgresTexts) kept() (n int) {
	for i := range t.list {
		n += len(t.list[i].sent)
	}
	return n
}

func (t *postgresTexts) of(sent []byte) *postgresStatement {
	for i := range t.list {
		if t.list[i].sent == string(sent) {
			return &t.list[i]
		}
	}
	return t.enter(textOf(sent))
}

func (t *postgresTexts) ofString(sent string) *postgresStatement {
	for i := range t.list {
		if t.list[i].sent == sent {
			return &t.list[i]
		}
	}
	return t.enter(sent)
}

func (t *postgresTexts) enter(sent string) *postgresStatement {
	s := &postgresStatement{}
	if len(sent) <= longestKept {
		s = &t.list[t.next]
		t.next = (t.next + 1) % len(t.list)
	}
	*s = postgresStatement{sent: sent, text: sent}
	if c, without, ok := tracecontext.SQL(sent); ok {
		s.text, s.context = without, c
	}
	s.verb = Verb(s.text)
	s.copyIn = s.verb == "COPY" && copiesIn(s.text)
	return s
}

// say fills in what the statement says.
func (s *postgresStatement) say(f *Fields) {
	f.Resource, f.Endpoint = s.text, s.verb
	f.setContext(s.context)
}

// copiesIn reports whether a COPY reads what the client sends: COPY t (a, b) FROM STDIN.
func copiesIn(text string) bool {
	for i := len("COPY"); i < len(text); i++ {
		if text[i]|0x20 != 'f' || len(text) < i+4 || !strings.EqualFold(text[i:i+4], "FROM") || !endsWord(text[i-1]) {
			continue
		}
		if from := strings.TrimLeft(text[i+4:], " \t\r\n"); len(from) >= 5 && strings.EqualFold(from[:5], "STDIN") {
			return true
		}
	}
	return false
}

func endsWord(c byte) bool {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ')' || c == '"'
}
