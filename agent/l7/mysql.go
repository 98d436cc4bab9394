package l7

import (
	"time"

	"github.com/throughline-io/throughline/agent/redact"
)

// MySQL is the MySQL and MariaDB client protocol, not compressed and not encrypted. A
// packet is a length of 3 bytes, a sequence id and a payload; a command is a client's
// packet with sequence id 0. The greeting, the login and what follows of them are not.
var MySQL = Protocol{
	Name:   "MySQL",
	Ports:  []uint16{3306},
	Detect: detectMySQL,
	Resume: resumeMySQL,
	New:    func() Dialogue { return &mysqlDialogue{} },
	// COM_STMT_CLOSE, COM_STMT_SEND_LONG_DATA, COM_QUIT.
	Unanswered: true,
	// A statement may take long, and its connection cannot be used for another one.
	Patience: Patience{Answer: 30 * time.Minute},
	Redact: func(f *Fields) {
		f.Resource = redact.SQL(f.Resource)
		f.StatusMessage = redact.SQLError(f.StatusMessage)
	},
}

const (
	mysqlHeader    = 4
	mysqlMaxPacket = 1<<24 - 1 // a payload this long goes on in the next packet

	// mysqlText is how much of a statement is waited for and kept.
	mysqlText = 4096
)

// detectMySQL knows a server's greeting and the commands that cannot be mistaken.
func detectMySQL(data []byte) Match {
	if len(data) < mysqlHeader {
		return MatchMore
	}
	n := int(data[0]) | int(data[1])<<8 | int(data[2])<<16
	if data[3] != 0 || n == 0 {
		return MatchNone
	}
	p := data[mysqlHeader:]
	if len(p) == 0 {
		return MatchMore
	}
	switch {
	case p[0] == 10 && n > 30 && n < 512: // protocol version, then the server's version as text
		if len(p) < 3 {
			return MatchMore
		}
		if isDigit(p[1]) && (isDigit(p[2]) || p[2] == '.') {
			return MatchResponse
		}
	case (p[0] == comPing || p[0] == comQuit || p[0] == comResetConnection || p[0] == comStatistics) && n == 1 && len(p) == 1:
		return MatchRequest
	case (p[0] == comStmtClose || p[0] == comStmtReset) && n == 5 && len(p) == 5:
		return MatchRequest
	case p[0] == comStmtExecute && n >= 10:
		if len(p) < 10 {
			return MatchMore
		}
		if p[6] == 1 && p[7] == 0 && p[8] == 0 && p[9] == 0 { // the iteration count is always 1
			return MatchRequest
		}
	case (p[0] == comQuery || p[0] == comStmtPrepare) && n > 3:
		return matchSQL(p[1:min(len(p), n)], len(p) >= n)
	}
	return MatchNone
}

// resumeMySQL takes any command that fills its segment.
func resumeMySQL(data []byte, missing int) Match {
	m := detectMySQL(data)
	if m != MatchNone || len(data) < mysqlHeader+1 || data[3] != 0 || commandName(data[4]) == "" {
		return m
	}
	if n := int(data[0]) | int(data[1])<<8 | int(data[2])<<16; mysqlHeader+n == len(data)+missing {
		return MatchRequest
	}
	return MatchNone
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// mysqlDialogue is the framing state of a connection.
type mysqlDialogue struct {
	offered      uint32 // by the server
	knowOffer    bool   // the greeting was seen
	capabilities uint32
	knowCaps     bool // the login was seen
	infile       bool // the client sends a file's contents, not commands

	// The request being framed.
	requestLeft  uint64 // of the packet, after Head
	requestMore  bool   // the packet goes on in another one
	requestBegun bool

	response   mysqlResponse
	statements mysqlStatements
}

func (d *mysqlDialogue) Reset(request bool) {
	if request {
		d.requestBegun, d.requestMore = false, false
	} else {
		d.response = mysqlResponse{}
	}
}

func (d *mysqlDialogue) Request(data []byte, missing int, x Exchanges) Step {
	f := x.Begun()
	if d.requestBegun {
		return d.requestRest(data, missing, f)
	}
	if len(data) < mysqlHeader+1 {
		if missing > 0 || len(data) >= mysqlHeader && data[0] == 0 && data[1] == 0 && data[2] == 0 {
			return d.emptyPacket(data)
		}
		return Step{State: More}
	}
	n := int(data[0]) | int(data[1])<<8 | int(data[2])<<16
	if n == 0 {
		return d.emptyPacket(data)
	}
	if want := mysqlHeader + min(n, mysqlText); len(data) < want && missing == 0 {
		return Step{State: More}
	}
	payload := data[mysqlHeader:min(len(data), mysqlHeader+n, mysqlHeader+mysqlText)]
	begin := Step{State: Head}
	switch {
	case data[3] != 0 || d.infile:
		if data[3] == 1 && len(payload) >= 32 && !d.infile && f.Type == "" {
			if !d.login(payload, n) {
				return Step{State: Opaque, Role: Aside, Advance: uint64(mysqlHeader + n)}
			}
		}
		begin.Role = Aside
	case !d.knowCaps && commandName(payload[0]) == "": // after a login, a command of tomorrow
		return Step{State: Bad}
	default:
		begin.Role = d.command(payload, f)
		f.Expect = mysqlUnfinished
		if n < mysqlMaxPacket {
			f.Expect = 1
		}
	}
	d.requestBegun = true
	d.requestLeft, d.requestMore = uint64(mysqlHeader+n), n == mysqlMaxPacket
	return begin
}

// emptyPacket ends a file's contents or a payload of a multiple of 16 MiB.
func (d *mysqlDialogue) emptyPacket(data []byte) Step {
	if len(data) < mysqlHeader || data[3] == 0 && !d.infile {
		return Step{State: Bad}
	}
	d.requestBegun = true
	d.requestLeft, d.requestMore = mysqlHeader, false
	return Step{State: Head, Role: Aside}
}

// mysqlUnfinished is a request's Fields.Expect while its last packet was not seen; then it is
// the sequence id that its answer begins with.
const mysqlUnfinished = 1 << 8

func (d *mysqlDialogue) requestRest(data []byte, missing int, f *Fields) Step {
	if d.requestLeft > 0 {
		n := d.requestLeft
		d.requestLeft = 0
		if d.requestMore {
			return Step{State: Body, Advance: n}
		}
		d.requestBegun = false
		return Step{State: End, Advance: n}
	}
	if len(data) < mysqlHeader {
		if missing > 0 {
			return Step{State: Open}
		}
		return Step{State: More}
	}
	n := int(data[0]) | int(data[1])<<8 | int(data[2])<<16
	d.requestLeft, d.requestMore = uint64(mysqlHeader+n), n == mysqlMaxPacket
	if !d.requestMore {
		f.Expect = uint32(data[3] + 1)
	}
	return d.requestRest(data, missing, f)
}
