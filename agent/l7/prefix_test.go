package l7_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent/l7"
)

// corpus are messages of all protocols and both sides.
var corpus = append([]string{
	"GET /items/42?full=1 HTTP/1.1\r\nHost: a\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n",
	"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nT: 1\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Request-Id: r\r\n\r\nhello",
	"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
	string(packet(0, "\x0a10.11.6-MariaDB\x00\x01\x00\x00\x00abcdefgh\x00\xfe\xf7\x2d\x02\x00\xff\x81\x15\x00\x00\x00\x00")),
	string(packet(1, "\x0d\xa2\x3a\x01\x00\x00\x00\x01\x2d\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00root\x00")),
	string(packet(0, "\x03SELECT * FROM t")),
	string(packet(0, "\x17\x01\x00\x00\x00\x00\x01\x00\x00\x00\x00")),
	string(packet(1, "\x02")) + string(packet(2, "\x03def\x00\x00")) + string(packet(3, "\x03def\x00\x00")) + string(packet(4, "\xfe\x00\x00\x0a\x00")) +
		string(packet(5, "\x01a\xfb")) + string(packet(6, "\xfe\x00\x00\x0a\x00")) + string(packet(7, "\x00\x00\x00\x02\x00\x00\x00")),
	string(packet(1, "\x00\x01\x00\x00\x00\x01\x00\x01\x00\x00\x00\x00")) + string(packet(2, "\x03def")) + string(packet(3, "\xfe\x00\x00\x02\x00")) + string(packet(4, "\x03def")) + string(packet(5, "\xfe\x00\x00\x02\x00")),
	string(packet(1, "\xff\x28\x04#42000You have an error")),
	beginRecord + record(4, 1, pair("REQUEST_METHOD", "GET")+pair("REQUEST_URI", "/items/42?a=b")+pair("HTTP_COOKIE", strings.Repeat("c", 130)), 3) + record(4, 1, "", 0) + record(5, 1, "", 0),
	"\x00\x00\x00\x08\x04\xd2\x16\x2f", "\x00\x00\x00\x10\x04\xd2\x16\x2e\x00\x00\x12\x67\x00\x12\xd6\x87", "\x00\x00\x00\x20\x00\x03\x00\x00user\x00app\x00database\x00s\x00\x00",
	postgres('Q', "SELECT 1\x00"),
	postgres('P', "s1\x00INSERT INTO t VALUES ($1)\x00\x00\x00") + postgres('B', "c\x00s1\x00\x00\x01\x00\x01\x00\x01\x00\x00\x00\x0242\x00\x00") + postgres('D', "Pc\x00") + postgres('E', "c\x00\x00\x00\x00\x01") + postgres('C', "Ss1\x00") + postgres('S', ""),
	postgres('B', "\x00S_1\x00\x00\x00\x00\x00\x00\x00") + postgres('E', "\x00\x00\x00\x00\x01") + postgres('H', ""),
	postgres('Q', "COPY t FROM STDIN\x00") + postgres('d', "1\tx\n") + postgres('c', ""),
	postgres('1', "") + postgres('2', "") + postgres('T', "\x00\x01id\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x17\x00\x04\xff\xff\xff\xff\x00\x00") + postgres('D', "\x00\x01\x00\x00\x00\x0242") + postgres('C', "SELECT 1\x00") + postgres('Z', "I"),
	postgres('E', "SERROR\x00VERROR\x00C42703\x00Mno such column\x00\x00") + postgres('Z', "E"),
	postgres('N', "SNOTICE\x00VNOTICE\x00C00000\x00Mhello\x00\x00") + postgres('A', "\x00\x00\x12\x68news\x00\x00") + postgres('s', "") + postgres('Z', "T"),
	postgres('R', "\x00\x00\x00\x0aSCRAM-SHA-256\x00\x00") + postgres('R', "\x00\x00\x00\x00") + postgres('K', "\x00\x00\x12\x67\x00\x12\xd6\x87"),
	"*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\nbc\r\n", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n$1\r\nb\r\n", "*3\r\n$5\r\nBLPOP\r\n$1\r\nq\r\n$1\r\n0\r\n",
	"*6\r\n$10\r\nXREADGROUP\r\n$5\r\nBLOCK\r\n$1\r\n5\r\n$7\r\nSTREAMS\r\n$1\r\ns\r\n$1\r\n$\r\n", "*4\r\n$4\r\nEVAL\r\n$1\r\nx\r\n$1\r\n1\r\n$1\r\nk\r\n", "info replication\r\n",
	"+OK\r\n-ERR no\r\n:-42\r\n$-1\r\n$3\r\nabc\r\n*-1\r\n", "%2\r\n+a\r\n#t\r\n+b\r\n*2\r\n_\r\n,1.5\r\n", "|1\r\n+ttl\r\n:1\r\n~1\r\n(123\r\n", "!21\r\nSYNTAX invalid syntax\r\n=7\r\ntxt:abc\r\n",
	">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nb\r\n>2\r\n$10\r\ninvalidate\r\n_\r\n", "*4\r\n$8\r\npmessage\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n", "%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n",
	"\x00\x1b\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04shop\x04test\x00\x00\x1c\x00\x01",
	"\x00\x39\x12\x34\x85\x80\x00\x01\x00\x01\x00\x00\x00\x01\x04shop\x04test\x00\x00\x01\x00\x01\xc0\x0c\x00\x05\x00\x01\x00\x00\x0e\x10\x00\x06\x03www\xc0\x0c\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00",
	"set a 0 0 3 noreply\r\nabc\r\nget a b\r\nincr a 1\r\n", "mg a v k q\r\nmn\r\n", "ma\r\n", "mg\r\n", "ms a 3 T60\r\nabc\r\n", "VALUE a 0 3 7\r\nabc\r\nEND\r\n", "STORED\r\n", "VA 3 ka\r\nabc\r\nEN\r\nMN\r\n", "CLIENT_ERROR no\r\nSERVER_ERROR no\r\n", "STAT pid 1\r\nEND\r\n",
	"\x80\x01\x00\x01\x08\x00\x00\x00\x00\x00\x00\x0a" + strings.Repeat("\x00", 20) + "ab", "\x80\x0d\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01" + strings.Repeat("\x00", 12) + "a\x80\x0a" + strings.Repeat("\x00", 22),
	"\x81\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x05" + strings.Repeat("\x00", 16) + "b", "\x81\x05\x00\x00\x00\x00\x00\x06\x00\x00\x00\x02" + strings.Repeat("\x00", 12) + "no",
	"INFO {\"a\":1}\r\nPING\r\n+OK\r\n-ERR 'no'\r\n", "CONNECT {}\r\nSUB a.* q 1\r\nUNSUB 1 5\r\nPUB a _INBOX.b 2\r\nhi\r\n", "HPUB a _INBOX.b 24 26\r\nNATS/1.0\r\nb3: 0\r\na:b\r\n\r\nhi\r\n", "MSG _INBOX.b 1 2\r\nhi\r\nMSG a 1 _INBOX.c 0\r\n\r\n", "HMSG _INBOX.b 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n",
	record(7, 1, "a warning", 1) + record(6, 1, "Status: 404 Not Found\r\n\r\nbody", 2) + record(6, 1, "", 0) + record(3, 1, "\x00\x00\x00\x01\x00\x00\x00\x00", 0),
	"\x81\x85\xb9N\x17\xc4s\x81\\\xc1\xb9\x89\x80aaaa\x88\x82\x43\x6a\xc8\xcd\x40\x82", "\x01\x02in\x80\x02 2\x82\x7e\x00\x80" + strings.Repeat("b", 128) + "\x88\x09\x03\xf3no disk", "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00",
}, http2Corpus...)

// everything is all that is spoken, over UDP too.
var everything = append(append(slices.Clone(l7.All), l7.All.OverUDP()...), &l7.WebSocket)

// resume is Resume, where a protocol has one: datagrams need none.
func resume(p *l7.Protocol, data []byte, missing int) {
	if p.Resume != nil {
		p.Resume(data, missing)
	}
}

// walk takes a stream through a dialogue as a session does and checks what it must keep.
func walk(p *l7.Protocol, request bool, command string, data []byte, missing int) error {
	f := &l7.Fields{Type: command}
	if request {
		f = &l7.Fields{}
	}
	return walkFields(p, request, f, data, missing)
}

// walkFields is walk where the request says more.
func walkFields(p *l7.Protocol, request bool, f *l7.Fields, data []byte, missing int) error {
	d := p.New()
	for range 4*len(data) + 16 {
		var s l7.Step
		if request {
			s = d.Request(data, missing, one{f})
		} else {
			s = d.Response(data, missing, one{f})
		}
		switch s.State {
		case l7.Head, l7.Body, l7.End:
			if s.Advance > uint64(len(data)+missing) || s.State == l7.End {
				return nil // beyond what is here, or the message is over
			}
			if rest := uint64(len(data)); s.Advance > rest {
				missing -= int(s.Advance - rest)
				data = nil
			} else {
				data = data[s.Advance:]
			}
			if len(data)+missing == 0 {
				return nil
			}
		default:
			return nil
		}
	}
	return fmt.Errorf("%s goes on for ever over %q", p.Name, data)
}

// Every short prefix of every message is taken cleanly, captured whole or cut off.
func TestEveryPrefix(t *testing.T) {
	t.Parallel()
	for _, message := range corpus {
		for n := range len(message) {
			for _, p := range everything {
				p.Detect([]byte(message[:n]))
				for _, missing := range []int{0, 1, 5, 100000} {
					resume(p, []byte(message[:n]), missing)
					for _, command := range []string{"", "HEAD", "COM_QUERY", "COM_STMT_PREPARE", "COM_STMT_FETCH", "COM_STATISTICS", "COM_CHANGE_USER", "EXEC"} {
						for _, request := range []bool{true, false} {
							if err := walk(p, request, command, []byte(message[:n]), missing); err != nil {
								t.Fatal(err)
							}
						}
					}
				}
			}
		}
	}
}

// A line that ends early, as a command without its key, is none or one with little in it.
func TestEveryLineThatEndsEarly(t *testing.T) {
	t.Parallel()
	for _, message := range corpus {
		for n := range min(len(message), 100) {
			for _, end := range []string{"\n", "\r\n", " \r\n", "\x00"} {
				data := append([]byte(message[:n]), end...)
				l7.All.Detect(data)
				for _, p := range everything {
					for _, request := range []bool{true, false} {
						if err := walk(p, request, "", data, 0); err != nil {
							t.Fatalf("%s, %q: %v", p.Name, data, err)
						}
					}
				}
			}
		}
	}
}

func FuzzDialogue(f *testing.F) {
	for _, message := range corpus {
		f.Add([]byte(message), uint16(0), true, uint32(0))
		f.Add([]byte(message), uint16(9), false, uint32(0))
	}
	for _, protocol := range fromWire {
		for _, list := range wire(f, protocol) {
			expects := uint32(0)
			for _, s := range list {
				f.Add([]byte(s.text[:min(len(s.text), 2048)]), uint16(0), s.request, expects)
				expects = s.expects(protocol, expects)
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, missing uint16, request bool, expects uint32) {
		l7.All.Detect(data)
		if p := wrongFirst(data); p != nil {
			t.Fatalf("%s begins with a byte that it says it cannot", p.Name)
		}
		for _, p := range everything {
			if err := walkFields(p, request, &l7.Fields{Expect: expects}, data, int(missing)); err != nil {
				t.Fatal(err)
			}
			for _, command := range []string{"GET", "COM_QUERY", "COM_STMT_PREPARE", "COM_FIELD_LIST", "COM_CHANGE_USER", "EXEC"} {
				if err := walk(p, request, command, data, int(missing)); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

func FuzzEndpoint(f *testing.F) {
	f.Add("/items/42?x")
	f.Add("/550e8400-e29b-41d4-a716-446655440000/")
	f.Fuzz(func(t *testing.T, path string) {
		if once := l7.Endpoint(path); l7.Endpoint(once) != once {
			t.Errorf("Endpoint(%q) = %q, and of that %q", path, once, l7.Endpoint(once))
		}
		l7.Verb(path)
		l7.ReadPreamble([]byte(path))
	})
}
