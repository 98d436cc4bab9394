package session_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/session"
)

// BenchmarkSession is the cost of a whole session: two segments of HTTP with trace context,
// or of a database.
func BenchmarkSession(b *testing.B) {
	const request = "GET /full-test?mode=empty HTTP/1.1\r\nHost: web-shop:8080\r\nUser-Agent: hey/0.0.1\r\nContent-Type: text/html\r\n" +
		"Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nAccept-Encoding: gzip\r\n\r\n"
	const response = "HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 16:00:00 GMT\r\nContent-Length: 2\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nok"
	f := func(name, request, response string) {
		b.Run(name, func(b *testing.B) {
			sessions := 0
			c := session.NewConn(session.Options{Local: client, Remote: server, OnSession: func(*session.Session) { sessions++ }})
			q := session.Segment{Seq: 1, Len: len(request), Data: []byte(request)}
			p := session.Segment{Seq: 1, Len: len(response), Data: []byte(response)}
			b.ReportAllocs()
			for b.Loop() {
				c.Feed(true, &q)
				c.Feed(false, &p)
				q.Seq += uint32(q.Len)
				p.Seq += uint32(p.Len)
				q.Exit, p.Exit = q.Exit+1000, p.Exit+1000
			}
			if sessions == 0 {
				b.Fatal("no session")
			}
		})
	}
	f("http", request, response)
	f("postgres", pgParse("", "SELECT name FROM stock WHERE id = $1")+pgBind("", "", "42")+pgDescribe("P", "")+pgExecute("", 0)+pgSync,
		pgParsed+pgBound+pgColumns()+pgRows(1, 20)+pgTag("SELECT 1")+pgIdle)
	f("postgres by name", pgBind("", "s1", "42")+pgExecute("", 0)+pgSync, pgBound+pgTag("UPDATE 1")+pgIdle)
	f("redis", respCommand("GET", "user:42"), bulk("somebody"))
	f("redis pipeline of 10", strings.Repeat(respCommand("GET", "user:42"), 10), strings.Repeat(bulk("somebody"), 10))
	topic := "topic-of-a-bench"
	f("kafka produce", kafkaProduce(7, -1, topic, kafkaBatch([]string{"traceparent", traceparent})), kafkaProduced(7, 0, topic))
	waits, _ := kafkaFetched(8, 1, topic, "")
	f("kafka fetch that waits", kafkaFetch(8, 1, 4, ""), waits)
	front, behind := kafkaFetched(9, 1, topic, kafkaBatch(nil, nil))
	f("kafka fetch", kafkaFetch(9, 1, 5, topic), front+kafkaBatch(nil, nil)+behind)
	f("amqp deliver", amqpAck(1, 7, 0), amqpDeliver(1, 7, "me", 5))
	f("amqp deliver and publish", amqpAck(1, 7, 0)+amqpPublish(1, "new", 5), amqpDeliver(1, 7, "me", 5))
	f("mongodb", mongoSay(7, 0, 0, textOf("find", "orders"), "\x03filter\x00"+document(intOf("_id", 1)), textOf("$db", "shop")), mongoSay(8, 7, 0, "\x03cursor\x00"+document("\x04firstBatch\x00"+document()), doubleOf("ok", 1)))
	dns := dnsTurns()
	f("dns", dns[3].text, dns[4].text)
	f("memcached", "get user:42\r\n", "VALUE user:42 0 8\r\nsomebody\r\nEND\r\n")
	f("memcached in binary", memcachedAsks(0, "", "user:42", ""), memcachedSays(0, 0, "\x00\x00\x00\x00", "somebody"))
	f("nats", "PUB shop.price _INBOX.a.1 2\r\n42\r\n", "MSG _INBOX.a.1 1 1\r\n7\r\n")
	f("mqtt", mqtt(0x32, mqttText("shop/orders"), be16(7), "order"), mqtt(0x40, be16(7)))
	f("dubbo", dubboCall(dubboAsks, 1, "count", hessian("apples"), "traceparent", traceparent), dubbo(dubboSays, 20, 1, "\x94\xba", "H", hessian("dubbo"), hessian("2.0.2"), "Z"))
	f("mysql", packet(0, "\x03SET autocommit=0"), packet(1, okPacket))
}

// BenchmarkHTTP2 is the cost of a whole stream on a connection that goes on: a request of HTTP/2 with trace context, a
// call of gRPC.
func BenchmarkHTTP2(b *testing.B) {
	f := func(name string, say func(p h2pair, id uint32)) {
		b.Run(name, func(b *testing.B) {
			sessions := 0
			c := session.NewConn(session.Options{Local: client, Remote: server, OnSession: func(*session.Session) { sessions++ }})
			p := newH2pair()
			seqs := [2]uint32{1, 1}
			turn := func(id uint32) (q, a session.Segment) {
				say(p, id)
				request, answer := []byte(p.client.take()), []byte(p.server.take())
				return session.Segment{Len: len(request), Data: request}, session.Segment{Len: len(answer), Data: answer}
			}
			feed := func(q, a *session.Segment) {
				q.Seq, a.Seq = seqs[0], seqs[1]
				c.Feed(true, q)
				c.Feed(false, a)
				seqs[0], seqs[1] = seqs[0]+uint32(q.Len), seqs[1]+uint32(a.Len)
				q.Exit, a.Exit = q.Exit+1000, a.Exit+1000
			}
			for _, t := range p.opening() {
				data := []byte(t.text)
				i := 0
				if t.from == fromServer {
					i = 1
				}
				c.Feed(bool(t.from), &session.Segment{Seq: seqs[i], Len: len(data), Data: data})
				seqs[i] += uint32(len(data))
			}
			first, answer := turn(1)
			feed(&first, &answer)
			q, a := turn(3) // all that comes again is a number by now
			b.ReportAllocs()
			for b.Loop() {
				feed(&q, &a)
			}
			if sessions < b.N {
				b.Fatalf("%d sessions of %d", sessions, b.N)
			}
		})
	}
	f("http2", func(p h2pair, id uint32) {
		p.client.headers(id, true, ask("GET", "/items/42?full=1", "-traceparent: "+traceparent, "user-agent: Go-http-client/2.0")...)
		p.server.headers(id, false, ":status: 200", "content-type: text/plain", "content-length: 5").data(id, true, "hello")
	})
	f("grpc", func(p h2pair, id uint32) {
		p.client.headers(id, false, call("/shop.Items/Get", "-traceparent: "+traceparent, "grpc-timeout: 1S", "user-agent: grpc")...).data(id, true, message(20))
		p.server.headers(id, false, ":status: 200", "content-type: application/grpc").data(id, false, message(20)).headers(id, true, "grpc-status: 0", "grpc-message: ")
	})
}

// BenchmarkBody is the cost of passing 64 KiB of a body in one segment.
func BenchmarkBody(b *testing.B) {
	const head = "POST /up HTTP/1.1\r\nContent-Length: 4000000000000000\r\n\r\n"
	c := session.NewConn(session.Options{Local: client, Remote: server})
	c.Feed(true, &session.Segment{Seq: 1, Len: len(head), Data: []byte(head), Exit: 1})
	s := session.Segment{Seq: 1 + uint32(len(head)), Len: 65536, Data: make([]byte, 1200)}
	b.ReportAllocs()
	for b.Loop() {
		c.Feed(true, &s)
		s.Seq += 65536
		s.Exit += 1000
	}
}

// BenchmarkUnknown is the cost of a segment of no known protocol, where each takes its turn: as long as it is looked at.
func BenchmarkUnknown(b *testing.B) {
	noise := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, 64<<10)
	for i := range data {
		data[i] = byte(noise.Uint32())
	}
	b.ReportAllocs()
	var c *session.Conn
	counters := session.NewCounters(new(ledger.Ledger), "")
	s := session.Segment{Len: 200}
	for i := 0; b.Loop(); i++ {
		if i%256 == 0 { // before it is left
			c = session.NewConn(session.Options{Local: client, Remote: server, Counters: counters})
			s.Seq = 1
		}
		at := i * 61 % (len(data) - 200)
		s.Data = data[at : at+200]
		c.Feed(true, &s)
		s.Seq += 200
		s.Exit += 200e6
	}
}
