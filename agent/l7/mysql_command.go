package l7

import (
	"bytes"

	"github.com/throughline-io/throughline/agent/tracecontext"
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
	comBulkExecute     = 0xfa // MariaDB: one statement, many rows of parameters
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
	0x20: "COM_CLONE", 0x21: "COM_SUBSCRIBE_GROUP_REPLICATION_STREAM", comBulkExecute: "COM_STMT_BULK_EXECUTE", 0xfe: "COM_MULTI",
}

// commandName is a command's name; "" is of none that is known.
func commandName(c byte) string {
	if int(c) < len(mysqlCommands) {
		return mysqlCommands[c]
	}
	return ""
}

// matchSQL tells whether text may be SQL; whole says that nothing of it is missing.
func matchSQL(text []byte, whole bool) Match {
	if text = behindAttributes(text, &tracecontext.Reader{}); text == nil {
		if whole {
			return MatchNone
		}
		return MatchMore
	}
	text = bytes.TrimLeft(text, " \t\r\n")
	return matchVerb(text, sqlVerbs[:], whole)
}

// command reads a command into f.
func (d *mysqlDialogue) command(p []byte, f *Fields) Role {
	f.Protocol, f.Type = MySQL.Name, commandName(p[0])
	switch p[0] {
	case comQuery, comStmtPrepare:
		p = p[1:]
		if f.Type == mysqlCommands[comQuery] && len(p) > 0 && p[0] < ' ' && p[0] != '\t' && p[0] != '\n' && p[0] != '\r' {
			var context tracecontext.Reader
			p = d.queryText(p, &context)
			f.takeContext(&context)
		}
		d.statement(textOf(p), f)
		if f.Type == mysqlCommands[comStmtPrepare] {
			d.statements.asked = f.Resource
		}
	case comInitDB:
		f.Resource, f.Endpoint = textOf(p[1:]), f.Type
	case comStmtExecute, comStmtFetch, comStmtReset, comBulkExecute:
		if len(p) >= 5 {
			f.Resource = d.statements.Text(statementID(p[1:]))
			f.Endpoint = Verb(f.Resource)
		}
		if p[0] == comStmtExecute && len(p) > 5 && p[5]&mysqlParametersCounted != 0 {
			var context tracecontext.Reader
			d.executeAttributes(p, &context)
			f.takeContext(&context)
		}
	case comStmtClose:
		if len(p) >= 5 {
			d.statements.Close(statementID(p[1:]))
		}
		return Dismissed
	case comResetConnection, comChangeUser:
		d.statements = mysqlStatements{}
	case comQuit, comStmtLongData:
		return Dismissed
	case comPing:
		return Silent
	}
	if f.Type == "" {
		f.Type = "COM_UNKNOWN"
	}
	if f.Endpoint == "" {
		f.Endpoint = f.Type
	}
	return Plain
}

// statement notes a statement's text, and the trace context that a comment of it carries.
func (d *mysqlDialogue) statement(text string, f *Fields) {
	if c, without, ok := tracecontext.SQL(text); ok {
		text = without
		if f.TraceID.IsZero() {
			f.setContext(c)
		}
	}
	f.Resource, f.Endpoint = text, Verb(text)
}

func statementID(p []byte) uint32 {
	return uint32(p[0]) | uint32(p[1])<<8 | uint32(p[2])<<16 | uint32(p[3])<<24
}
