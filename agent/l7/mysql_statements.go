package l7

// lastPrepared is the id by which MariaDB's clients execute a statement before they have
// been told its own.
const lastPrepared = 0xffffffff

// mysqlStatements are the texts of a connection's prepared statements.
type mysqlStatements struct {
	statements[uint32]
	asked string // the text last sent to be prepared
}

// Text is a statement's text, "" if its preparation was not seen or is forgotten.
func (m *mysqlStatements) Text(id uint32) string {
	if id == lastPrepared {
		return m.asked
	}
	return m.statements.Text(id)
}

// Kept is about how many bytes of memory the dialogue keeps for statements.
func (d *mysqlDialogue) Kept() int { return d.statements.kept() + len(d.statements.asked) }
