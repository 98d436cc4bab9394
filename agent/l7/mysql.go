package l7

import "bytes"

// MySQL is the MySQL and MariaDB client protocol, not compressed and not encrypted. A
// packet is a length of 3 bytes, a sequence id and a payload; a command is a client's
// packet with sequence id 0. The greeting, the login and what follows of them are not.
var MySQL = Protocol{
	Name:   "MySQL",
	Detect: detectMySQL,
	Resume: resumeMySQL,
	New:    func() Dialogue { return &mysqlDialogue{} },
}

const (
	mysqlHeader    = 4
	mysqlMaxPacket = 1<<24 - 1 // a payload this long goes on in the next packet

	// mysqlText is how much of a statement is waited for and kept.
	mysqlText = 4096
)

// Commands (first byte of a command's payload).
const (
	comQuit            = 0x01
	comInitDB          = 0x02
	comQuery           = 0x03
	comFieldList       = 0x04
	comStatistics      = 0x09
	comPing            = 0x0e
	comChangeUser      = 0x11
	comBinlogDump      = 0x12
	comTableDump       = 0x13
	comStmtPrepare     = 0x16
	comStmtExecute     = 0x17
	comStmtLongData    = 0x18
	comStmtClose       = 0x19
	comStmtReset       = 0x1a
	comStmtFetch       = 0x1c
	comBinlogDumpGTID  = 0x1e
	comResetConnection = 0x1f
)

var mysqlCommands = [...]string{
	0x00: "COM_SLEEP", comQuit: "COM_QUIT", comInitDB: "COM_INIT_DB", comQuery: "COM_QUERY", comFieldList: "COM_FIELD_LIST",
	0x05: "COM_CREATE_DB", 0x06: "COM_DROP_DB", 0x07: "COM_REFRESH", 0x08: "COM_SHUTDOWN", comStatistics: "COM_STATISTICS",
	0x0a: "COM_PROCESS_INFO", 0x0b: "COM_CONNECT", 0x0c: "COM_PROCESS_KILL", 0x0d: "COM_DEBUG", comPing: "COM_PING",
	0x0f: "COM_TIME", 0x10: "COM_DELAYED_INSERT", comChangeUser: "COM_CHANGE_USER", comBinlogDump: "COM_BINLOG_DUMP",
	comTableDump: "COM_TABLE_DUMP", 0x14: "COM_CONNECT_OUT", 0x15: "COM_REGISTER_SLAVE", comStmtPrepare: "COM_STMT_PREPARE",
	comStmtExecute: "COM_STMT_EXECUTE", comStmtLongData: "COM_STMT_SEND_LONG_DATA", comStmtClose: "COM_STMT_CLOSE",
	comStmtReset: "COM_STMT_RESET", 0x1b: "COM_SET_OPTION", comStmtFetch: "COM_STMT_FETCH", 0x1d: "COM_DAEMON",
	comBinlogDumpGTID: "COM_BINLOG_DUMP_GTID", comResetConnection: "COM_RESET_CONNECTION",
}

// Capability flags of the login that change what follows.
const (
	mysqlCompress     = 1 << 5
	mysqlSSL          = 1 << 11
	mysqlDeprecateEOF = 1 << 24
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
	if m != MatchNone || len(data) < mysqlHeader+1 || data[3] != 0 || int(data[4]) >= len(mysqlCommands) {
		return m
	}
	if n := int(data[0]) | int(data[1])<<8 | int(data[2])<<16; mysqlHeader+n == len(data)+missing {
		return MatchRequest
	}
	return MatchNone
}

var sqlVerbs = [...]string{
	"SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "SET", "COMMIT", "BEGIN", "START", "ROLLBACK", "SHOW", "CREATE", "DROP",
	"ALTER", "USE", "CALL", "EXPLAIN", "DESC", "TRUNCATE", "LOCK", "UNLOCK", "KILL", "WITH", "GRANT", "REVOKE", "ANALYZE",
	"OPTIMIZE", "LOAD", "FLUSH", "SAVEPOINT", "RELEASE", "PREPARE", "EXECUTE", "DEALLOCATE", "HANDLER", "DO", "XA", "CHECK",
	"VALUES", "TABLE", "/*", "(", "-- ", "#",
}

// matchSQL tells whether text may be SQL; whole says that nothing of it is missing.
func matchSQL(text []byte, whole bool) Match {
	text = bytes.TrimLeft(queryText(text), " \t\r\n")
	for _, verb := range sqlVerbs {
		n := min(len(text), len(verb))
		if !bytes.EqualFold(text[:n], []byte(verb[:n])) {
			continue
		}
		if n == len(verb) {
			return MatchRequest
		}
		if !whole {
			return MatchMore
		}
	}
	return MatchNone
}

// queryText is a COM_QUERY's statement without the empty set of query attributes that
// newer MySQL clients put before it.
func queryText(p []byte) []byte {
	if len(p) >= 2 && p[0] == 0 && p[1] == 1 {
		return p[2:]
	}
	return p
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// mysqlDialogue is the framing state of a connection.
type mysqlDialogue struct {
	capabilities uint32
	knowCaps     bool // the login was seen
	infile       bool // the client sends a file's contents, not commands

	// The request being framed.
	requestLeft  uint64 // of the packet, after Head
	requestMore  bool   // the packet goes on in another one
	requestBegun bool

	response   mysqlResponse
	statements map[uint32]string // text of prepared statements
}

func (d *mysqlDialogue) Reset(request bool) {
	if request {
		d.requestBegun, d.requestMore = false, false
	} else {
		d.response = mysqlResponse{}
	}
}

func (d *mysqlDialogue) Request(data []byte, missing int, f *Fields) Step {
	if d.requestBegun {
		return d.requestRest(data, missing)
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
	case int(payload[0]) >= len(mysqlCommands):
		return Step{State: Bad}
	default:
		begin.Role = d.command(payload, f)
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

func (d *mysqlDialogue) requestRest(data []byte, missing int) Step {
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
	return d.requestRest(data, missing)
}

// login reads what client and server agreed on; false: what follows cannot be read.
func (d *mysqlDialogue) login(p []byte, n int) bool {
	d.capabilities = uint32(p[0]) | uint32(p[1])<<8 | uint32(p[2])<<16 | uint32(p[3])<<24
	d.knowCaps = true
	encrypted := d.capabilities&mysqlSSL != 0 && n == 32 // an SSLRequest: TLS follows
	return !encrypted && d.capabilities&mysqlCompress == 0
}

// command reads a command into f.
func (d *mysqlDialogue) command(p []byte, f *Fields) Role {
	f.Protocol, f.Type = MySQL.Name, mysqlCommands[p[0]]
	switch p[0] {
	case comQuery, comStmtPrepare:
		f.Resource = string(queryText(p[1:]))
		f.Endpoint = Verb(f.Resource)
	case comInitDB:
		f.Resource, f.Endpoint = string(p[1:]), f.Type
	case comStmtExecute, comStmtFetch, comStmtReset:
		if len(p) >= 5 {
			f.Resource = d.statements[statementID(p[1:])]
			f.Endpoint = Verb(f.Resource)
		}
	case comStmtClose:
		if len(p) >= 5 {
			delete(d.statements, statementID(p[1:]))
		}
		return OneWay
	case comQuit, comStmtLongData:
		return OneWay
	case comPing:
		return Silent
	}
	if f.Endpoint == "" {
		f.Endpoint = f.Type
	}
	return Plain
}

func statementID(p []byte) uint32 {
	return uint32(p[0]) | uint32(p[1])<<8 | uint32(p[2])<<16 | uint32(p[3])<<24
}

// maxStatements bounds the prepared statements remembered for a connection.
const maxStatements = 256

// prepared remembers the text of a statement the server gave an id.
func (d *mysqlDialogue) prepared(id uint32, text string) {
	if d.statements == nil {
		d.statements = map[uint32]string{}
	}
	if len(d.statements) < maxStatements {
		d.statements[id] = text
	}
}
