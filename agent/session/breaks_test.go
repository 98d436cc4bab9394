package session_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/http2"

	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/pkg/span"
)

// What real programs say that nobody expects, where no other test has it. docs/protocols.md lists all of it.

// A server's ping and its windows come before its answer, and are none of it: the answer begins where its header does.
func TestPingsBeforeAnAnswerAreNoneOfIt(t *testing.T) {
	t.Parallel()
	p := newH2pair()
	turns := append(p.opening(), turn{fromClient, p.client.headers(1, false, call("/shop.Items/Get")...).data(1, true, message(3)).take()})
	_ = p.server.framer.WritePing(false, [8]byte{2, 4, 16, 16, 9, 14, 7, 7})
	_ = p.server.framer.WriteWindowUpdate(0, 30)
	early := p.server.take()
	answer := p.server.headers(1, false, ":status: 200", "content-type: application/grpc").data(1, false, message(3)).headers(1, true, "grpc-status: 0").take()
	pieces := cut(append(turns, turn{fromServer, early}, turn{fromServer, answer}), 100, 200, whole)
	last := pieces[len(pieces)-1].seg
	o := observe().feed(pieces...)
	if len(o.full) != 1 {
		t.Fatal(summaries(o))
	}
	if r := o.full[0].Response; r.FirstEnter != last.Enter || r.Seq != last.Seq || r.Size != uint64(len(answer)) {
		t.Errorf("the answer begins at %d, byte %d, with %d bytes, want %d, %d, %d", r.FirstEnter, r.Seq, r.Size, last.Enter, last.Seq, len(answer))
	}
}

// Of gRPC joined late the method is a number of a table that nobody saw, and never comes back: not with grpcio, which indexes no
// trace context, nor with grpc-go, which indexes its name. That it is gRPC its messages' form says, whose it is a literal's. What is
// said for the first time since is read.
func TestGRPCJoinedLate(t *testing.T) {
	t.Parallel()
	trace := func(i int) string { return fmt.Sprintf("00-%032x-%016x-01", i, i) }
	for name, context := range map[string]string{"grpc-go": "traceparent: ", "grpcio": "-traceparent: "} {
		p := newH2pair()
		turns := p.opening()
		for i := 1; i <= 6; i++ {
			id, path := uint32(2*i+1), "/shop.Items/Get"
			if i == 5 {
				path = "/shop.Items/New"
			}
			p.client.headers(id, false, call(path, context+trace(i), "user-agent: "+name)...).data(id, true, message(3))
			p.server.headers(id, false, ":status: 200", "content-type: application/grpc").data(id, false, message(3)).headers(id, true, "grpc-status: 0", "grpc-message: ")
			turns = append(turns, turn{fromClient, p.client.take()}, turn{fromServer, p.server.take()})
		}
		o := observe().feed(cut(turns, 100, 200, whole)[2+2*2:]...) // behind the opening and two calls
		o.conn.Close()
		var got []string
		for _, s := range o.full {
			got = append(got, fmt.Sprintf("%s %q %q %s", s.L7.Protocol, s.L7.Type, s.L7.Resource, s.L7.TraceID))
		}
		want := []string{
			fmt.Sprintf(`gRPC "" "" %032x`, 3), fmt.Sprintf(`gRPC "" "" %032x`, 4),
			fmt.Sprintf(`gRPC "New" "/shop.Items/New" %032x`, 5), fmt.Sprintf(`gRPC "" "" %032x`, 6),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s\nledger %v", name, diff, o.ledger.Rows())
		}
	}
}

// pgjdbc begins a transaction in the write of its first statement, so that two ReadyForQuery come, and ends later ones by the name
// of a statement alone.
func TestTransactionsOfPgjdbc(t *testing.T) {
	t.Parallel()
	commit := pgBind("", "S_1") + pgExecute("", 1) + pgSync
	begins := pgParse("", "BEGIN") + pgBind("", "") + pgExecute("", 0) + pgSync + pgParse("", "select 1") + pgBind("", "") + pgDescribe("P", "") + pgExecute("", 0) + pgSync
	begun := pgParsed + pgBound + pgTag("BEGIN") + pgInside + pgParsed + pgBound + pgColumns() + pgRows(1, 1) + pgTag("SELECT 1") + pgInside
	o := observe().feed(cut([]turn{
		{fromClient, begins}, {fromServer, begun},
		{fromClient, pgParse("S_1", "COMMIT") + commit}, {fromServer, pgParsed + pgBound + pgTag("COMMIT") + pgIdle},
		{fromClient, begins}, {fromServer, begun},
		{fromClient, commit}, {fromServer, pgBound + pgTag("COMMIT") + pgIdle},
	}, 1, 1, whole)...)
	transaction := []string{`Execute BEGIN: ok "BEGIN"`, `Execute SELECT: ok "select 1" response.returned_rows=1`, `Execute COMMIT: ok "COMMIT"`}
	if diff := cmp.Diff(append(transaction, transaction...), pgLines(o)); diff != "" {
		t.Errorf("(-want +got):\n%s\nledger %v", diff, o.ledger.Rows())
	}
}

// The ids of pymongo's requests are the same in every process: they are of their connection only.
func TestRequestIDsOfSeveralMongoDBClients(t *testing.T) {
	t.Parallel()
	db, fine := textOf("$db", "shop"), doubleOf("ok", 1)
	one, other := observe(), observe()
	sayOne, sayOther := one.talk(), other.talk()
	sayOne(fromClient, mongoSay(1804289383, 0, 0, textOf("find", "orders"), db))
	sayOther(fromClient, mongoSay(1804289383, 0, 0, textOf("insert", "items"), db))
	sayOther(fromServer, mongoSay(7, 1804289383, 0, doubleOf("ok", 0), textOf("errmsg", "full"), intOf("code", 91)))
	sayOne(fromServer, mongoSay(8, 1804289383, 0, fine))
	one.wantMongo(t, "find orders shop.orders ok 0")
	other.wantMongo(t, "insert items shop.items server error 91full")
}

// MariaDB describes the columns of a prepared statement's results once: later ones are rows only, fewer than columns or more.
func TestMariaDBResultsWithoutColumns(t *testing.T) {
	t.Parallel()
	const deprecateEOF = 1 << 24
	column := func(id byte) string {
		return packet(id, "\x03def\x04shop\x01t\x01t\x02id\x02id\x0c\x3f\x00\x0b\x00\x00\x00\x03\x03\x42\x00\x00\x00")
	}
	execute := turn{fromClient, packet(0, "\x17\x01\x00\x00\x00\x00\x01\x00\x00\x00")}
	row := func(id byte) string { return packet(id, "\x00\x00"+strings.Repeat("\x2a\x00\x00\x00", 3)) }
	last := func(id byte) string { return packet(id, "\xfe\x00\x00\x02\x00\x00\x00") }
	turns := append(mysqlTurns(deprecateEOF, true)[:5],
		turn{fromClient, packet(0, "\x16SELECT a, b, c FROM t")}, turn{fromServer, packet(1, "\x00\x01\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00") + column(2) + column(3) + column(4)},
		execute, turn{fromServer, packet(1, "\x03\x01") + column(2) + column(3) + column(4) + row(5) + last(6)},
		execute, turn{fromServer, packet(1, "\x03\x00") + row(2) + last(3)},
		execute, turn{fromServer, packet(1, "\x03\x00") + last(2)},
		execute, turn{fromServer, packet(1, "\x03\x00") + row(2) + row(3) + row(4) + row(5) + row(6) + last(7)},
		turn{fromClient, packet(0, "\x03COMMIT")}, turn{fromServer, packet(1, okPacket)})
	o := observe().feed(cut(turns, 1, 1, whole)...)
	if len(o.full) != 6 {
		t.Fatalf("%+v\nledger %v", o.sessions, o.ledger.Rows())
	}
	for i, s := range o.full {
		answer := turns[len(turns)-2*(len(o.full)-i)+1].text
		if s.L7.Status != span.StatusOK || s.Response.Size != uint64(len(answer)) || s.End != session.Complete {
			t.Errorf("%d: %s %s %s, %d bytes of %d, end %d", i, s.L7.Type, s.L7.Resource, s.L7.Status, s.Response.Size, len(answer), s.End)
		}
	}
}

// A reset that says that nothing is wrong, behind the trailers of a good call, ends nothing; an empty frame may end a request.
func TestAResetBehindAGoodCallIsNone(t *testing.T) {
	t.Parallel()
	p := newH2pair()
	turns := append(p.opening(), turn{fromClient, p.client.headers(3, false, call("/shop.Items/Get")...).data(3, false, message(3)).take()})
	p.server.headers(3, false, ":status: 200", "content-type: application/grpc").data(3, false, message(3)).headers(3, true, "grpc-status: 0")
	_ = p.server.framer.WriteRSTStream(3, http2.ErrCodeNo) // grpc-go has not seen the request's end yet
	turns = append(turns, turn{fromServer, p.server.take()}, turn{fromClient, p.client.data(3, true, "").take()})
	o := observe().feed(cut(turns, 100, 200, whole)...)
	if diff := cmp.Diff([]string{"gRPC Get /shop.Items/Get: 0 ok"}, summaries(o)); diff != "" {
		t.Errorf("(-want +got):\n%s\nledger %v", diff, o.ledger.Rows())
	}
}
