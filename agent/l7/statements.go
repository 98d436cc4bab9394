package l7

// Bounds of the prepared statements remembered for a connection: how many, and bytes of
// their text. The one unused for longest is forgotten.
const (
	maxStatements     = 256
	maxStatementBytes = 256 << 10
)

// statements are the texts of a connection's prepared statements, by the id or name that the protocol has for them.
type statements[ID comparable] struct {
	byID  map[ID]*statement
	bytes int
	clock uint64
	free  *statement // whose room the next one takes
}

type statement struct {
	text string
	used uint64
}

// statementBytes is what a statement takes beside its text.
const statementBytes = 64

// kept is about how many bytes of memory they take.
func (m *statements[ID]) kept() int { return m.bytes + len(m.byID)*statementBytes }

// Text is a statement's text, "" if its preparation was not seen or is forgotten.
func (m *statements[ID]) Text(id ID) string {
	s := m.byID[id]
	if s == nil {
		return ""
	}
	m.clock++
	s.used = m.clock
	return s.text
}

// Prepared remembers the text of a statement.
func (m *statements[ID]) Prepared(id ID, text string) {
	if m.byID == nil {
		m.byID = map[ID]*statement{}
	}
	m.clock++
	if s := m.byID[id]; s != nil {
		m.bytes += len(text) - len(s.text)
		s.text, s.used = text, m.clock
	} else {
		m.bytes += len(text)
		s := m.free
		if m.free = nil; s == nil {
			s = new(statement)
		}
		*s = statement{text, m.clock}
		m.byID[id] = s
	}
	for len(m.byID) > maxStatements || m.bytes > maxStatementBytes {
		oldest := id
		for other, s := range m.byID {
			if s.used < m.byID[oldest].used {
				oldest = other
			}
		}
		m.Close(oldest)
	}
}

// Close forgets a statement.
func (m *statements[ID]) Close(id ID) {
	if s := m.byID[id]; s != nil {
		m.bytes -= len(s.text)
		delete(m.byID, id)
		s.text, m.free = "", s
	}
}
