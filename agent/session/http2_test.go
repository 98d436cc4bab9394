package session_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/throughline-io/throughline/agent/session"
)

// h2side writes one side's frames as a real program's, by the library that Go's own client and server use.
type h2side struct {
	out     bytes.Buffer
	block   bytes.Buffer
	framer  *http2.Framer
	encoder *hpack.Encoder
}

func newH2side() *h2side {
	s := &h2side{}
	s.framer = http2.NewFramer(&s.out, nil)
	s.framer.AllowIllegalWrites = true
	s.encoder = hpack.NewEncoder(&s.block)
	return s
}

// take is what was written since.
func (s *h2side) take() string {
	text := s.out.String()
	s.out.Reset()
	return text
}

// encode makes a header block of "name: value" lines; a name in front of which is a minus is not indexed.
func (s *h2side) encode(fields ...string) []byte {
	s.block.Reset()
	for _, f := range fields {
		name, value, _ := strings.Cut(f, ": ")
		plain := strings.TrimPrefix(name, "-")
		_ = s.encoder.WriteField(hpack.HeaderField{Name: plain, Value: value, Sensitive: plain != name})
	}
	return slices.Clone(s.block.Bytes())
}

func (s *h2side) headers(id uint32, end bool, fields ...string) *h2side {
	_ = s.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: s.encode(fields...), EndStream: end, EndHeaders: true})
	return s
}

func (s *h2side) data(id uint32, end bool, body string) *h2side {
	for ; len(body) > 16384; body = body[16384:] {
		_ = s.framer.WriteData(id, false, []byte(body[:16384]))
	}
	_ = s.framer.WriteData(id, end, []byte(body))
	return s
}

// message is one of gRPC.
func message(size int) string {
	return "\x00" + string(binary.BigEndian.AppendUint32(nil, uint32(size))) + strings.Repeat("m", size)
}

// h2pair are the sides of a connection.
type h2pair struct{ client, server *h2side }

func newH2pair() h2pair { return h2pair{newH2side(), newH2side()} }

// opening is what both say before the first request.
func (p h2pair) opening() []turn {
	_ = p.client.framer.WriteSettings(http2.Setting{ID: http2.SettingEnablePush, Val: 0}, http2.Setting{ID: 0xfe03, Val: 1})
	_ = p.client.framer.WriteWindowUpdate(0, 1<<20)
	_ = p.server.framer.WriteSettings(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 100})
	_ = p.server.framer.WriteSettingsAck()
	return []turn{{fromClient, http2.ClientPreface + p.client.take()}, {fromServer, p.server.take()}}
}

// said adds what both have written since, the client first.
func (p h2pair) said(turns []turn) []turn {
	if text := p.client.take(); text != "" {
		turns = append(turns, turn{fromClient, text})
	}
	if text := p.server.take(); text != "" {
		turns = append(turns, turn{fromServer, text})
	}
	return turns
}

func ask(method, path string, more ...string) []string {
	return append([]string{":authority: shop:8080", ":method: " + method, ":path: " + path, ":scheme: http"}, more...)
}

func call(path string, more ...string) []string {
	return ask("POST", path, append([]string{"content-type: application/grpc", "te: trailers"}, more...)...)
}

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

// http2Turns is a connection on which all is said that HTTP/2 has.
func http2Turns() []turn {
	p := newH2pair()
	c, s := p.client, p.server
	turns := p.opening()
	say := func() { turns = p.said(turns) }
	_ = c.framer.WriteSettingsAck()
	c.headers(1, true, ask("GET", "/items/42?full=1", "traceparent: "+traceparent, "x-request-id: r-1")...)
	say()
	_ = s.framer.WritePing(false, [8]byte{2, 4, 16, 16, 9, 14, 7, 7}) // before the answer
	_ = s.framer.WriteWindowUpdate(0, 100)
	s.headers(1, false, ":status: 200", "content-type: text/plain", "x-request-id: r-2").data(1, true, "hello")
	say()
	// Two at once, with bodies between each other, padding, priority; the answers overtake.
	_ = c.framer.WritePing(true, [8]byte{2, 4, 16, 16, 9, 14, 7, 7})
	_ = c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 3, BlockFragment: c.encode(ask("POST", "/order")...), EndHeaders: true, PadLength: 7,
		Priority: http2.PriorityParam{StreamDep: 1, Weight: 9}})
	c.headers(5, false, ask("PUT", "/up")...)
	_ = c.framer.WriteDataPadded(3, false, []byte(strings.Repeat("x", 3000)), make([]byte, 200))
	c.data(5, false, strings.Repeat("y", 40000)).data(3, true, "end")
	say()
	s.headers(3, false, ":status: 100").headers(3, false, ":status: 103", "link: </a>")
	s.headers(5, true, ":status: 404")
	say()
	s.headers(3, false, ":status: 201", "location: /order/7").data(3, false, strings.Repeat("z", 20000)).headers(3, true, "checksum: 1", "x-more: 2")
	say()
	c.data(5, true, "late") // of a request that was answered before it was complete
	// A header that goes on in more frames, trailers of a request.
	block := c.encode(ask("POST", "/long", "cookie: "+strings.Repeat("c", 5000), "traceparent: "+traceparent)...)
	_ = c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 7, BlockFragment: block[:100]})
	_ = c.framer.WriteContinuation(7, false, block[100:101])
	_ = c.framer.WriteContinuation(7, false, nil)
	_ = c.framer.WriteContinuation(7, true, block[101:])
	c.data(7, false, "body").headers(7, true, "trailer: 1")
	say()
	block = s.encode(":status: 500", "x-long: "+strings.Repeat("l", 3000))
	_ = s.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 7, BlockFragment: block[:1], EndStream: true})
	_ = s.framer.WriteContinuation(7, true, block[1:])
	say()
	// What the server offers unasked; a stream that is refused; one that the client gives up.
	c.headers(9, true, ask("GET", "/page")...).headers(11, true, ask("GET", "/refused")...).headers(13, true, ask("GET", "/slow")...)
	say()
	_ = s.framer.WritePushPromise(http2.PushPromiseParam{StreamID: 9, PromiseID: 2, BlockFragment: s.encode(ask("GET", "/style.css")...), EndHeaders: true})
	s.headers(2, false, ":status: 200", "server: a").data(2, true, "css")
	s.headers(9, true, ":status: 204", "server: a")
	_ = s.framer.WriteRSTStream(11, http2.ErrCodeRefusedStream)
	say()
	_ = c.framer.WriteRSTStream(13, http2.ErrCodeCancel)
	_ = c.framer.WriteRSTStream(9, http2.ErrCodeCancel) // it is over
	_ = c.framer.WriteRawFrame(0x10, 0, 0, []byte("\x00\x00\x00\x0fu=1"))
	say()
	_ = s.framer.WriteRSTStream(9, http2.ErrCodeNo)
	_ = s.framer.WriteGoAway(13, http2.ErrCodeNo, []byte("bye"))
	say()
	return turns
}

func summaries(o *observer) (list []string) {
	for i, s := range o.full {
		f := s.L7
		text := o.sessions[i].Request + ": " + o.sessions[i].Response
		if f.StatusMessage != "" {
			text += " " + f.StatusMessage
		}
		if !f.TraceID.IsZero() {
			text += " trace"
		}
		if f.Version != "2" && f.Version != "1.1" {
			text += " version " + f.Version
		}
		for _, a := range f.Attributes {
			text += " " + a.Key + "=" + a.Value
		}
		list = append(list, text)
	}
	return list
}

func TestHTTP2(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut(http2Turns(), 100, 200, whole)...)
	want := []string{
		"HTTP GET /items/42?full=1: 200 ok trace",
		"HTTP PUT /up: 404 client error",
		"HTTP POST /order: 201 ok",
		"HTTP POST /long: 500 server error trace",
		"HTTP GET /page: 204 ok",
		"HTTP GET /refused: 0 reset REFUSED_STREAM",
		"HTTP GET /slow: 0 reset CANCEL",
	}
	if diff := cmp.Diff(want, summaries(o)); diff != "" {
		t.Errorf("sessions (-want +got):\n%s\nledger %v", diff, o.ledger.Rows())
	}
	if f := o.full[0].L7; f.Endpoint != "/items/{id}" || f.Domain != "shop:8080" || f.XRequestID != "r-1" || f.XResponseID != "r-2" || f.SpanID.String() != "b7ad6b7169203331" {
		t.Errorf("fields %+v", f)
	}
	if order := o.full[2]; order.Request.Size != 9+1+7+5+uint64(blockSize(t, order))+9+1+3200+9+3 || order.Response.Size < 20000 {
		t.Errorf("bytes of the frames of a stream: %d, %d", order.Request.Size, order.Response.Size)
	}
}

// blockSize is what is left of the request's first frame.
func blockSize(t *testing.T, s session.Session) int {
	t.Helper()
	n := int(s.Request.Size) - (9 + 1 + 7 + 5) - (9 + 1 + 3200) - (9 + 3)
	if n <= 0 || n > 100 {
		t.Errorf("a header block of %d bytes", n)
	}
	return n
}

// A request of HTTP/1 that turns the connection to HTTP/2 is answered by the first stream.
func TestUpgradeToHTTP2(t *testing.T) {
	t.Parallel()
	p := newH2pair()
	_ = p.client.framer.WriteSettings()
	_ = p.server.framer.WriteSettings()
	turns := []turn{
		{fromClient, "GET /first HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"},
		{fromServer, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n" + p.server.take()},
		{fromClient, http2.ClientPreface + p.client.take()},
		{fromServer, p.server.headers(1, false, ":status: 404").data(1, true, "hello").take()},
		{fromClient, p.client.headers(3, true, ask("GET", "/second")...).headers(5, true, ask("GET", "/third")...).take()},
		{fromServer, p.server.headers(5, true, ":status: 204").headers(3, true, ":status: 200").take()},
	}
	for _, size := range []func(int) int{whole, func(int) int { return 1 }} {
		o := observe().feed(cut(turns, 100, 200, size)...)
		want := []string{"HTTP GET /first: 404 client error", "HTTP GET /third: 204 ok", "HTTP GET /second: 200 ok"}
		if diff := cmp.Diff(want, summaries(o)); diff != "" {
			t.Errorf("sessions (-want +got):\n%s\nledger %v", diff, o.ledger.Rows())
		}
		if !o.full[1].AtOnce || o.full[1].L7.Version != "2" {
			t.Errorf("%+v", o.full[1])
		}
	}
}

// A connection is met in its middle: what was added to the tables before is not known, and never guessed. What
// the requests still say is read, and what was said since.
func TestHTTP2JoinedLate(t *testing.T) {
	t.Parallel()
	turns, want := manyTurns(40)
	pieces := cut(turns, 100, 200, whole)
	for begin := range pieces {
		o := observe().feed(pieces[begin:]...)
		o.conn.Close()
		checkLate(t, fmt.Sprint("from piece ", begin), o, want, begin > 2)
	}
}

// manyTurns are requests of several kinds, each with an answer of its own: the code and what it was asked by.
func manyTurns(n int) (turns []turn, want map[uint32]string) {
	p := newH2pair()
	turns, want = p.opening(), map[uint32]string{}
	for i := range n {
		id := uint32(2*i + 1)
		path, status := fmt.Sprint("/p/", i%7), "200"
		if i%3 == 0 {
			status = "302"
		}
		p.client.headers(id, true, ask("GET", path, fmt.Sprintf("traceparent: 00-%032x-%016x-01", id, id), "x-more: "+fmt.Sprint(i%5))...)
		p.server.headers(id, true, ":status: "+status, "x-much: "+fmt.Sprint(i%4))
		text := p.client.take()
		want[id] = path + " " + status
		turns = append(turns, turn{fromClient, text}, turn{fromServer, p.server.take()})
	}
	return turns, want
}

// checkLate checks what was read of manyTurns: nothing, or what is right.
func checkLate(t *testing.T, when string, o *observer, want map[uint32]string, fewer bool) {
	t.Helper()
	for _, s := range o.full {
		f := s.L7
		if f.TraceID.IsZero() {
			t.Fatalf("%s: no context of %+v", when, f)
		}
		id := binary.BigEndian.Uint32(f.TraceID[12:])
		path, status, _ := strings.Cut(want[id], " ")
		if f.Resource != "" && f.Resource != path || f.Code != 0 && fmt.Sprint(f.Code) != status || f.Type != "GET" {
			t.Fatalf("%s: request %d is %s %s, %d, want %s", when, id, f.Type, f.Resource, f.Code, want[id])
		}
		if !fewer && (f.Resource == "" || f.Code == 0) {
			t.Fatalf("%s: of request %d only %q, %d is known", when, id, f.Resource, f.Code)
		}
	}
}

// Whatever is lost, or not captured whole, no name and no value is taken for another.
func TestHTTP2NotAllCaptured(t *testing.T) {
	t.Parallel()
	turns, want := manyTurns(60)
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 7))
		m := mangle{sizes: sizesFrom(r), capture: 20 + r.IntN(200), duplicate: r.IntN(20), reorder: r.IntN(3)}
		pieces := m.apply(r, conversation{turns: turns})
		lost := map[int]bool{}
		for range r.IntN(4) {
			lost[r.IntN(len(pieces))] = true
		}
		o := observe()
		for i, p := range pieces {
			if !lost[i] {
				o.conn.Feed(bool(p.from), &p.seg)
			}
		}
		o.conn.Sweep(1<<60, 1<<60)
		o.conn.Close()
		for _, s := range o.full {
			f := s.L7
			if f.TraceID.IsZero() {
				continue
			}
			id := binary.BigEndian.Uint32(f.TraceID[12:])
			path, status, known := strings.Cut(want[id], " ")
			if !known || f.Resource != "" && f.Resource != path || f.Code != 0 && fmt.Sprint(f.Code) != status {
				t.Fatalf("seed %d: request %d is %s %d, want %s", seed, id, f.Resource, f.Code, want[id])
			}
		}
	}
}
