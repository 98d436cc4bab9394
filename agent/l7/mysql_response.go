package l7

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
