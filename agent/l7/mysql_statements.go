package l7

// Bounds of the prepared statements remembered for a connection: how many, and bytes of
// their text. The one unused for longest is forgotten.
const (
	maxStatements     = 256
	maxStatementBytes = 256 << 10
)

// lastPrepared is the id by which MariaDB's clients execute a statement before they have
// been told its own.
const lastPrepared = 0xffffffff

// mysqlStatements are the texts of a connection's prepared statements.
type mysqlStatements struct {
	byID  map[uint32]*mysqlStatement
	bytes int
	clock uint64
	asked string // the text last sent to be prepared
}

type mysqlStatement struct {
	text string
	used uint64
}

// Text is a statement's text, "" if its preparation was not seen or is forgotten.
func (m *mysqlStatements) Text(id uint32) string {
	if id == lastPrepared {
		return m.asked
	}
	s := m.byID[id]
	if s == nil {
		return ""
	}
	m.clock++
	s.used = m.clock
	return s.text
}

// Prepared remembers the text of a statement the server gave an id.
func (m *mysqlStatements) Prepared(id uint32, text string) {
	m.Close(id)
	if m.byID == nil {
		m.byID = map[uint32]*mysqlStatement{}
	}
	m.clock++
	m.byID[id] = &mysqlStatement{text, m.clock}
	m.bytes += len(text)
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
func (m *mysqlStatements) Close(id uint32) {
	if s := m.byID[id]; s != nil {
		m.bytes -= len(s.text)
		delete(m.byID, id)
	}
}

// statementBytes is what a statement takes beside its text.
const statementBytes = 64

// Kept is about how many bytes of memory the dialogue keeps for statements.
func (d *mysqlDialogue) Kept() int {
	return d.statements.bytes + len(d.statements.byID)*statementBytes + len(d.statements.asked)
}
