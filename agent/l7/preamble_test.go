package l7_test

import (
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent/l7"
)

func TestProxyProtocol(t *testing.T) {
	t.Parallel()
	v2 := func(command, family byte, addresses string) string {
		return "\r\n\r\n\x00\r\nQUIT\n" + string([]byte{0x20 | command, family, 0, byte(len(addresses))}) + addresses
	}
	f := func(header, client string) {
		t.Helper()
		for n := range len(header) {
			if p, m := l7.ReadPreamble([]byte(header[:n])); m != l7.MatchMore || p.Size != 0 {
				t.Errorf("%d bytes of %q: %+v, %d", n, header, p, m)
			}
		}
		p, m := l7.ReadPreamble([]byte(header + "GET / HTTP/1.1\r\n\r\n"))
		got := ""
		if p.Client.IsValid() {
			got = p.Client.String()
		}
		if m != l7.MatchRequest || p.Size != len(header) || got != client {
			t.Errorf("%q: %+v, %d; want client %s", header, p, m, client)
		}
	}
	f("PROXY TCP4 198.51.100.7 192.0.2.1 56324 80\r\n", "198.51.100.7:56324")
	f("PROXY TCP6 2001:db8::7 2001:db8::1 56324 80\r\n", "[2001:db8::7]:56324")
	f("PROXY TCP6 ::ffff:198.51.100.7 ::ffff:192.0.2.1 56324 80\r\n", "198.51.100.7:56324") // of a socket that takes IPv4 too
	f("PROXY UNKNOWN\r\n", "")
	f("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", "")
	f(v2(1, 0x11, "\xc6\x33\x64\x07\xc0\x00\x02\x01\xdc\x04\x00\x50"), "198.51.100.7:56324")
	f(v2(1, 0x11, "\xc6\x33\x64\x07\xc0\x00\x02\x01\xdc\x04\x00\x50\x04\x00\x00"), "198.51.100.7:56324") // with a field behind
	f(v2(1, 0x21, "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x07\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\xdc\x04\x00\x50"), "[2001:db8::7]:56324")
	f(v2(1, 0x21, strings.Repeat("\x00", 10)+"\xff\xff\xc6\x33\x64\x07"+strings.Repeat("\x00", 10)+"\xff\xff\xc0\x00\x02\x01\xdc\x04\x00\x50"), "198.51.100.7:56324")
	f(v2(0, 0, ""), "")
	for _, none := range []string{"PROXY /x HTTP/1.1\r\n\r\n", "PROXY TCP4 a b 1 2\r\n", "GET / HTTP/1.1\r\n", "\r\n\r\nGET"} {
		if p, m := l7.ReadPreamble([]byte(none)); m != l7.MatchNone || p.Size != 0 {
			t.Errorf("%q: %+v, %d", none, p, m)
		}
	}
}
