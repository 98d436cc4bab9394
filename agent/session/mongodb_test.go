package session_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/agent/session"
)

func le32(n int) string { return string(binary.LittleEndian.AppendUint32(nil, uint32(n))) }

// document is one of BSON.
func document(elements ...string) string {
	s := strings.Join(elements, "") + "\x00"
	return le32(len(s)+4) + s
}

func textOf(name, value string) string {
	return "\x02" + name + "\x00" + le32(len(value)+1) + value + "\x00"
}

func doubleOf(name string, n float64) string {
	return "\x01" + name + "\x00" + string(binary.LittleEndian.AppendUint64(nil, math.Float64bits(n)))
}

func intOf(name string, n int) string { return "\x10" + name + "\x00" + le32(n) }

func mongo(id, to, operation int, body string) string {
	return le32(len(body)+16) + le32(id) + le32(to) + le32(operation) + body
}

// mongoSay is a message: a command, or its answer.
func mongoSay(id, to, flags int, elements ...string) string {
	return mongo(id, to, 2013, le32(flags)+"\x00"+document(elements...))
}

const moreToCome, exhaustAllowed = 2, 1 << 16

func (o *observer) wantMongo(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, s := range o.full {
		got = append(got, fmt.Sprint(s.L7.Endpoint, " ", s.L7.Resource, " ", s.L7.Status, " ", s.L7.Code, s.L7.StatusMessage))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s\nledger %v", diff, o.ledger.Rows())
	}
}

func mongoTurns() []turn {
	db := textOf("$db", "shop")
	ok := doubleOf("ok", 1)
	documents := "documents\x00" + document(intOf("_id", 1)) + document(intOf("_id", 2), textOf("v", strings.Repeat("v", 3000)))
	return []turn{
		{fromClient, mongo(1, 0, 2004, le32(4)+"admin.$cmd\x00"+le32(0)+le32(-1)+document(intOf("isMaster", 1)))}, {fromServer, mongo(9, 1, 1, le32(8)+strings.Repeat("\x00", 12)+le32(1)+document(ok))},
		{fromClient, mongo(2, 0, 2013, le32(1)+"\x00"+document(textOf("insert", "orders"), db)+"\x01"+le32(4+len(documents))+documents+"\xaa\xbb\xcc\xdd")}, {fromServer, mongoSay(10, 2, 0, intOf("n", 2), ok)},
		{fromClient, mongoSay(3, 0, moreToCome, textOf("delete", "orders"), db) + mongoSay(4, 0, 0, textOf("find", "orders"), textOf("comment", traceparent), db)},
		{fromServer, mongoSay(11, 4, 0, "\x03cursor\x00"+document("\x04firstBatch\x00"+document("\x030\x00"+document(textOf("v", strings.Repeat("v", 20000))))), ok)},
		{fromClient, mongoSay(5, 0, exhaustAllowed, "\x12getMore\x00"+strings.Repeat("\x07", 8), textOf("collection", "orders"), intOf("maxTimeMS", 500), db)},
		{fromServer, mongoSay(12, 5, moreToCome, ok)}, {fromServer, mongoSay(13, 12, moreToCome, ok) + mongoSay(14, 13, 0, ok)},
		{fromClient, mongoSay(6, 0, 0, textOf("update", "orders"), db)}, {fromServer, mongoSay(15, 6, 0, intOf("n", 0), "\x04writeErrors\x00"+document("\x030\x00"+document(intOf("index", 0), intOf("code", 11000), textOf("errmsg", "E11000 duplicate"))), ok)},
		{fromClient, mongoSay(7, 0, 0, intOf("serverStatus", 1), db)}, {fromServer, mongoSay(16, 7, 0, doubleOf("ok", 0), textOf("errmsg", "shutting down"), intOf("code", 91), textOf("codeName", "ShutdownInProgress"))},
		{fromClient, mongo(8, 0, 2012, le32(2013)+le32(100)+"\x02"+strings.Repeat("z", 60))}, {fromServer, mongo(17, 8, 2012, le32(2013)+le32(100)+"\x02zzzz")},
		{fromClient, mongoSay(18, 0, exhaustAllowed, intOf("hello", 1), textOf("$db", "admin"))}, {fromServer, mongoSay(19, 18, moreToCome, ok)}, {fromServer, mongoSay(20, 19, moreToCome, ok)},
	}
}

// An answer names the request that it is to, or the answer before it. Some requests have none.
func TestMongoDB(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut(mongoTurns(), 1, 1, whole)...)
	o.conn.Close()
	o.wantMongo(t, "insert orders shop.orders ok 0", "delete orders shop.orders unknown 0", "find orders shop.orders ok 0", "getMore orders shop.orders ok 0",
		"update orders shop.orders client error 11000E11000 duplicate", "serverStatus shop server error 91shutting down", "OP_COMPRESSED  unknown 0")
	if s := o.full[2]; s.L7.TraceID.String() != traceparent[3:35] {
		t.Errorf("%+v", s.L7)
	}
	if s := o.full[3]; s.Response.Size < 100 || s.L7.Attributes[len(s.L7.Attributes)-1].Key != "throughline.blocking" {
		t.Errorf("%+v", s)
	}
	o.wantLine(t, "left out: pings", 2)
}

// However long a message, a document or an element says that it is, a connection keeps so much.
func TestMongoDBIsBounded(t *testing.T) {
	t.Parallel()
	o := observe()
	seq := [2]uint32{1, 1}
	feed := func(fromClient bool, text string) {
		side := 0
		if fromClient {
			side = 1
		}
		o.conn.Feed(fromClient, &session.Segment{Seq: seq[side], Len: len(text), Data: []byte(text), Enter: 1, Exit: 1})
		seq[side] += uint32(len(text))
	}
	for i := range 3000 {
		feed(true, mongoSay(i, 0, exhaustAllowed, textOf("find", fmt.Sprint(i, strings.Repeat("c", 1000))), textOf("$db", "shop")))
		feed(false, mongoSay(i, i, moreToCome, doubleOf("ok", 1)))
	}
	for _, hostile := range []string{
		mongoSay(1, 0, 0, "\x02find\x00"+le32(-1)+"a"), mongoSay(1, 0, 0, "\x02find\x00"+le32(1<<30)+"a"), mongo(1, 0, 2013, le32(0)+"\x01"+le32(-5)), mongo(1, 0, 2013, le32(0)+"\x00"+le32(1<<30)+"\x02a"),
		le32(1<<31-1) + le32(1) + le32(0) + le32(2013), mongo(1, 2, 1, strings.Repeat("\xff", 40)), mongoSay(1, 2, moreToCome, "\x04writeErrors\x00"+le32(-1)), "\xff\xff\xff\xff",
	} {
		for range 30 {
			feed(true, hostile)
			feed(false, hostile)
		}
	}
	o.wantBounded(t)
}
