package l7

import "github.com/throughline-io/throughline/pkg/span"

// A result set is a column count, definitions, rows, and what ends them; several may follow one
// another.

// packet follows the packets of a response; true: this is the last one.
func (d *mysqlDialogue) packet(p []byte, n int, atEnd bool, f *Fields) bool {
	r := &d.response
	if isProgress(p) {
		return false
	}
	switch r.stage {
	case mysqlFirst:
		return d.first(p, n, atEnd, f)
	case mysqlDefs:
		if p[0] == mysqlERR {
			d.outcome(p, f)
			return true
		}
		if r.defs--; r.defs == 0 {
			r.stage = mysqlAfter
		}
		return false
	case mysqlAfter:
		r.stage = mysqlRows
		if p[0] == mysqlEOF && n == 5 && !d.withoutEOF() {
			return len(p) == 5 && status16(p[3:])&mysqlCursor != 0 // the rows are fetched by commands of their own
		}
		return d.row(p, n, f)
	case mysqlRows:
		return d.row(p, n, f)
	case mysqlPrepDefs:
		if r.defs--; r.defs > 0 {
			return false
		}
		return d.definitionsEnd(atEnd)
	case mysqlPrepEOF:
		if p[0] == mysqlEOF && n == 5 {
			return d.nextDefinitions()
		}
		// No EOF came between the blocks: this is already the next one's first packet.
		if d.nextDefinitions() {
			return true
		}
		return d.packet(p, n, atEnd, f)
	}
	return true
}

// first looks at a response's first packet.
func (d *mysqlDialogue) first(p []byte, n int, atEnd bool, f *Fields) bool {
	r := &d.response
	d.infile = false
	if f.Status == span.StatusUnknown || p[0] == mysqlERR && !f.Status.Error() {
		d.outcome(p, f) // of a later result, or behind a report of progress
	}
	if p[0] == mysqlERR {
		return true
	}
	switch f.Type {
	case mysqlCommands[comStatistics]:
		return true
	case mysqlCommands[comFieldList], mysqlCommands[comStmtFetch]:
		r.stage = mysqlRows
		return d.row(p, n, f)
	case mysqlCommands[comStmtPrepare]:
		return d.preparedOK(p, atEnd, f)
	case mysqlCommands[comChangeUser]:
		return p[0] == mysqlOK // else more of the authentication
	case mysqlCommands[comBinlogDump], mysqlCommands[comTableDump], mysqlCommands[comBinlogDumpGTID]:
		r.stage = mysqlRows // events, for ever
		return false
	}
	switch {
	case p[0] == mysqlOK && !d.undescribed(p, n):
		return !moreAfterOK(p)
	case p[0] == mysqlEOF:
		return true
	case p[0] == mysqlInfile:
		d.infile = true
		return false
	}
	described := true
	if d.knowCaps && d.capabilities&mysqlOptionalMetadata != 0 && len(p) > 1 {
		described, p, n = p[0] != 0, p[1:], n-1
	}
	count, w := lengthEncoded(p)
	if w == 0 || count == 0 {
		return true
	}
	r.stage, r.defs = mysqlDefs, count
	if !described {
		r.stage, r.defs = mysqlAfter, 0
	}
	if n == w+1 && len(p) > w && p[w] == 0 { // MariaDB: the client knows the columns already
		r.stage, r.defs = mysqlAfter, 0
	}
	return false
}

// undescribed tells a result without descriptions of its columns from an OK packet: it is
// shorter.
func (d *mysqlDialogue) undescribed(p []byte, n int) bool {
	if !d.knowCaps || d.capabilities&mysqlOptionalMetadata == 0 || len(p) < 2 {
		return false
	}
	_, w := lengthEncoded(p[1:])
	return n == 1+w
}

// row looks at a packet among rows; true: it ends the response.
func (d *mysqlDialogue) row(p []byte, n int, f *Fields) bool {
	switch {
	case p[0] == mysqlERR:
		d.outcome(p, f)
		return true
	case p[0] != mysqlEOF || n == mysqlMaxPacket:
		return false
	}
	more := false
	if n == 5 {
		more = len(p) == 5 && status16(p[3:])&mysqlMoreResults != 0
	} else {
		more = moreAfterOK(p)
	}
	if more {
		d.response.stage = mysqlFirst
	}
	return !more
}

// moreAfterOK reports whether an OK packet announces another result.
func moreAfterOK(p []byte) bool {
	at := 1
	for range 2 { // affected rows, last insert id
		_, w := lengthEncoded(p[min(at, len(p)):])
		if w == 0 {
			return false
		}
		at += w
	}
	return len(p) >= at+2 && status16(p[at:])&mysqlMoreResults != 0
}
