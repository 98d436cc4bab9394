package session_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/agent/session"
)

func be64(n int) string { return string(binary.BigEndian.AppendUint64(nil, uint64(n))) }

func amqpFrame(kind byte, channel int, payload string) string {
	return string([]byte{kind}) + be16(channel) + be32(len(payload)) + payload + "\xce"
}

func amqpMethod(channel, class, method int, args string) string {
	return amqpFrame(1, channel, be16(class)+be16(method)+args)
}

func amqpText(s string) string { return string([]byte{byte(len(s))}) + s }

// amqpContent is a message of some bytes, in bodies of 4,000, with a context.
func amqpContent(channel, size int) string {
	headers := amqpText("n") + "I" + be32(7) + amqpText("traceparent") + "S" + be32(len(traceparent)) + traceparent
	s := amqpFrame(2, channel, be16(60)+be16(0)+be64(size)+be16(0xa000)+amqpText("text/plain")+be32(len(headers))+headers)
	for ; size > 0; size -= min(size, 4000) {
		s += amqpFrame(3, channel, strings.Repeat("b", min(size, 4000)))
	}
	return s
}

func amqpPublish(channel int, key string, size int) string {
	return amqpMethod(channel, 60, 40, be16(0)+amqpText("shop")+amqpText(key)+"\x01") + amqpContent(channel, size)
}

func amqpDeliver(channel, tag int, consumer string, size int) string {
	return amqpMethod(channel, 60, 60, amqpText(consumer)+be64(tag)+"\x00"+amqpText("shop")+amqpText("new")) + amqpContent(channel, size)
}

func amqpAck(channel, tag, multiple int) string {
	return amqpMethod(channel, 60, 80, be64(tag)+string(rune(multiple)))
}

// amqpOpened is the beginning of a connection, with channels whose messages are confirmed.
func amqpOpened(channels ...int) []turn {
	turns := []turn{{fromClient, "AMQP\x00\x00\x09\x01"}, {fromServer, amqpMethod(0, 10, 10, "\x00\x09")}, {fromClient, amqpMethod(0, 10, 11, "")}, {fromServer, amqpMethod(0, 10, 30, "")},
		{fromClient, amqpMethod(0, 10, 31, "") + amqpMethod(0, 10, 40, "\x01/\x00\x00")}, {fromServer, amqpMethod(0, 10, 41, "\x00")}}
	for _, c := range channels {
		turns = append(turns, turn{fromClient, amqpMethod(c, 20, 10, "\x00")}, turn{fromServer, amqpMethod(c, 20, 11, be32(0))}, turn{fromClient, amqpMethod(c, 85, 10, "\x00")}, turn{fromServer, amqpMethod(c, 85, 11, "")})
	}
	return turns
}

func (o *observer) wantAMQP(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, s := range o.full {
		text := fmt.Sprint(s.L7.Endpoint, " ", s.L7.Resource, " ", s.L7.Status, " ", s.L7.Code, s.L7.StatusMessage)
		if s.Pushed {
			text += " pushed"
		}
		if s.L7.TraceID.IsZero() != !strings.Contains(s.L7.Type, "publish") && !s.Pushed {
			text += " context?"
		}
		got = append(got, text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s\nledger %v", diff, o.ledger.Rows())
	}
}

// One confirmation may be of many messages, of its own channel only. A message that nobody wants comes back, and is confirmed.
func TestAMQPConfirms(t *testing.T) {
	t.Parallel()
	turns := append(amqpOpened(1, 2),
		turn{fromClient, amqpPublish(1, "a", 0) + amqpPublish(2, "other", 5) + amqpPublish(1, "b", 9000) + amqpPublish(1, "c", 1) + amqpPublish(1, "d", 1)},
		turn{fromServer, amqpMethod(1, 60, 50, be16(312)+amqpText("NO_ROUTE")+amqpText("shop")+amqpText("b")) + amqpContent(1, 9000) + amqpAck(1, 3, 1)},
		turn{fromServer, amqpMethod(1, 60, 120, be64(4)+"\x00") + amqpAck(2, 1, 0)})
	o := observe().feed(cut(turns, 1, 1, whole)...)
	o.wantAMQP(t, "basic.publish shop shop:a ok 0", "basic.publish shop shop:b client error 312NO_ROUTE", "basic.publish shop shop:c ok 0", "basic.publish shop shop:d server error 0refused", "basic.publish shop shop:other ok 0")
	o.wantLine(t, "left out: pings", 4)
}

// An acknowledgement of the client's and a confirmation of the server's are one method with the same tags: who says it
// decides. Who said that it acknowledges nothing is told what it is delivered.
func TestAMQPDeliveries(t *testing.T) {
	t.Parallel()
	consume := func(tag string, bits byte) string {
		return amqpMethod(1, 60, 20, be16(0)+amqpText("orders")+amqpText(tag)+string([]byte{bits})+be32(0))
	}
	turns := append(amqpOpened(1),
		turn{fromClient, consume("", 0) + consume("auto", 2)}, turn{fromServer, amqpMethod(1, 60, 21, amqpText("amq.ctag-1")) + amqpDeliver(1, 1, "amq.ctag-1", 3) + amqpMethod(1, 60, 21, amqpText("auto")) + amqpDeliver(1, 2, "auto", 5000) + amqpDeliver(1, 3, "amq.ctag-1", 3) + amqpDeliver(1, 4, "amq.ctag-1", 3)},
		turn{fromClient, amqpPublish(1, "a", 1) + amqpAck(1, 1, 0)}, turn{fromServer, amqpAck(1, 1, 0)},
		turn{fromClient, amqpAck(1, 3, 1) + amqpMethod(1, 60, 90, be64(4)+"\x00")})
	o := observe().feed(cut(turns, 1, 1, whole)...)
	if len(o.requests) != 7 {
		t.Errorf("%q", o.requests)
	}
	const deliver = "basic.deliver orders shop:new:orders "
	o.wantAMQP(t, "basic.consume orders orders ok 0", "basic.consume orders orders ok 0", deliver+"ok 0 pushed", deliver+"ok 0 pushed", "basic.publish shop shop:a ok 0", deliver+"ok 0 pushed", deliver+"server error 0rejected pushed")
	for _, s := range o.full {
		if s.Pushed && (s.L7.TraceID.String() != traceparent[3:35] || s.Client != server) {
			t.Errorf("%+v", s)
		}
	}
}

// Why a channel ends answers what was asked, fails what was published, or is told for itself.
func TestAMQPChannelsThatFail(t *testing.T) {
	t.Parallel()
	closes := func(channel, code int, text string, class, method int) string {
		return amqpMethod(channel, 20, 40, be16(code)+amqpText(text)+be16(class)+be16(method))
	}
	turns := append(amqpOpened(1, 2, 3),
		turn{fromClient, amqpMethod(1, 50, 10, be16(0)+amqpText("none")+"\x01"+be32(0))}, turn{fromServer, closes(1, 404, "NOT_FOUND", 50, 10)}, turn{fromClient, amqpMethod(1, 20, 41, "")},
		turn{fromClient, amqpPublish(2, "a", 1) + amqpPublish(2, "b", 1)}, turn{fromServer, closes(2, 403, "ACCESS_REFUSED", 60, 40)},
		turn{fromServer, closes(3, 406, "PRECONDITION_FAILED", 60, 80)}, turn{fromServer, amqpMethod(0, 10, 50, be16(320)+amqpText("CONNECTION_FORCED")+be32(0))})
	o := observe().feed(cut(turns, 1, 1, whole)...)
	o.conn.Close()
	o.wantAMQP(t, "queue.declare none none client error 404NOT_FOUND", "basic.publish shop shop:a client error 403ACCESS_REFUSED", "basic.publish shop shop:b client error 403ACCESS_REFUSED",
		"channel.close  client error 406PRECONDITION_FAILED pushed", "connection.close  server error 320CONNECTION_FORCED pushed")
}

// A connection that is met in its middle: of what is published nobody knows the tags, so that it is told; who acknowledges
// is known when it does.
func TestAMQPJoined(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut([]turn{
		{fromServer, amqpFrame(3, 1, "the end of something")}, {fromClient, amqpPublish(1, "a", 5)}, {fromServer, amqpAck(1, 90, 0)},
		{fromClient, amqpMethod(2, 60, 70, be16(0)+amqpText("orders")+"\x00")}, {fromServer, amqpMethod(2, 60, 72, "\x00")},
		{fromServer, amqpDeliver(3, 7, "me", 5)}, {fromClient, amqpAck(3, 7, 0)}, {fromServer, amqpDeliver(3, 8, "me", 5)}, {fromClient, amqpAck(3, 8, 0)},
	}, 1, 1, whole)...)
	o.wantAMQP(t, "basic.publish shop shop:a unknown 0", "basic.get orders orders ok 0", "basic.deliver shop shop:new ok 0 pushed", "basic.deliver shop shop:new ok 0 pushed")
	if s := o.full[3]; !s.HasResponse {
		t.Errorf("it was acknowledged: %+v", s)
	}
}

// However many channels, consumers and messages there are, a connection keeps so much.
func TestAMQPIsBounded(t *testing.T) {
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
	for _, turn := range amqpOpened(1) {
		feed(bool(turn.from), turn.text)
	}
	for i := range 4000 {
		channel := 1 + i%700
		feed(true, amqpMethod(channel, 85, 10, "\x00"))
		feed(true, amqpPublish(channel, fmt.Sprint(i, strings.Repeat("k", 240)), 1))
		feed(true, amqpMethod(channel, 60, 20, be16(0)+amqpText(fmt.Sprint("q", i))+amqpText(fmt.Sprint("c", i))+"\x00"+be32(0)))
		feed(false, amqpDeliver(channel, i, fmt.Sprint("c", i), 1))
	}
	for _, hostile := range []string{
		amqpFrame(2, 1, be16(60)+be16(0)+be64(-1)+be16(0xa000)+"\xff"), amqpFrame(2, 1, be16(60)+be16(0)+be64(1)+be16(0x2000)+be32(-1)+"\xffa"), amqpMethod(1, 60, 40, "\x00\x00\xff"),
		"\x03\x00\x01\x7f\xff\xff\xff", "\x01\x00\x01\x00\x00\x00\x04\x00\x3c\x00\x28\x00", amqpAck(1, -1, 1), amqpMethod(1, 60, 120, be64(-1)+"\x01"), amqpMethod(1, 60, 50, "\x01"),
	} {
		for range 30 {
			feed(true, hostile)
			feed(false, hostile)
		}
	}
	o.wantBounded(t)
}
