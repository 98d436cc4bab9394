package session_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/http2"

	"github.com/throughline-io/throughline/agent/session"
)

const (
	wsAsk = "GET /chat/42 HTTP/1.1\r\nHost: shop\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
	wsYes = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)

// Opcodes of frames, with the bit of a message's last.
const (
	wsPart, wsText, wsRest        = 0x01, 0x81, 0x80 // of a message in two frames the first; one of its own; the last
	wsBinary, wsEnd, wsPing, wsPo = 0x82, 0x88, 0x89, 0x8a
)

// wsSay is a frame of a side.
func wsSay(from speaker, opcode byte, payload string) string {
	b := []byte{opcode}
	mask := byte(0)
	if from == fromClient {
		mask = 0x80
	}
	switch n := len(payload); {
	case n < 126:
		b = append(b, mask|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, mask|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, mask|127), uint64(n))
	}
	if from == fromServer {
		return string(b) + payload
	}
	key := [4]byte{0xb9, 0x4e, 0x17, 0xc4}
	b = append(b, key[:]...)
	for i := range len(payload) {
		b = append(b, payload[i]^key[i%4])
	}
	return string(b)
}

func wsCode(code int, reason string) string {
	return string([]byte{byte(code >> 8), byte(code)}) + reason
}

// websocketTurns are a request of HTTP and a connection that goes on as one of WebSocket.
func websocketTurns() []turn {
	c := func(opcode byte, payload string) string { return wsSay(fromClient, opcode, payload) }
	s := func(opcode byte, payload string) string { return wsSay(fromServer, opcode, payload) }
	return []turn{
		{fromClient, get}, {fromServer, ok5},
		{fromClient, wsAsk}, {fromServer, wsYes + s(wsText, "welcome")},
		{fromClient, c(wsText, "one") + c(wsBinary, strings.Repeat("b", 300)) + c(wsPing, "?")}, {fromServer, s(wsPo, "?") + s(wsBinary, strings.Repeat("s", 70000))},
		{fromClient, c(wsPart, "in ") + c(wsPo, "") + c(wsRest, "two")}, {fromServer, s(wsText, "") + s(wsText, "GET / HTTP/1.1\r\n\r\n")},
		{fromClient, c(wsEnd, wsCode(1000, "bye"))}, {fromServer, s(wsEnd, wsCode(1000, ""))},
	}
}

// websocketSays is what a session says, in short.
func websocketSays(s *session.Session) string {
	text := fmt.Sprint(s.L7.Protocol, " ", s.L7.Type, " ", s.L7.Resource, " ", s.L7.Code, " ", s.L7.Status, " ", s.L7.StatusMessage)
	for _, a := range s.L7.Attributes {
		text += " " + strings.TrimPrefix(strings.TrimPrefix(a.Key, "websocket."), "throughline.") + "=" + a.Value
	}
	return text
}

const wsBegins = "WebSocket GET /chat/42 "

// What was asked for by HTTP lasts until both sides have said that it ends, and says how much was said and who ended it.
func TestWebSocket(t *testing.T) {
	t.Parallel()
	up := []turn{{fromClient, wsAsk}, {fromServer, wsYes}}
	hello := turn{fromClient, wsSay(fromClient, wsText, "hello")}
	none := " blocking=true client.messages=0 client.bytes=0 server.messages=0 server.bytes=0"
	for name, test := range map[string]struct {
		turns []turn
		want  string
	}{
		"the client ends it":    {websocketTurns()[2:], wsBegins + "101 ok  blocking=true client.messages=3 client.bytes=309 server.messages=4 server.bytes=70025 close.code=1000 close.reason=bye close.by=client"},
		"the server ends it":    {append(up, turn{fromServer, wsSay(fromServer, wsEnd, wsCode(1001, ""))}, turn{fromClient, wsSay(fromClient, wsEnd, wsCode(1001, ""))}), wsBegins + "101 ok " + none + " close.code=1001 close.by=server"},
		"without a code":        {append(up, turn{fromClient, wsSay(fromClient, wsEnd, "")}, turn{fromServer, wsSay(fromServer, wsEnd, "")}), wsBegins + "101 ok " + none + " close.code=1005 close.by=client"},
		"the server fails":      {append(up, turn{fromServer, wsSay(fromServer, wsEnd, wsCode(1011, "no disk"))}, turn{fromClient, wsSay(fromClient, wsEnd, wsCode(1011, ""))}), wsBegins + "1011 server error no disk" + none + " close.code=1011 close.reason=no disk close.by=server"},
		"the client is refused": {append(up, turn{fromServer, wsSay(fromServer, wsEnd, wsCode(1008, ""))}), wsBegins + "1008 client error Policy Violation" + none + " close.code=1008 close.by=server"},
		"the server blunders":   {append(up, turn{fromClient, wsSay(fromClient, wsEnd, wsCode(1002, ""))}), wsBegins + "1002 server error Protocol error" + none + " close.code=1002 close.by=client"},
		"nobody says so":        {append(up, hello), wsBegins + "101 ok  blocking=true client.messages=1 client.bytes=5 server.messages=0 server.bytes=0 close.code=1006"},
		"it is not to be had":   {[]turn{{fromClient, wsAsk}, {fromServer, "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n"}}, "HTTP GET /chat/42 426 client error Upgrade Required"},
	} {
		o := observe().feed(cut(test.turns, 1, 1, whole)...)
		o.conn.Fin(false, 99e9)
		o.conn.Close()
		if len(o.full) != 1 || websocketSays(&o.full[0]) != test.want {
			t.Errorf("%s:\n%s, want\n%s", name, websocketSays(&o.full[0]), test.want)
		}
	}
}

// websocketStreamTurns are WebSockets by HTTP/2: one that the server ends, one that goes on at the same time and is reset when its end
// was said, one that is refused, and a request of another kind between them. Frames of HTTP/2 cut theirs anywhere.
func websocketStreamTurns() []turn {
	p := newH2pair()
	c, s := p.client, p.server
	turns := p.opening()
	say := func() { turns = p.said(turns) }
	connect := func(path string) []string {
		return []string{":authority: shop:8080", ":method: CONNECT", ":path: " + path, ":protocol: websocket", ":scheme: http", "sec-websocket-version: 13"}
	}
	c.headers(1, false, connect("/chat/42")...).headers(3, false, connect("/feed")...)
	say()
	s.headers(1, false, ":status: 200", "sec-websocket-protocol: chat").headers(3, false, ":status: 200")
	say()
	asked := wsSay(fromClient, wsText, "one") + wsSay(fromClient, wsBinary, strings.Repeat("b", 300)) + wsSay(fromClient, wsPing, "?")
	for i := 0; i < len(asked); i += 7 {
		c.data(1, false, asked[i:min(len(asked), i+7)])
	}
	c.headers(5, true, ask("GET", "/items/42")...)
	say()
	s.data(3, false, wsSay(fromServer, wsText, "news")).headers(5, true, ":status: 204").data(1, false, wsSay(fromServer, wsPo, "?")+wsSay(fromServer, wsBinary, strings.Repeat("s", 70000)))
	say()
	end := wsSay(fromServer, wsEnd, wsCode(1011, "no disk"))
	s.data(1, false, end[:3]).data(1, false, end[3:])
	c.data(3, false, wsSay(fromClient, wsEnd, wsCode(1000, "bye")))
	say()
	c.data(1, true, wsSay(fromClient, wsEnd, wsCode(1011, "")))
	say()
	s.data(1, true, "").data(3, false, wsSay(fromServer, wsEnd, wsCode(1000, "")))
	say()
	_ = c.framer.WriteRSTStream(3, http2.ErrCodeCancel)
	c.headers(7, false, connect("/none")...)
	say()
	s.headers(7, true, ":status: 404")
	say()
	return turns
}

// By HTTP/2 (RFC 8441) each is a stream.
func TestWebSocketByHTTP2(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut(websocketStreamTurns(), 100, 200, whole)...)
	var got []string
	for i := range o.full {
		got = append(got, websocketSays(&o.full[i]))
	}
	want := []string{
		"HTTP GET /items/42 204 ok ",
		"WebSocket CONNECT /chat/42 1011 server error no disk blocking=true subprotocol=chat client.messages=2 client.bytes=303 server.messages=1 server.bytes=70000 close.code=1011 close.reason=no disk close.by=server",
		"WebSocket CONNECT /feed 200 ok  blocking=true client.messages=0 client.bytes=0 server.messages=1 server.bytes=4 close.code=1000 close.reason=bye close.by=client",
		"HTTP CONNECT /none 404 client error ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s\nledger %v", diff, o.ledger.Rows())
	}
}

// A stream of hours is told of while it lasts; where frames were not captured nobody counts them.
func TestWebSocketByHTTP2WhileItLasts(t *testing.T) {
	t.Parallel()
	o := observe()
	var told []string
	o.options.OnOpen = func(s *session.Session) { told = append(told, websocketSays(s)) }
	o.conn = session.NewConn(o.options)
	p := newH2pair()
	turns := append(p.opening(), turn{fromClient, p.client.headers(1, false, ":authority: shop", ":method: CONNECT", ":path: /feed", ":protocol: websocket", ":scheme: http").take()},
		turn{fromServer, p.server.headers(1, false, ":status: 200").data(1, false, wsSay(fromServer, wsText, "news")).take()},
		turn{fromClient, p.client.data(1, false, wsSay(fromClient, wsText, strings.Repeat("m", 4000))+wsSay(fromClient, wsText, "more")).take()})
	pieces := cut(turns, 1, 1, whole)
	pieces[len(pieces)-1].seg.Data = pieces[len(pieces)-1].seg.Data[:1000]
	o.feed(pieces...)
	o.sweepUntil(1, 12*3600)
	want := "WebSocket CONNECT /feed 200 open  blocking=true server.messages=1 server.bytes=4"
	if len(o.full) != 0 || len(told) < 5 || told[1] != want {
		t.Errorf("%d sessions, told\n%s\nwant\n%s", len(o.full), strings.Join(told, "\n"), want)
	}
	o.conn.Reset(12 * 3600 * second)
	o.conn.Close()
	if want := "WebSocket CONNECT /feed 200 ok  blocking=true server.messages=1 server.bytes=4 close.code=1006"; len(o.full) != 1 || websocketSays(&o.full[0]) != want {
		t.Errorf("%v, want\n%s", summaries(o), want)
	}
}

// A connection of days is told of while it lasts, with what was said so far.
func TestWebSocketWhileItLasts(t *testing.T) {
	t.Parallel()
	o := observe()
	var told []string
	o.options.OnOpen = func(s *session.Session) { told = append(told, fmt.Sprint(s.Ended/second, " ", websocketSays(s))) }
	o.conn = session.NewConn(o.options)
	pieces := cut([]turn{{fromClient, wsAsk}, {fromServer, wsYes}, {fromClient, wsSay(fromClient, wsText, "hello")}, {fromServer, wsSay(fromServer, wsText, "you")}}, 1, 1, whole)
	o.feed(pieces[:2]...)
	o.sweepUntil(1, 20)
	for i := range pieces[2:] {
		pieces[2+i].seg.Enter, pieces[2+i].seg.Exit = 20*second, 20*second
	}
	o.feed(pieces[2:]...)
	o.sweepUntil(21, 12*3600)
	want := []string{
		"11 " + wsBegins + "101 open  blocking=true client.messages=0 client.bytes=0 server.messages=0 server.bytes=0",
		"71 " + wsBegins + "101 open  blocking=true client.messages=1 client.bytes=5 server.messages=1 server.bytes=3",
	}
	if len(o.full) != 0 || len(told) < 5 || told[0] != want[0] || told[1] != want[1] {
		t.Errorf("%d sessions, told\n%s\nwant at first\n%s", len(o.full), strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
	o.sweepUntil(24*3600, 24*3600+30)
	if len(o.full) != 1 || o.full[0].End != session.Unanswered || o.full[0].L7.Status.Error() {
		t.Errorf("after a day of silence: %+v", o.full)
	}
}

// Where frames lie in what was not captured nobody counts them; what comes behind is found again, and the end with it.
func TestWebSocketNotAllCaptured(t *testing.T) {
	t.Parallel()
	many := strings.Repeat(wsSay(fromServer, wsText, strings.Repeat("m", 50)), 100)
	pieces := cut([]turn{
		{fromClient, wsAsk}, {fromServer, wsYes}, {fromServer, many}, {fromClient, wsSay(fromClient, wsText, "hello")},
		{fromServer, wsSay(fromServer, wsEnd, wsCode(1013, "full"))}, {fromClient, wsSay(fromClient, wsEnd, wsCode(1013, ""))},
	}, 1, 1, whole)
	pieces[2].seg.Data = pieces[2].seg.Data[:1000]
	o := observe().feed(pieces...)
	if want := wsBegins + "1013 server error full blocking=true client.messages=1 client.bytes=5 close.code=1013 close.reason=full close.by=server"; len(o.full) != 1 || websocketSays(&o.full[0]) != want {
		t.Errorf("%+v, want %s", o.full, want)
	}
	if s := o.full[0]; s.Response.Size != uint64(len(wsYes)+len(many)+4+4) {
		t.Errorf("%d bytes", s.Response.Size)
	}
}

// However long a frame says that it is, and however many there are, a connection keeps no more.
func TestWebSocketIsBounded(t *testing.T) {
	t.Parallel()
	o := observe()
	feed := o.talk()
	feed(fromClient, wsAsk)
	feed(fromServer, wsYes)
	for range 3000 {
		feed(fromClient, wsSay(fromClient, wsPing, "")+wsSay(fromClient, wsText, strings.Repeat("t", 1000)))
		feed(fromServer, "\xff\xff\xff\xff") // no frame
		feed(fromServer, wsSay(fromServer, wsPart, strings.Repeat("t", 1000)))
	}
	feed(fromServer, "\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff")
	feed(fromServer, "\x82\x7f\x3f\xff\xff\xff\xff\xff\xff\xff")
	feed(fromServer, strings.Repeat("x", 1000))
	if n := o.conn.Bytes(); n > 16<<10 {
		t.Errorf("%d bytes", n)
	} else {
		t.Logf("%d bytes", n)
	}
	o.conn.Close()
	if len(o.full) != 1 || o.conn.Kept() != 0 {
		t.Errorf("%d sessions, %d bytes are kept for nothing", len(o.full), o.conn.Kept())
	}
}
