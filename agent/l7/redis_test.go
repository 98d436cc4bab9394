package l7_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/pkg/span"
)

func command(args ...string) string {
	s := fmt.Sprintf("*%d\r\n", len(args))
	for _, a := range args {
		s += fmt.Sprintf("$%d\r\n%s\r\n", len(a), a)
	}
	return s
}

// Only commands that are known are taken for Redis's, and what only its servers say.
func TestRedisIsDetected(t *testing.T) {
	t.Parallel()
	f := func(want l7.Match, text string) {
		t.Helper()
		if got := l7.Redis.Detect([]byte(text)); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
	f(l7.MatchRequest, command("GET", "a"))
	f(l7.MatchRequest, command("hset", "h", "a", "1"))
	f(l7.MatchRequest, command("FT.SEARCH", "i", "x"))
	f(l7.MatchRequest, command("SUBSCRIBE", "a"))
	f(l7.MatchRequest, command("SUBSCRIBE", "a", "b"))
	f(l7.MatchMore, command("SUBSCRIBE", "a", "b")[:25])
	f(l7.MatchMore, command("GET", "a")[:9])
	f(l7.MatchResponse, "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n")
	f(l7.MatchResponse, "%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n")
	f(l7.MatchResponse, "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nb\r\n")
	for _, none := range []string{
		command("foo", "bar"), command("a\x01b"), "*0\r\n", "*-1\r\n", "*1\r\n$0\r\n\r\n", "*99999999\r\n$3\r\nGET\r\n", "*1\r\n$99\r\n", "*1\n$3\nGET\n", "* OK IMAP4rev1\r\n",
		"+OK POP3 ready\r\n", "-ERR\r\n", "PING\r\n", "PONG\r\n", "INFO {}\r\n", "get key\r\n", "GET / HTTP/1.1\r\n", "$3\r\nabc\r\n", ":1\r\n", "\x16\x03\x01", "%PDF-1.7", ">hello",
	} {
		f(l7.MatchNone, none)
	}
}

// A command's resource is its first key, wherever that stands.
func TestRedisCommands(t *testing.T) {
	t.Parallel()
	f := func(endpoint, resource string, role l7.Role, args ...string) {
		t.Helper()
		var got l7.Fields
		step := l7.Redis.New().Request([]byte(command(args...)), 0, one{&got})
		if step.State != l7.Head || got.Endpoint != endpoint || got.Resource != resource || step.Role != role {
			t.Errorf("%q: %+v %q %q", args, step, got.Endpoint, got.Resource)
		}
	}
	f("GET", "user:42", l7.Plain, "get", "user:42")
	f("MSET", "a", l7.Plain, "MSET", "a", "1", "b", "2")
	f("OBJECT ENCODING", "k", l7.Plain, "OBJECT", "encoding", "k")
	f("XINFO STREAM", "s", l7.Plain, "XINFO", "STREAM", "s")
	f("BITOP", "d", l7.Plain, "BITOP", "AND", "d", "a", "b")
	f("EVALSHA", "k", l7.Plain, "EVALSHA", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db", "1", "k", "v")
	f("EVAL", "", l7.Plain, "EVAL", "return 1", "0", "v")
	f("ZUNION", "a", l7.Plain, "ZUNION", "2", "a", "b")
	f("BLMPOP", "a", l7.Plain, "BLMPOP", "0", "1", "a", "LEFT")
	f("XREADGROUP", "s", l7.Plain, "XREADGROUP", "GROUP", "g", "c", "COUNT", "10", "BLOCK", "0", "STREAMS", "s", ">")
	f("SCAN", "", l7.Plain, "SCAN", "0")
	f("CONFIG SET", "", l7.Plain, "CONFIG", "SET", "requirepass", "s3cret")
	f("CLIENT LIST", "", l7.Plain, "CLIENT", "LIST")
	f("CLIENT SETINFO", "", l7.Silent, "CLIENT", "SETINFO", "LIB-NAME", "x")
	f("AUTH", "", l7.Silent, "AUTH", "app", "s3cret")
	f("HELLO", "", l7.Silent, "HELLO", "3", "AUTH", "app", "s3cret")
	f("PING", "", l7.Silent, "PING")
	f("CLIENT REPLY", "", l7.Dismissed, "CLIENT", "REPLY", "OFF")
	f("FT.SEARCH", "idx", l7.Plain, "FT.SEARCH", "idx", "*")
	f("LOGIN", "", l7.Plain, "LOGIN", "s3cret") // nobody knows what it is
	f("GET", strings.Repeat("k", 1024), l7.Plain, "GET", strings.Repeat("k", 5000))
}

// An error's first word says of what kind it is, and whose fault.
func TestRedisErrors(t *testing.T) {
	t.Parallel()
	f := func(line, code string, status span.Status, message string) {
		t.Helper()
		got := l7.Fields{Type: "GET"}
		if s := l7.Redis.New().Response([]byte(line+"\r\n"), 0, one{&got}); s.State != l7.Head {
			t.Errorf("%q: %+v", line, s)
		}
		if got.Status != status || got.StatusMessage != message || len(got.Attributes) != 1 || got.Attributes[0].Value != code {
			t.Errorf("%q: %+v", line, got)
		}
	}
	f("-ERR value is not an integer", "ERR", span.StatusClientError, "ERR value is not an integer")
	f("-WRONGTYPE Operation against", "WRONGTYPE", span.StatusClientError, "WRONGTYPE Operation against")
	f("-OOM command not allowed", "OOM", span.StatusServerError, "OOM command not allowed")
	f("-LOADING Redis is loading", "LOADING", span.StatusServerError, "LOADING Redis is loading")
	f("-unknown", "ERR", span.StatusClientError, "unknown")
	f("-MOVED 3999 127.0.0.1:6381", "MOVED", span.StatusOK, "") // where a client of a cluster goes on
	f("!21\r\nSYNTAX invalid syntax", "SYNTAX", span.StatusClientError, "SYNTAX invalid syntax")
}
