package session_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/agent/session"
)

// pg is a message of PostgreSQL's protocol; without a letter it is what a connection begins with.
func pg(kind string, content ...string) string {
	text := strings.Join(content, "")
	return kind + string(binary.BigEndian.AppendUint32(nil, uint32(len(text)+4))) + text
}

func int16s(values ...int) string {
	var b []byte
	for _, v := range values {
		b = binary.BigEndian.AppendUint16(b, uint16(v))
	}
	return string(b)
}

func int32s(values ...int) string {
	var b []byte
	for _, v := range values {
		b = binary.BigEndian.AppendUint32(b, uint32(v))
	}
	return string(b)
}

// What clients send.
func pgQuery(text string) string            { return pg("Q", text, "\x00") }
func pgParse(name, text string) string      { return pg("P", name, "\x00", text, "\x00", int16s(0)) }
func pgDescribe(of, name string) string     { return pg("D", of, name, "\x00") }
func pgExecute(portal string, n int) string { return pg("E", portal, "\x00", int32s(n)) }

func pgBind(portal, name string, values ...string) string {
	content := portal + "\x00" + name + "\x00" + int16s(1, 1) + int16s(len(values))
	for _, v := range values {
		content += int32s(len(v)) + v
	}
	return pg("B", content, int16s(1, 0))
}

const pgSync, pgFlush, pgDone = "S\x00\x00\x00\x04", "H\x00\x00\x00\x04", "c\x00\x00\x00\x04"

// What the server says.
const (
	pgParsed, pgBound, pgClosed = "1\x00\x00\x00\x04", "2\x00\x00\x00\x04", "3\x00\x00\x00\x04"
	pgNoData, pgSuspended       = "n\x00\x00\x00\x04", "s\x00\x00\x00\x04"
	pgIdle, pgInside, pgFailed  = "Z\x00\x00\x00\x05I", "Z\x00\x00\x00\x05T", "Z\x00\x00\x00\x05E"
)

func pgColumns() string {
	return pg("T", int16s(2), "id\x00", int32s(0), int16s(0), int32s(23), int16s(4), int32s(-1), int16s(0), "name\x00", int32s(0), int16s(0), int32s(25), int16s(-1), int32s(-1), int16s(0))
}

func pgRows(n, length int) string {
	return strings.Repeat(pg("D", int16s(2), int32s(2), "42", int32s(length), strings.Repeat("r", length)), n)
}

func pgTag(text string) string { return pg("C", text, "\x00") }

func pgError(state, text string) string {
	return pg("E", "SERROR\x00VERROR\x00C", state, "\x00M", text, "\x00Fparse_relation.c\x00L1384\x00RparserOpenTable\x00\x00")
}

// postgresTurns is a client's life.
func postgresTurns() []turn {
	many := pgColumns() + pgRows(60, 500) + pgTag("SELECT 60") + pgIdle
	return []turn{
		{fromClient, pg("", int32s(1234<<16|5679))}, {fromServer, "N"},
		{fromClient, pg("", int32s(3<<16), "user\x00app\x00database\x00shop\x00application_name\x00x\x00\x00")},
		{fromServer, pg("R", int32s(10), "SCRAM-SHA-256\x00\x00")},
		{fromClient, pg("p", "SCRAM-SHA-256\x00", int32s(32), "n,,n=,r="+strings.Repeat("a", 24))},
		{fromServer, pg("R", int32s(11), "r=abc,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")},
		{fromClient, pg("p", "c=biws,r=abc,p="+strings.Repeat("b", 44))},
		{fromServer, pg("R", int32s(12), "v=abc") + pg("R", int32s(0)) + pg("S", "server_version\x0015.14\x00") + pg("K", int32s(4711, 1234567)) + pgIdle},
		{fromClient, pgQuery("BEGIN")}, {fromServer, pgTag("BEGIN") + pgInside},
		{fromClient, pgParse("", "select * from orders where id = $1") + pgBind("", "", "42") + pgDescribe("P", "") + pgExecute("", 0) + pgSync},
		{fromServer, pgParsed + pgBound + pgColumns() + pgRows(3, 20) + pgTag("SELECT 3") + pgInside},
		{fromClient, pgParse("s1", "UPDATE stock SET n = n - 1 WHERE id = $1") + pgDescribe("S", "s1") + pgFlush},
		{fromServer, pgParsed + pg("t", int16s(1), int32s(23)) + pgNoData},
		{fromClient, pgBind("", "s1", "7") + pgExecute("", 0) + pgSync}, {fromServer, pgBound + pg("N", "SNOTICE\x00VNOTICE\x00C00000\x00Mlow on stock\x00\x00") + pgTag("UPDATE 1") + pgInside},
		{fromClient, pgBind("", "s1", strings.Repeat("b", 9000)) + pgExecute("", 0) + pgSync}, {fromServer, pgBound + pgError("22P02", `invalid input syntax for type integer: "bbb"`) + pgFailed},
		{fromClient, pgQuery("ROLLBACK")}, {fromServer, pgTag("ROLLBACK") + pgIdle},
		{fromServer, pg("A", int32s(4712), "news\x00hello\x00")},
		{fromClient, pgQuery("SELECT * FROM many -- " + strings.Repeat("comment ", 100))}, {fromServer, many},
		{fromClient, pgQuery("-- ping")}, {fromServer, "I\x00\x00\x00\x04" + pgIdle},
		{fromClient, pgQuery("COPY t (a, b) FROM STDIN")}, {fromServer, pg("G", "\x00", int16s(2, 0, 0))},
		{fromClient, strings.Repeat(pg("d", strings.Repeat("1\tx\n", 150)), 6) + pgDone}, {fromServer, pgTag("COPY 900") + pgIdle},
		{fromClient, pgQuery("COPY t TO STDOUT")}, {fromServer, pg("H", "\x00", int16s(2, 0, 0)) + strings.Repeat(pg("d", strings.Repeat("1\tx\n", 100)), 5) + pgDone + pgTag("COPY 500") + pgIdle},
		{fromClient, pgBind("c", "s1", "1") + pgExecute("c", 1) + pgSync}, {fromServer, pgBound + pgRows(1, 5) + pgSuspended + pgIdle},
		{fromClient, pg("C", "Sold\x00") + pgSync}, {fromServer, pgClosed + pgIdle},
		{fromClient, pgQuery("SHOW all; SELECT 1")}, {fromServer, pgColumns() + pgRows(2, 3) + pgTag("SHOW") + pgColumns() + pgRows(1, 1) + pgTag("SELECT 1") + pgIdle},
		{fromClient, "X\x00\x00\x00\x04"},
	}
}

// postgresPipelinedTurns is a client that does not wait for answers.
func postgresPipelinedTurns() []turn {
	one := func(text string) string {
		return pgParse("", text) + pgBind("", "") + pgDescribe("P", "") + pgExecute("", 0)
	}
	return []turn{
		{fromClient, one("BEGIN") + pgSync + one("SELECT 1") + pgSync + one("SELECT broken") + one("SELECT 2") + pgSync},
		{fromServer, pgParsed + pgBound + pgNoData + pgTag("BEGIN") + pgInside + pgParsed + pgBound + pgColumns() + pgRows(1, 1) + pgTag("SELECT 1") + pgInside + pgError("42703", "column \"broken\" does not exist") + pgFailed},
		{fromClient, one("SELECT 3") + pgFlush + one("SELECT broken") + pgFlush + one("SELECT 4") + pgFlush + pgSync},
		{fromServer, pgParsed + pgBound + pgColumns() + pgRows(2, 9) + pgTag("SELECT 2") + pgError("42703", "column \"broken\" does not exist") + pgFailed},
		{fromClient, pgQuery("COMMIT") + pgQuery("SELECT 5")},
		{fromServer, pgTag("COMMIT") + pgIdle + pgColumns() + pgTag("SELECT 0") + pgIdle},
	}
}

func pgLines(o *observer) (lines []string) {
	for _, s := range o.full {
		text := fmt.Sprintf("%s %s: %s %q", s.L7.Type, s.L7.Endpoint, s.L7.Status, s.L7.Resource)
		if s.L7.StatusMessage != "" {
			text += fmt.Sprintf(" %d %q", s.L7.Code, s.L7.StatusMessage)
		}
		for _, a := range s.L7.Attributes {
			text += " " + strings.TrimPrefix(a.Key, "db.") + "=" + a.Value
		}
		lines = append(lines, text)
	}
	return lines
}

// What a connection says that waits for each answer.
func TestPostgres(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut(postgresTurns(), 1, 1, whole)...)
	want := []string{
		`Query BEGIN: ok "BEGIN" namespace=shop`,
		`Execute SELECT: ok "select * from orders where id = $1" namespace=shop response.returned_rows=3`,
		`Parse UPDATE: ok "UPDATE stock SET n = n - 1 WHERE id = $1" namespace=shop`,
		`Execute UPDATE: ok "UPDATE stock SET n = n - 1 WHERE id = $1" namespace=shop`,
		`Execute UPDATE: client error "UPDATE stock SET n = n - 1 WHERE id = $1" 0 "invalid input syntax for type integer: \"bbb\"" namespace=shop response.status_code=22P02`,
		`Query ROLLBACK: ok "ROLLBACK" namespace=shop`,
		`Query SELECT: ok "SELECT * FROM many -- ` + strings.Repeat("comment ", 100) + `" namespace=shop response.returned_rows=60`,
		`Query COPY: ok "COPY t (a, b) FROM STDIN" namespace=shop`,
		`Query COPY: ok "COPY t TO STDOUT" namespace=shop response.returned_rows=500`,
		`Execute UPDATE: ok "UPDATE stock SET n = n - 1 WHERE id = $1" namespace=shop response.returned_rows=1`,
		`Query SHOW: ok "SHOW all; SELECT 1" namespace=shop response.returned_rows=3`,
	}
	if diff := cmp.Diff(want, pgLines(o)); diff != "" {
		t.Errorf("(-want +got):\n%s\nledger %v", diff, o.ledger.Rows())
	}
	copied := o.full[7]
	if len(copied.L7.Resource) == 0 || copied.Request.Size != uint64(len(pgQuery("COPY t (a, b) FROM STDIN"))+6*605+5) {
		t.Errorf("what is copied is the request's: %d bytes", copied.Request.Size)
	}
}

// Several Syncs before the first answer: each ReadyForQuery ends one. Behind an error the server skips what is asked
// up to the next Sync.
func TestPostgresPipelined(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut(postgresPipelinedTurns(), 1, 1, whole)...)
	want := []string{
		`Execute BEGIN: ok "BEGIN"`,
		`Execute SELECT: ok "SELECT 1" response.returned_rows=1`,
		`Execute SELECT: client error "SELECT broken; SELECT 2" 42703 "column \"broken\" does not exist" operation.batch.size=2 response.status_code=42703`,
		`Execute SELECT: ok "SELECT 3" response.returned_rows=2`,
		`Execute SELECT: client error "SELECT broken" 42703 "column \"broken\" does not exist" response.status_code=42703`,
		`Execute SELECT: client error "SELECT 4" 0 "skipped, as a request before it failed"`,
		`Query COMMIT: ok "COMMIT"`,
		`Query SELECT: ok "SELECT 5" response.returned_rows=0`,
	}
	if diff := cmp.Diff(want, pgLines(o)); diff != "" {
		t.Errorf("(-want +got):\n%s\nledger %v", diff, o.ledger.Rows())
	}
}

// A request is cancelled on a connection of its own, to which nobody answers.
func TestPostgresCancel(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut([]turn{{fromClient, pg("", int32s(1234<<16|5678, 4711, 42))}}, 1, 1, whole)...)
	o.conn.Close()
	o.want(t, []summary{{"PostgreSQL CancelRequest ", "0 unknown", 1, 0, 16, 0, false}})
}

// What follows a request for TLS that the server grants is not read.
func TestPostgresTLS(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut([]turn{{fromClient, pg("", int32s(1234<<16|5679))}, {fromServer, "S"}, {fromClient, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc"}}, 1, 1, whole)...)
	o.want(t, nil)
	o.wantLine(t, "ignored: connections after upgrade or encryption", 1)
}

// A connection that is met in its middle: a transaction's end is only the name of a statement that nobody has seen.
func TestPostgresJoined(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		turns []turn
		want  []string
	}{
		"bind":    {[]turn{{fromClient, pgBind("", "S_1") + pgExecute("", 1) + pgSync}, {fromServer, pgBound + pgTag("COMMIT") + pgIdle}}, []string{`Execute Execute: ok ""`}},
		"execute": {[]turn{{fromClient, pgExecute("C_1", 100) + pgSync}, {fromServer, pgRows(2, 9) + pgSuspended + pgInside}}, []string{`Execute Execute: ok "" response.returned_rows=2`}},
		"answer": {[]turn{{fromServer, pgParsed + pgBound + pgTag("UPDATE 1") + pgIdle}, {fromClient, pgQuery("SELECT 1")}, {fromServer, pgColumns() + pgRows(1, 1) + pgTag("SELECT 1") + pgIdle}},
			[]string{`Query SELECT: ok "SELECT 1" response.returned_rows=1`}},
	} {
		o := observe().feed(cut(c.turns, 1, 1, whole)...)
		if diff := cmp.Diff(c.want, pgLines(o)); diff != "" {
			t.Errorf("%s (-want +got):\n%s\nledger %v", name, diff, o.ledger.Rows())
		}
	}
}

// Statements of a batch that stand behind its head are shown without their secrets too.
func TestPostgresSecretsOfABatch(t *testing.T) {
	t.Parallel()
	one := func(text string) string { return pgParse("", text) + pgBind("", "") + pgExecute("", 0) }
	o := observe().feed(cut([]turn{
		{fromClient, one("BEGIN") + one("ALTER ROLE app PASSWORD 's3cret'") + pgSync},
		{fromServer, pgParsed + pgBound + pgTag("BEGIN") + pgParsed + pgBound + pgTag("ALTER ROLE") + pgInside},
	}, 1, 1, whole)...)
	want := []string{`Execute ALTER: ok "BEGIN; ALTER ROLE app PASSWORD 'REDACTED'" operation.batch.size=2`}
	if diff := cmp.Diff(want, pgLines(o)); diff != "" {
		t.Error(diff)
	}
}

// However long a message says that it is, and however many names a client makes up, a connection keeps so much.
func TestPostgresIsBounded(t *testing.T) {
	t.Parallel()
	o := observe()
	seq := uint32(1)
	feed := func(text string) {
		o.conn.Feed(true, &session.Segment{Seq: seq, Len: len(text), Data: []byte(text), Enter: 1, Exit: 1})
		seq += uint32(len(text))
	}
	feed(pgQuery("SELECT 1"))
	for i := range 3000 {
		name := fmt.Sprint("statement", i)
		feed(pgParse(name, "SELECT "+strings.Repeat("c", 3000)) + pgBind("portal"+name, name) + pgExecute("portal"+name, 1) + pgSync)
	}
	for _, kind := range "QPBEDCSHFpdcf" {
		feed(string(kind) + "\x3f\xff\xff\xff" + strings.Repeat("x", 5000))
		feed(string(kind) + "\xff\xff\xff\xff" + strings.Repeat("x", 5000))
	}
	const most = 3 << 20 // requests that wait, statements and portals, what is not complete
	if n := o.conn.Bytes(); n > most {
		t.Errorf("%d bytes", n)
	} else {
		t.Logf("%d bytes", n)
	}
	o.conn.Close()
	if o.conn.Kept() != 0 {
		t.Errorf("%d bytes are kept for nothing", o.conn.Kept())
	}
}
