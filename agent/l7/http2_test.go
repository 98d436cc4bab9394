package l7_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/throughline-io/throughline/agent/l7"
)

// http2Frames writes frames by the library.
func http2Frames(write func(f *http2.Framer)) string {
	var b bytes.Buffer
	f := http2.NewFramer(&b, nil)
	f.AllowIllegalWrites = true
	write(f)
	return b.String()
}

func block(fields ...string) []byte {
	var b bytes.Buffer
	e := hpack.NewEncoder(&b)
	for i := 0; i < len(fields); i += 2 {
		_ = e.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	return b.Bytes()
}

var http2Corpus = []string{
	http2.ClientPreface + http2Frames(func(f *http2.Framer) {
		_ = f.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 20})
		_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block(":method", "POST", ":path", "/shop.Items/Get", "content-type", "application/grpc", "grpc-timeout", "1S"), EndHeaders: true, PadLength: 3})
		_ = f.WriteDataPadded(1, false, []byte("\x00\x00\x00\x00\x02hi\x00\x00"), []byte{0, 0})
		_ = f.WriteData(1, true, []byte("\x00\x00\x00"))
	}),
	http2Frames(func(f *http2.Framer) {
		_ = f.WriteSettings()
		_ = f.WritePing(true, [8]byte{})
		_ = f.WriteWindowUpdate(0, 5)
		_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block(":status", "200", "content-type", "application/grpc"), EndHeaders: true})
		_ = f.WriteData(1, false, []byte("\x00\x00\x00\x00\x05hello"))
		_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block("grpc-status", "5", "grpc-message", "none%20here")[:5], EndStream: true})
		_ = f.WriteContinuation(1, true, block("grpc-status", "5", "grpc-message", "none%20here")[5:])
		_ = f.WritePushPromise(http2.PushPromiseParam{StreamID: 1, PromiseID: 2, BlockFragment: block(":path", "/a"), EndHeaders: true, PadLength: 2})
		_ = f.WriteRSTStream(1, http2.ErrCodeCancel)
		_ = f.WriteGoAway(1, http2.ErrCodeNo, []byte("bye"))
		_ = f.WritePriority(3, http2.PriorityParam{StreamDep: 1})
	}),
}

func TestHTTP2Detection(t *testing.T) {
	t.Parallel()
	f := func(what, data string, want l7.Match) {
		t.Helper()
		if got := l7.HTTP2.Detect([]byte(data)); got != want {
			t.Errorf("%s: Detect(%q) = %d, want %d", what, data, got, want)
		}
	}
	for n := range len(http2.ClientPreface) {
		f("preface", http2.ClientPreface[:n], l7.MatchMore)
	}
	f("preface", http2.ClientPreface, l7.MatchRequest)
	f("a server's settings", http2Corpus[1], l7.MatchResponse)
	f("settings of no meaning", "\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\xf0\x00\x00\x00\x01", l7.MatchNone)
	headers := func(b ...byte) string { return string(headersFrame(7, b)) }
	f("a request by numbers alone", headers(0xbe, 0x83, 0x86, 0xc1, 0xc0, 0xbf), l7.MatchRequest)
	f("an answer by numbers alone", headers(0x88, 0xc0, 0xbf), l7.MatchResponse)
	f("an answer with a status of its own", headers(append([]byte{0x48, 3}, "302"...)...), l7.MatchResponse)
	f("trailers", headers(0xbf, 0xbe), l7.MatchMore) // anybody's
	f("a window, then a request", "\x00\x00\x04\x08\x00\x00\x00\x00\x07\x00\x00\x00\x05"+headers(0x82, 0x86, 0x84), l7.MatchRequest)
	f("a window of nothing", "\x00\x00\x04\x08\x00\x00\x00\x00\x07\x00\x00\x00\x00", l7.MatchNone)
	f("a ping", "\x00\x00\x08\x06\x01\x00\x00\x00\x00abcdefgh", l7.MatchMore)
	f("text where a block should be", string(headersFrame(7, []byte("no header block, but a text"))), l7.MatchNone)
	f("a stream of the highest bit", "\x00\x00\x03\x01\x04\x80\x00\x00\x01\x82\x86\x84", l7.MatchNone)
	f("content", "\x00\x00\x05\x00\x00\x00\x00\x00\x01hello", l7.MatchNone)
	f("zeros", strings.Repeat("\x00", 100), l7.MatchNone)
	f("a packet of MySQL", "\x07\x00\x00\x00\x03COMMIT", l7.MatchNone)
	if p, m := l7.All.Detect([]byte(http2Corpus[1])); p != &l7.HTTP2 || m != l7.MatchResponse {
		t.Errorf("among all protocols it is %v, %d", p, m)
	}
}

// What a peer may send to make an observer keep much: it keeps little.
func TestHTTP2KeepsLittle(t *testing.T) {
	t.Parallel()
	const most = 200 << 10
	f := func(what string, write func(f *http2.Framer, i int)) {
		t.Helper()
		d := l7.HTTP2.New()
		kept, fields := 0, &l7.Fields{}
		for i := range 1100 {
			data := http2Frames(func(f *http2.Framer) { write(f, i) })
			for _, request := range []bool{true, false} {
				read(d, request, data, fields)
			}
			kept = max(kept, d.(interface{ Kept() int }).Kept())
		}
		if t.Logf("%s: %d bytes", what, kept); kept > most {
			t.Errorf("%s: %d bytes are kept, want at most %d", what, kept, most)
		}
	}
	literal := func(name string, value string) []byte { // added to the table
		b := append([]byte{0x40, byte(len(name))}, name...)
		b = append(b, 0x7f)
		for n := len(value) - 0x7f; ; n >>= 7 {
			if n < 0x80 {
				b = append(b, byte(n))
				break
			}
			b = append(b, byte(n)|0x80)
		}
		return append(b, value...)
	}
	big := bytes.Repeat(literal("x-request-id", strings.Repeat("r", 3000)), 5)
	f("streams that never end", func(f *http2.Framer, i int) {
		_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: uint32(2*i + 1), BlockFragment: block(":method", "GET", ":path", fmt.Sprint("/", i)), EndHeaders: true})
	})
	f("a header that never ends", func(f *http2.Framer, i int) {
		if i == 0 {
			_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte{0x82}})
		}
		_ = f.WriteContinuation(1, false, big)
	})
	f("a field that never ends", func(f *http2.Framer, i int) {
		if i == 0 {
			_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte{0x00, 0x7f, 0xff, 0xff, 0xff, 0x7f}})
		}
		_ = f.WriteContinuation(1, false, bytes.Repeat([]byte("x"), 10000))
	})
	f("a table of 4 GiB", func(f *http2.Framer, i int) {
		size := []byte{0x3f}
		for n := uint64(1<<32 - 1 - 31); ; n >>= 7 {
			if n < 0x80 {
				size = append(size, byte(n))
				break
			}
			size = append(size, byte(n)|0x80)
		}
		_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: append(size, big...), EndHeaders: true})
	})
	f("many small entries", func(f *http2.Framer, i int) {
		_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: bytes.Repeat([]byte{0x40, 0x01, 'b', 0x01, byte(i)}, 1000), EndHeaders: true})
	})
	f("one entry asked for again and again", func(f *http2.Framer, i int) {
		b := append(literal("x-request-id", strings.Repeat("r", 3900)), bytes.Repeat([]byte{0xbe}, 1000)...)
		_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: b, EndHeaders: true})
	})
	f("lengths of all sizes", func(f *http2.Framer, i int) {
		_ = f.WriteRawFrame(http2.FrameType(i%12), http2.Flags(i), uint32(i), binary.BigEndian.AppendUint64(nil, uint64(i)<<40))
	})
}

// A user and password in :authority, which RFC 9113 (8.3.1) forbids and some write, are redacted, whatever the path is.
func TestHTTP2RedactsAuthority(t *testing.T) {
	t.Parallel()
	var f l7.Fields
	read(l7.HTTP2.New(), true, http2.ClientPreface+http2Frames(func(f *http2.Framer) {
		_ = f.WriteSettings()
		_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block(":method", "GET", ":scheme", "http", ":authority", "ann:secret@shop", ":path", "/items"), EndHeaders: true, EndStream: true})
	}), &f)
	l7.HTTP2.Redact(&f)
	if f.Domain != "shop" || f.Resource != "/items" {
		t.Errorf("%+v", f)
	}
}
