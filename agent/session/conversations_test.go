package session_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/throughline-io/throughline/agent/session/sessiontest"
)

// conversation is a known exchange and how many sessions are in it.
type conversation struct {
	name     string
	turns    []turn
	sessions int
	// pipelined: requests are sent before earlier ones are answered, so that after a loss
	// nobody can tell which response is whose.
	pipelined bool
	// lookalike: a body looks like messages, so that nobody who missed the header can tell.
	lookalike bool
}

// conversations are what the tests of arbitrary segmentation are made of.
func conversations() []conversation {
	return []conversation{
		{name: "http", turns: httpTurns(), sessions: 12},
		{name: "http body like http", turns: []turn{
			{fromClient, "PUT /up HTTP/1.1\r\nContent-Length: 6000\r\n\r\n" + strings.Repeat("GET / HTTP/1.1\r\n", 375)},
			{fromServer, "HTTP/1.1 200 OK\r\nContent-Length: 3400\r\n\r\n" + strings.Repeat("HTTP/1.1 200 OK\r\n", 200)},
			{fromClient, get}, {fromServer, ok5},
		}, sessions: 2, lookalike: true},
		{name: "graphql", turns: graphqlTurns(), sessions: 7},
		{name: "websocket", turns: websocketTurns(), sessions: 2},
		{name: "websocket by http2", turns: websocketStreamTurns(), sessions: 4, pipelined: true},
		{name: "pipelined http", turns: pipelinedTurns(), sessions: 6, pipelined: true},
		{name: "many at once", turns: multiplexedTurns(), sessions: 12, pipelined: true},
		{name: "mysql with EOF", turns: mysqlTurns(0x3aa20d, false), sessions: 10},
		{name: "fastcgi", turns: fastcgiTurns(), sessions: 5},
		{name: "fastcgi at once", turns: fastcgiAtOnceTurns(), sessions: 4, pipelined: true},
		{name: "postgres", turns: postgresTurns(), sessions: 11},
		{name: "postgres pipelined", turns: postgresPipelinedTurns(), sessions: 8, pipelined: true},
		{name: "http2", turns: http2Turns(), sessions: 7, pipelined: true},
		{name: "grpc", turns: grpcTurns(), sessions: 8, pipelined: true},
		{name: "redis", turns: redisTurns(), sessions: 18},
		{name: "redis pipelined", turns: redisPipelinedTurns(), sessions: 14, pipelined: true},
		{name: "kafka produce", turns: wireTurns("kafka-java-produce"), sessions: 7, pipelined: true},
		{name: "kafka fetch", turns: wireTurns("kafka-java-fetch"), sessions: 7, pipelined: true},
		{name: "kafka group", turns: wireTurns("kafka-kafkajs-group"), sessions: 10},
		{name: "kafka without answers", turns: wireTurns("kafka-kafkajs-produce"), sessions: 5, pipelined: true},
		{name: "amqp", turns: wireTurns("amqp-amqplib"), sessions: 11, pipelined: true},
		{name: "amqp publishes, gets and fails", turns: wireTurns("amqp-pika"), sessions: 26, pipelined: true},
		{name: "mongodb", turns: wireTurns("mongodb-go-driver"), sessions: 9},
		{name: "mongodb with answers and none", turns: mongoTurns(), sessions: 7, pipelined: true},
		{name: "dns", turns: dnsTurns()[3:], sessions: 2},
		{name: "dns at once", turns: dnsTurns(), sessions: 4, pipelined: true},
		{name: "memcached", turns: memcachedTurns(), sessions: 9},
		{name: "memcached in binary", turns: memcachedBinaryTurns(), sessions: 5},
		{name: "memcached pipelined", turns: memcachedPipelinedTurns(), sessions: 8, pipelined: true},
		{name: "nats", turns: natsTurns(), sessions: 7, pipelined: true},
		{name: "mqtt", turns: mqttTurns(), sessions: 14, pipelined: true},
		{name: "mqtt from wire", turns: wireTurns("mqtt-mqtt-js-5"), sessions: 18, pipelined: true},
		{name: "dubbo", turns: dubboTurns(), sessions: 6, pipelined: true},
		{name: "mysql without EOF", turns: mysqlTurns(0x13aa20d, true), sessions: 10},
	}
}

// wireTurns are what the sides said in a file of testdata/wire of which all was captured.
func wireTurns(name string) (turns []turn) {
	text, err := os.ReadFile("testdata/wire/" + name + ".txt")
	if err != nil {
		panic(err)
	}
	c, err := sessiontest.Read(string(text))
	if err != nil {
		panic(err)
	}
	for _, s := range c.Said {
		turns = append(turns, turn{speaker(s.Client), string(s.Segment.Data)})
	}
	return turns
}

func httpTurns() []turn {
	chunked := func(sizes ...int) string {
		b := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		for i, n := range sizes {
			b += fmt.Sprintf("%x\r\n%s\r\n", n, strings.Repeat(string(rune('a'+i)), n))
		}
		return b + "0\r\n\r\n"
	}
	return []turn{
		{fromClient, get}, {fromServer, ok5},
		{fromClient, postHead + postBody}, {fromServer, noContent},
		{fromClient, "HEAD /file HTTP/1.1\r\nHost: a\r\n\r\n"}, {fromServer, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"},
		{fromClient, "GET /cached HTTP/1.1\r\n\r\n"}, {fromServer, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"},
		{fromClient, "PUT /up HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 6000\r\n\r\n"}, {fromServer, "HTTP/1.1 100 Continue\r\n\r\n"},
		{fromClient, strings.Repeat("0123456789abcde\n", 375)}, {fromServer, "HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n"},
		{fromClient, "GET /stream HTTP/1.1\r\n\r\n"}, {fromServer, chunked(5, 4096, 1, 10000)},
		{fromClient, "POST /chunks HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3;x=y\r\nabc\r\n800\r\n" + strings.Repeat("y", 2048) + "\r\n0\r\nTrailer: 1\r\n\r\n"},
		{fromServer, "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 4\r\nX-Request-Id: r-1\r\n\r\noops"},
		{fromClient, "GET /big HTTP/1.1\r\n\r\n"}, {fromServer, "HTTP/1.1 200 OK\r\nContent-Length: 80000\r\n\r\n" + strings.Repeat("z", 80000)},
		{fromClient, "DELETE /items/0af7651916cd43dd8448eb211c80319c HTTP/1.1\r\n\r\n"}, {fromServer, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"},
		{fromClient, "GET /empty HTTP/1.1\r\n\r\n"}, {fromServer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		{fromClient, "GET /early HTTP/1.1\r\n\r\n"}, {fromServer, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n!"},
		{fromClient, "GET http://svc/abs?q=1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"}, {fromServer, ok5},
	}
}

func pipelinedTurns() []turn {
	return []turn{
		{fromClient, get + postHead + postBody + "GET /c HTTP/1.1\r\n\r\n"},
		{fromServer, ok5 + noContent + "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nHTTP/1\r\n0\r\n\r\n"},
		{fromClient, "GET /d HTTP/1.1\r\n\r\nGET /e HTTP/1.1\r\n\r\n"},
		{fromServer, ok5},
		{fromClient, "GET /f HTTP/1.1\r\n\r\n"},
		{fromServer, ok5 + ok5},
	}
}

// mysqlTurns is a client's life; without says that both sides do without EOF packets.
func mysqlTurns(capabilities uint32, without bool) []turn {
	eof := func(id byte, status byte) string {
		if without {
			return ""
		}
		return packet(id, "\xfe\x00\x00"+string([]byte{status})+"\x00")
	}
	last := func(id byte, status byte) string {
		if without {
			return packet(id, "\xfe\x00\x00"+string([]byte{status})+"\x00\x00\x00")
		}
		return eof(id, status)
	}
	// id of the packet after a block of definitions: one less without EOF
	skip := byte(1)
	if without {
		skip = 0
	}
	def := func(id byte) string {
		return packet(id, "\x03def\x04shop\x01t\x01t\x02id\x02id\x0c\x3f\x00\x0b\x00\x00\x00\x03\x03\x42\x00\x00\x00")
	}
	rows := func(id byte, n int) (s string, next byte) {
		for range n {
			s += packet(id, "\x0242\xfb\xfc\x2c\x01"+strings.Repeat("r", 300))
			id++
		}
		return s, id
	}
	resultset := func(id byte, n int, status byte) (string, byte) {
		s := packet(id, "\x02") + def(id+1) + def(id+2) + eof(id+3, 2)
		r, next := rows(id+3+skip, n)
		return s + r + last(next, status), next + 1
	}
	one, _ := resultset(1, 3, 2)
	many, _ := resultset(1, 120, 2)
	first, next := resultset(1, 2, 2|8) // more results follow
	second, next := resultset(next, 1, 2|8)
	multi := first + second + packet(next, okPacket)
	prepared := packet(1, "\x00\x01\x00\x00\x00\x02\x00\x01\x00\x00\x00\x00") + def(2) + eof(3, 2) + def(3+skip) + def(4+skip) + eof(5+skip, 2)
	command := func(text string) turn { return turn{fromClient, packet(0, text)} }
	login := string([]byte{byte(capabilities), byte(capabilities >> 8), byte(capabilities >> 16), byte(capabilities >> 24)}) +
		"\x00\x00\x00\x01\x2d" + strings.Repeat("\x00", 23) + "root\x00\x00mysql_native_password\x00"
	return []turn{
		{fromServer, packet(0, "\x0a10.11.6-MariaDB\x00\x01\x00\x00\x00abcdefgh\x00\xfe\xf7\x2d\x02\x00\xff\x81\x15\x00\x00\x00\x00\x00\x00\x1d\x00\x00\x00mnopqrstuvwx\x00mysql_native_password\x00")},
		{fromClient, packet(1, login)},
		{fromServer, packet(2, "\xfemysql_native_password\x00abcdefghijklmnopqrst\x00")},
		{fromClient, packet(3, strings.Repeat("\xaa", 20))},
		{fromServer, packet(4, okPacket)},
		command("\x03SET autocommit=0"), {fromServer, packet(1, okPacket)},
		command("\x0e"), {fromServer, packet(1, okPacket)},
		command("\x03select * from t -- " + strings.Repeat("comment ", 100)), {fromServer, one},
		command("\x03SELECT * FROM many"), {fromServer, many},
		command("\x03CALL both()"), {fromServer, multi},
		command("\x16SELECT * FROM t WHERE id=?"), {fromServer, prepared},
		command("\x17\x01\x00\x00\x00\x00\x01\x00\x00\x00\x00\x01\x08\x00\x2a\x00\x00\x00\x00\x00\x00\x00"), {fromServer, one},
		command("\x19\x01\x00\x00\x00"), // closes the statement; no answer
		command("\x03SELECT broken"), {fromServer, packet(1, "\xff\x1e\x04#42S22Unknown column 'broken' in 'field list'")},
		command("\x02shop"), {fromServer, packet(1, okPacket)},
		command("\x03INSERT INTO t VALUES (" + strings.Repeat("'x',", 3000) + "1)"), {fromServer, packet(1, okPacket)},
		command("\x03COMMIT"), {fromServer, packet(1, okPacket)},
		command("\x01"),
	}
}

// fcgi is a FastCGI record.
func fcgi(kind byte, id byte, content string, padding int) string {
	return string([]byte{1, kind, 0, id, byte(len(content) >> 8), byte(len(content)), byte(padding), 0}) + content + strings.Repeat("\x00", padding)
}

// fcgiAsk is a request, all of it: its parameters are name, value, name, value.
func fcgiAsk(id byte, body string, params ...string) string {
	var pairs string
	length := func(text string) string {
		if n := len(text); n > 127 {
			return string([]byte{0x80 | byte(n>>24), byte(n >> 16), byte(n >> 8), byte(n)})
		}
		return string([]byte{byte(len(text))})
	}
	for i := 0; i < len(params); i += 2 {
		pairs += length(params[i]) + length(params[i+1]) + params[i] + params[i+1]
	}
	s := fcgi(1, id, "\x00\x01\x01\x00\x00\x00\x00\x00", 0)
	for ; len(pairs) > 300; pairs = pairs[300:] {
		s += fcgi(4, id, pairs[:300], 3)
	}
	s += fcgi(4, id, pairs, 0) + fcgi(4, id, "", 0)
	for ; len(body) > 8000; body = body[8000:] {
		s += fcgi(5, id, body[:8000], 0)
	}
	if body != "" {
		s += fcgi(5, id, body, 5)
	}
	return s + fcgi(5, id, "", 0)
}

func fcgiEnd(id byte) string { return fcgi(3, id, strings.Repeat("\x00", 8), 0) }

// fastcgiTurns is a connection that nginx keeps: every request has the same id.
func fastcgiTurns() []turn {
	get := func(path string, more ...string) turn {
		return turn{fromClient, fcgiAsk(1, "", append([]string{"REQUEST_METHOD", "GET", "REQUEST_URI", path, "HTTP_HOST", "shop"}, more...)...)}
	}
	return []turn{
		get("/one"), {fromServer, fcgi(6, 1, "Content-Type: a\r\n\r\nhello", 2) + fcgiEnd(1)},
		get("/none", "HTTP_COOKIE", strings.Repeat("c", 500)), {fromServer, fcgi(7, 1, "a warning", 0) + fcgi(6, 1, "Status: 404 Not Found\r\n\r\n", 0) + fcgi(6, 1, "", 0) + fcgiEnd(1)},
		{fromClient, fcgiAsk(1, strings.Repeat("b", 20000), "REQUEST_METHOD", "POST", "SCRIPT_NAME", "/up.php")}, {fromServer, fcgi(6, 1, "Status: 201 Created\r\n\r\n", 6) + fcgiEnd(1)},
		get("/long"), {fromServer, fcgi(6, 1, "Content-Type: a\r\n\r\n"+strings.Repeat("l", 40000), 7) + fcgi(6, 1, strings.Repeat("m", 9000), 0) + fcgiEnd(1)},
		get("/last"), {fromServer, fcgi(6, 1, "Status: 500 Oops\r\n\r\n", 6) + fcgiEnd(1)},
	}
}

// fastcgiAtOnceTurns has several requests open.
func fastcgiAtOnceTurns() []turn {
	ask := func(id byte, path string) string {
		return fcgiAsk(id, "", "REQUEST_METHOD", "GET", "REQUEST_URI", path)
	}
	return []turn{
		{fromClient, ask(1, "/a") + fcgi(9, 0, "\x0e\x00FCGI_MAX_CONNS", 0) + ask(2, "/b") + ask(3, "/c")},
		{fromServer, fcgi(10, 0, "\x0e\x01FCGI_MAX_CONNS1", 0) + fcgi(6, 2, "Status: 201 Created\r\n\r\n", 0) + fcgi(6, 1, "Status: 301 Moved\r\n\r\n", 0) + fcgiEnd(2)},
		{fromClient, ask(2, "/d") + fcgi(2, 3, "", 0)},
		{fromServer, fcgi(6, 1, "more", 0) + fcgiEnd(1) + fcgiEnd(3) + fcgi(6, 2, "Status: 403 No\r\n\r\n", 0) + fcgiEnd(2)},
	}
}
