package session_test

import (
	"slices"
	"strings"
	"testing"
)

const (
	get       = "GET /items/42?full=1 HTTP/1.1\r\nHost: svc-item:8080\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n"
	postHead  = "POST /order HTTP/1.1\r\nHost: svc-order\r\nContent-Length: 11\r\n\r\n"
	postBody  = `{"item":42}`
	ok5       = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
	noContent = "HTTP/1.1 204 No Content\r\nContent-Length: 99\r\n\r\n"
)

func TestHTTPKeepAlive(t *testing.T) {
	t.Parallel()
	turns := []turn{
		{fromClient, get}, {fromServer, ok5},
		{fromClient, postHead + postBody}, {fromServer, noContent},
	}
	o := observe().feed(cut(turns, 1000, 5000, whole)...)
	o.want(t, []summary{
		{"HTTP GET /items/42?full=1", "200 ok", 1000, 5000, uint64(len(get)), uint64(len(ok5)), true},
		{"HTTP POST /order", "204 ok", 1000 + uint32(len(get)), 5000 + uint32(len(ok5)), uint64(len(postHead + postBody)), uint64(len(noContent)), true},
	})
	if got := o.full[0].L7; got.Endpoint != "/items/{id}" || got.TraceID.String() != "0af7651916cd43dd8448eb211c80319c" || got.SpanID.String() != "b7ad6b7169203331" || got.Domain != "svc-item:8080" {
		t.Errorf("fields %+v", got)
	}
	if s := o.full[0]; s.Client != client || s.Server != server || !s.LocalIsClient {
		t.Errorf("ends %v > %v, local is client %v", s.Client, s.Server, s.LocalIsClient)
	}
}

// Go's server reads the next request's first byte alone, on another goroutine.
func TestMessageBeginsAtTheFirstByteRead(t *testing.T) {
	t.Parallel()
	sizes := []int{1, 0, 0}
	pieces := cut([]turn{{fromClient, get}, {fromServer, ok5}}, 7, 9, func(i int) int { return sizes[i] })
	o := observe().feed(pieces...)
	if len(o.full) != 1 {
		t.Fatalf("%d sessions, want 1", len(o.full))
	}
	r := o.full[0].Request
	if r.Seq != 7 || r.First.Goroutine != 1 || r.Head.Goroutine != 2 || r.FirstExit != 1000 || r.LastExit != 2000 {
		t.Errorf("request %+v", r)
	}
}

func TestRequestHeaderIsReportedBeforeTheResponse(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut([]turn{{fromClient, postHead}}, 1, 1, whole)...)
	if got := strings.Join(o.requests, ";"); got != "POST /order" {
		t.Errorf("OnRequest saw %q before body and response", got)
	}
}

func TestMySQL(t *testing.T) {
	t.Parallel()
	greeting := packet(0, "\x0a10.11.6-MariaDB\x00\x01\x00\x00\x00abcdefgh\x00\xfe\xf7\x2d\x02\x00\xff\x81\x15\x00\x00\x00\x00\x00\x00\x1d\x00\x00\x00mnopqrstuvwx\x00mysql_native_password\x00")
	login := packet(1, "\x0d\xa2\x3a\x01\x00\x00\x00\x01\x2d"+strings.Repeat("\x00", 23)+"root\x00\x00mysql_native_password\x00")
	turns := []turn{
		{fromServer, greeting}, {fromClient, login}, {fromServer, packet(2, okPacket)},
		{fromClient, packet(0, "\x03SET autocommit=0")}, {fromServer, packet(1, okPacket)},
		{fromClient, packet(0, "\x0e")}, {fromServer, packet(1, okPacket)},
		{fromClient, packet(0, "\x03SELECT x FROM t")},
		{fromServer, packet(1, "\xff\x7a\x04#42S02Table 'shop.t' doesn't exist")},
		{fromClient, packet(0, "\x03COMMIT")}, {fromServer, packet(1, okPacket)},
		{fromClient, packet(0, "\x01")},
	}
	at := func(from speaker, before int) (n uint32) {
		for _, x := range turns[:before] {
			if x.from == from {
				n += uint32(len(x.text))
			}
		}
		return n
	}
	want := []summary{
		{"MySQL COM_QUERY SET autocommit=0", "0 ok", 100 + at(true, 3), 200 + at(false, 4), 21, 11, true},
		{"MySQL COM_QUERY SELECT x FROM t", "1146 client error", 100 + at(true, 7), 200 + at(false, 8), 20, uint64(len(turns[8].text)), true},
		{"MySQL COM_QUERY COMMIT", "0 ok", 100 + at(true, 9), 200 + at(false, 10), 11, 11, true},
	}
	o := observe().feed(cut(turns, 100, 200, whole)...)
	o.want(t, want)
	if got := o.full[1].L7; got.StatusMessage != "Table 'shop.t' doesn't exist" || got.Endpoint != "SELECT" {
		t.Errorf("fields %+v", got)
	}

	if slices.ContainsFunc(o.ledger.Rows(), is("dropped: segments at which no message begins", 1)) {
		t.Error("the login was not read, although the greeting came first")
	}

	// MariaDB reads four bytes and then the rest; capture may begin after the login.
	server := func(i int) int {
		if i%2 == 0 {
			return 4
		}
		return 0
	}
	pieces := cut(turns, 100, 200, server)
	observe().feed(pieces...).want(t, want)
	observe().feed(cut(turns[3:], 100+at(true, 3), 200+at(false, 3), whole)...).want(t, want)
}
