package session_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/agent/session"
)

// respCommand is a command as clients write it.
func respCommand(args ...string) string {
	s := fmt.Sprintf("*%d\r\n", len(args))
	for _, a := range args {
		s += bulk(a)
	}
	return s
}

func bulk(text string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(text), text) }

// aggregate is an array, a map, a set or a push.
func aggregate(kind string, n int, values ...string) string {
	return fmt.Sprintf("%s%d\r\n", kind, n) + strings.Join(values, "")
}

// redisTurns is a connection that waits for each answer, by RESP3.
func redisTurns() []turn {
	ask := func(args ...string) turn { return turn{fromClient, respCommand(args...)} }
	say := func(text string) turn { return turn{fromServer, text} }
	return []turn{
		ask("HELLO", "3", "AUTH", "app", "secret"), say(aggregate("%", 7, bulk("server"), bulk("redis"), bulk("version"), bulk("7.0.15"), bulk("proto"), ":3\r\n", bulk("id"), ":12\r\n", bulk("mode"), bulk("standalone"), bulk("role"), bulk("master"), bulk("modules"), "*0\r\n")),
		ask("CLIENT", "SETINFO", "LIB-NAME", "x"), say("-ERR unknown subcommand 'SETINFO'. Try CLIENT HELP.\r\n"),
		ask("SELECT", "3"), say("+OK\r\n"),
		ask("PING"), say("+PONG\r\n"),
		ask("set", "user:1", strings.Repeat("v", 9000)), say("+OK\r\n"),
		ask("GET", "user:1"), say(bulk(strings.Repeat("v", 9000))),
		ask("GET", "none"), say("_\r\n"),
		ask("GET", "none"), say("$-1\r\n"),
		ask("INCR", "n"), say(":-42\r\n"),
		ask("ZSCORE", "z", "a"), say(",1.5\r\n"),
		ask("HGETALL", "h"), say(aggregate("%", 2, bulk("a"), "*2\r\n:1\r\n#t\r\n", bulk("b"), "%1\r\n+x\r\n~2\r\n(123456789012345678901234567890\r\n_\r\n")),
		ask("LRANGE", "l", "0", "-1"), say(aggregate("*", 40, strings.Repeat(bulk(strings.Repeat("e", 120)), 40))),
		ask("LPUSH", "user:1", "x"), say("-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
		ask("EVAL", "return 1", "1", "k", "v"), say("!21\r\nSYNTAX invalid syntax\r\n"),
		ask("INFO"), say("=15\r\ntxt:Some string\r\n"),
		ask("CONFIG", "GET", "maxmemory"), say("|1\r\n+ttl\r\n:3600\r\n%1\r\n" + bulk("maxmemory") + bulk("0")),
		say(aggregate(">", 2, bulk("invalidate"), "*1\r\n"+bulk("user:1"))),
		ask("XREAD", "BLOCK", "100", "STREAMS", "s", "$"), say("*-1\r\n"),
		ask("SUBSCRIBE", "news", "more"), say(aggregate(">", 3, bulk("subscribe"), bulk("news"), ":1\r\n") + aggregate(">", 3, bulk("subscribe"), bulk("more"), ":2\r\n")),
		say(aggregate(">", 3, bulk("message"), bulk("news"), bulk(strings.Repeat("hello ", 300)))), say(aggregate(">", 4, bulk("pmessage"), bulk("n*"), bulk("new"), bulk("hi"))),
		ask("GET", "user:2"), say(aggregate(">", 3, bulk("message"), bulk("more"), bulk("x"))), say(bulk("y")),
	}
}

// redisPipelinedTurns is a connection that does not wait, by RESP2.
func redisPipelinedTurns() []turn {
	return []turn{
		{fromClient, respCommand("GET", "a") + respCommand("MULTI") + respCommand("SET", "b", "1") + respCommand("LPUSH", "b", "x") + respCommand("EXEC") + "get  inline\r\n" + respCommand("CLIENT", "REPLY", "SKIP") + respCommand("SET", "c", "2") + respCommand("GET", "c")},
		{fromServer, bulk("1") + "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n-WRONGTYPE Operation against a key holding the wrong kind of value\r\n$-1\r\n" + bulk("2")},
		{fromClient, respCommand("SUBSCRIBE", "x", "y") + respCommand("PING")},
		{fromServer, aggregate("*", 3, bulk("subscribe"), bulk("x"), ":1\r\n") + aggregate("*", 3, bulk("subscribe"), bulk("y"), ":2\r\n") + aggregate("*", 3, bulk("message"), bulk("x"), bulk("one")) + aggregate("*", 2, bulk("pong"), bulk(""))},
		{fromServer, aggregate("*", 4, bulk("pmessage"), bulk("y*"), bulk("yy"), bulk("two"))},
		{fromClient, respCommand("UNSUBSCRIBE") + respCommand("DEL", "c") + respCommand("GET", "d")},
		{fromServer, aggregate("*", 3, bulk("unsubscribe"), bulk("x"), ":1\r\n") + aggregate("*", 3, bulk("unsubscribe"), bulk("y"), ":0\r\n") + ":1\r\n" + bulk("d")},
	}
}

func redisLines(o *observer) (lines []string) {
	for _, s := range o.full {
		text := fmt.Sprintf("%s %q: %s", s.L7.Endpoint, s.L7.Resource, s.L7.Status)
		if s.Pushed {
			text += " pushed"
		}
		if s.L7.StatusMessage != "" {
			text += fmt.Sprintf(" %q", s.L7.StatusMessage)
		}
		for _, a := range s.L7.Attributes {
			text += " " + a.Key + "=" + a.Value
		}
		lines = append(lines, text)
	}
	return lines
}

func TestRedis(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut(redisTurns(), 1, 1, whole)...)
	const of = " db.namespace=3"
	want := []string{
		`SET "user:1": ok` + of, `GET "user:1": ok` + of, `GET "none": ok` + of, `GET "none": ok` + of, `INCR "n": ok` + of, `ZSCORE "z": ok` + of,
		`HGETALL "h": ok` + of, `LRANGE "l": ok` + of,
		`LPUSH "user:1": client error "WRONGTYPE Operation against a key holding the wrong kind of value"` + of + ` db.response.status_code=WRONGTYPE`,
		`EVAL "k": client error "SYNTAX invalid syntax"` + of + ` db.response.status_code=SYNTAX`,
		`INFO "": ok` + of, `CONFIG GET "": ok` + of, `XREAD "s": ok` + of + ` throughline.blocking=true`,
		`SUBSCRIBE "news": ok` + of, `MESSAGE "news": ok pushed` + of, `MESSAGE "new": ok pushed` + of, `MESSAGE "more": ok pushed` + of, `GET "user:2": ok` + of,
	}
	if diff := cmp.Diff(want, redisLines(o)); diff != "" {
		t.Errorf("(-want +got):\n%s\nledger %v", diff, o.ledger.Rows())
	}
	o.wantLine(t, "left out: pings", 4) // HELLO, CLIENT SETINFO, SELECT and PING: what a library asks and is told is not its user's
}

// Answers come in the order of the commands. A transaction's commands are queued, and its end says that one has failed.
func TestRedisPipelined(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut(redisPipelinedTurns(), 1, 1, whole)...)
	want := []string{
		`SET "c": unknown`, // nobody answers it
		`GET "a": ok`, `MULTI "": ok`, `SET "b": ok`, `LPUSH "b": ok`,
		`EXEC "": client error "WRONGTYPE Operation against a key holding the wrong kind of value" db.response.status_code=WRONGTYPE`,
		`GET "inline": ok`, `GET "c": ok`, `SUBSCRIBE "x": ok`, `MESSAGE "x": ok pushed`, `MESSAGE "yy": ok pushed`,
		`UNSUBSCRIBE "": ok`, `DEL "c": ok`, `GET "d": ok`,
	}
	if diff := cmp.Diff(want, redisLines(o)); diff != "" {
		t.Errorf("(-want +got):\n%s\nledger %v", diff, o.ledger.Rows())
	}
}

// Answers that were not captured cost the commands that they are of. Nothing more is owed to a
// client that asks anew a second later.
func TestRedisPipelineNotAllCaptured(t *testing.T) {
	t.Parallel()
	var asked, said string
	for i := range 20 {
		asked += respCommand("GET", fmt.Sprint("k", i))
		said += bulk(strings.Repeat("v", 100))
	}
	pieces := cut([]turn{
		{fromClient, asked}, {fromServer, said},
		{fromClient, respCommand("GET", "next")}, {fromServer, "-WRONGTYPE no\r\n"},
		{fromClient, respCommand("GET", "last")}, {fromServer, "$-1\r\n"},
	}, 1, 1, whole)
	pieces[1].seg.Data = pieces[1].seg.Data[:1024]
	for i := range pieces[2:] {
		pieces[2+i].seg.Enter += 2e9
		pieces[2+i].seg.Exit += 2e9
	}
	o := observe().feed(pieces...)
	o.conn.Close()
	lines := redisLines(o)
	if n := len(lines); n != 22 {
		t.Fatalf("%d sessions: %q", n, lines)
	}
	want := []string{`GET "next": client error "WRONGTYPE no" db.response.status_code=WRONGTYPE`, `GET "last": ok`}
	if diff := cmp.Diff(want, lines[20:]); diff != "" {
		t.Errorf("(-want +got):\n%s\n%q", diff, lines)
	}
}

// A connection that is met in its middle.
func TestRedisJoined(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		turns []turn
		want  []string
	}{
		"an answer":      {[]turn{{fromServer, bulk("x")}, {fromClient, respCommand("GET", "a")}, {fromServer, bulk("x")}}, []string{`GET "a": ok`}},
		"an array":       {[]turn{{fromServer, "*2\r\n" + bulk("foo") + bulk("bar")}, {fromClient, respCommand("FT.SEARCH", "a", "b")}, {fromServer, bulk("x")}}, []string{`FT.SEARCH "a": ok`}},
		"a subscription": {[]turn{{fromServer, aggregate("*", 3, bulk("message"), bulk("x"), bulk("one"))}, {fromServer, aggregate("*", 3, bulk("message"), bulk("y"), bulk("one"))}}, []string{`MESSAGE "x": ok pushed`, `MESSAGE "y": ok pushed`}},
	} {
		o := observe().feed(cut(c.turns, 1, 1, whole)...)
		o.conn.Close()
		if diff := cmp.Diff(c.want, redisLines(o)); diff != "" {
			t.Errorf("%s (-want +got):\n%s\nledger %v", name, diff, o.ledger.Rows())
		}
	}
}

// However long a value says that it is, and however deep, a connection keeps so much.
func TestRedisIsBounded(t *testing.T) {
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
	for i := range 5000 {
		feed(true, respCommand("GET", fmt.Sprint(i, strings.Repeat("k", 2000))))
	}
	for _, hostile := range []string{"*2147483647\r\n", "%99999999999999999999\r\n", "$999999999999999\r\n", "*-7\r\n", "$?\r\n", "+" + strings.Repeat("x", 1400), "~2147483647\r\n%2147483647\r\n"} {
		for range 30 {
			feed(false, hostile)
			feed(true, hostile)
		}
	}
	o.wantBounded(t)
}
