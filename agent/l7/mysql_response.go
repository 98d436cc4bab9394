package l7

import "github.com/throughline-io/throughline/pkg/span"

// mysqlResponse is where in a response the next packet lies.
type mysqlResponse struct {
	begun   bool
	ended   bool
	stage   mysqlStage
	left    uint64 // of the packet whose kind is known
	defs    uint64 // column or parameter definitions to come
	columns uint64 // of a prepared statement, after its parameters
	goesOn  bool   // the packet's payload goes on in the next one
	nextID  byte   // sequence id of the next packet
	aside   bool
	lostWay bool // where the next packet begins is not known
}

type mysqlStage uint8

const (
	mysqlFirst    mysqlStage = iota // OK, ERR, or a result set's column count
	mysqlDefs                       // definitions
	mysqlAfter                      // an EOF where the login did not do without, or the first row
	mysqlRows                       // rows, until EOF, OK or ERR
	mysqlPrepDefs                   // definitions of a prepared statement
	mysqlPrepEOF                    // an EOF after them
)

// First bytes of a server's packet.
const (
	mysqlOK     = 0x00
	mysqlInfile = 0xfb
	mysqlEOF    = 0xfe
	mysqlERR    = 0xff
)

// Server status flags.
const (
	mysqlMoreResults = 0x0008
	mysqlCursor      = 0x0040
)

func (d *mysqlDialogue) Response(data []byte, missing int, x Exchanges) Step {
	f := x.Open(0) // nil: greeting and login
	r := &d.response
	if r.lostWay {
		return Step{State: Open}
	}
	if r.left > 0 {
		return r.pass()
	}
	if len(data) < mysqlHeader+1 {
		if missing > 0 {
			return r.lost()
		}
		return Step{State: More}
	}
	n := int(data[0]) | int(data[1])<<8 | int(data[2])<<16
	if r.goesOn { // the rest of a payload of 16 MiB and more
		r.left, r.goesOn = uint64(mysqlHeader+n), n == mysqlMaxPacket
		r.nextID = data[3] + 1
		return r.pass()
	}
	if n == 0 {
		return r.lost()
	}
	if !r.begun && f != nil && !answersRequest(data[3], f) {
		return Step{State: Bad} // not the first packet of an answer
	}
	if r.begun && data[3] != r.nextID && !d.infile && f != nil && f.Type != mysqlCommands[comChangeUser] {
		return r.lost()
	}
	// What the first packet says is in its beginning; of the others one byte is enough, or
	// the few of the packet that ends a result.
	want := mysqlHeader + 1
	if r.stage == mysqlFirst {
		want = mysqlHeader + min(n, 512)
	} else if data[4] == mysqlEOF || data[4] == mysqlERR {
		want = mysqlHeader + min(n, 64)
	}
	if len(data) < want && missing == 0 {
		return Step{State: More}
	}
	payload := data[mysqlHeader:min(len(data), mysqlHeader+n)]
	if !r.begun {
		if f != nil && !d.undescribed(payload, n) && !plausibleAnswer(payload, n, f.Type) {
			return Step{State: Bad}
		}
		r.begun, r.aside, r.nextID = true, f == nil, data[3]
		if f == nil { // greeting, or the answer to a login
			if data[3] == 0 {
				d.greeting(payload)
			}
			return Step{State: Head, Role: Aside}
		}
		d.outcome(payload, f)
		return Step{State: Head}
	}
	r.nextID = data[3] + 1
	r.left, r.goesOn = uint64(mysqlHeader+n), n == mysqlMaxPacket
	atEnd := missing == 0 && len(data) == mysqlHeader+n
	if r.aside {
		r.ended = true
	} else {
		r.ended = d.packet(payload, n, atEnd, f)
	}
	return r.pass()
}

// answersRequest reports whether an answer to f may begin with a packet of sequence id id: it
// goes on counting where the request's packets ended. A server may answer before it has read
// all of them.
func answersRequest(id byte, f *Fields) bool {
	switch f.Expect {
	case 0:
		return id == 1
	case mysqlUnfinished:
		return true
	}
	return uint32(id) == f.Expect
}

// plausibleAnswer tells the first packet of an answer from what only looks like one, where
// the stream is picked up in its middle.
func plausibleAnswer(p []byte, n int, command string) bool {
	switch command {
	case mysqlCommands[comStatistics], mysqlCommands[comFieldList], mysqlCommands[comStmtFetch], mysqlCommands[comChangeUser]:
		return true
	}
	switch p[0] {
	case mysqlOK:
		return n >= 7 && n < 1<<16
	case mysqlERR:
		return n >= 3 && n < 1<<16
	case mysqlEOF:
		return n == 5
	case mysqlInfile:
		return n > 1
	}
	_, width := lengthEncoded(p)
	return width > 0 && (n == width || n == width+1)
}

// pass steps over the packet that was looked at.
func (r *mysqlResponse) pass() Step {
	n := r.left
	r.left = 0
	if r.ended && !r.goesOn {
		*r = mysqlResponse{}
		return Step{State: End, Advance: n}
	}
	return Step{State: Body, Advance: n}
}

// lost goes on without knowing where the next packet begins; or there was none.
func (r *mysqlResponse) lost() Step {
	if !r.begun {
		return Step{State: Bad}
	}
	r.lostWay = true
	return Step{State: Open}
}

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

// preparedOK reads the answer to a COM_STMT_PREPARE.
func (d *mysqlDialogue) preparedOK(p []byte, atEnd bool, f *Fields) bool {
	if p[0] != mysqlOK || len(p) < 9 {
		return true
	}
	d.statements.Prepared(statementID(p[1:]), f.Resource)
	r := &d.response
	r.columns = uint64(status16(p[5:]))
	r.defs = uint64(status16(p[7:]))
	if r.defs == 0 {
		r.defs, r.columns = r.columns, 0
	}
	r.stage = mysqlPrepDefs
	return r.defs == 0
}

// definitionsEnd: a block of definitions is complete. Whether an EOF follows is known by
// the login, else by whether anything follows.
func (d *mysqlDialogue) definitionsEnd(atEnd bool) bool {
	switch {
	case d.withoutEOF(), !d.knowCaps && d.response.columns == 0 && atEnd:
		return d.nextDefinitions()
	}
	d.response.stage = mysqlPrepEOF
	return false
}

func (d *mysqlDialogue) nextDefinitions() bool {
	r := &d.response
	r.defs, r.columns = r.columns, 0
	r.stage = mysqlPrepDefs
	return r.defs == 0
}

// isProgress reports whether a packet is MariaDB's report of how far a statement came: it
// looks like an error, and the answer is still to come.
func isProgress(p []byte) bool {
	return len(p) >= 3 && p[0] == mysqlERR && p[1] == 0xff && p[2] == 0xff
}

// outcome reads success or error from a response's packet.
func (d *mysqlDialogue) outcome(p []byte, f *Fields) {
	if isProgress(p) {
		return
	}
	if p[0] != mysqlERR {
		f.Status = span.StatusOK
		return
	}
	f.Status = span.StatusServerError
	if len(p) < 3 {
		return
	}
	f.Code = int32(status16(p[1:]))
	if !mysqlServerFault(f.Code) {
		f.Status = span.StatusClientError
	}
	text := p[3:]
	if len(text) >= 6 && text[0] == '#' { // SQL state
		text = text[6:]
	}
	f.StatusMessage = string(text)
}

// mysqlServerFault reports whether an error is the server's: resources, locks, the disk.
func mysqlServerFault(code int32) bool {
	switch code {
	case 1021, 1030, 1037, 1038, 1040, 1041, 1053, 1077, 1105, 1114, 1119, 1135, 1180, 1181, 1194, 1195, 1203, 1205, 1206, 1213, 1290, 1317, 1836:
		return true
	}
	return false
}

func status16(p []byte) uint16 { return uint16(p[0]) | uint16(p[1])<<8 }

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

// lengthEncoded reads a length-encoded integer and its width; 0: there is none.
func lengthEncoded(p []byte) (v uint64, width int) {
	if len(p) == 0 {
		return 0, 0
	}
	width = 1
	switch p[0] {
	case 0xfb, 0xff:
		return 0, 0
	case 0xfc:
		width = 3
	case 0xfd:
		width = 4
	case 0xfe:
		width = 9
	default:
		return uint64(p[0]), 1
	}
	if len(p) < width {
		return 0, 0
	}
	for i := width - 1; i > 0; i-- {
		v = v<<8 | uint64(p[i])
	}
	return v, width
}
