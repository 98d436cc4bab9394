package session_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/pkg/span"
)

func be16(n int) string { return string(binary.BigEndian.AppendUint16(nil, uint16(n))) }
func be32(n int) string { return string(binary.BigEndian.AppendUint32(nil, uint32(n))) }

// kafkaText is a text of a flexible version, kafkaOld one of before.
func kafkaText(s string) string { return string(rune(len(s)+1)) + s }
func kafkaOld(s string) string  { return be16(len(s)) + s }

func kafkaFrame(body string) string { return be32(len(body)) + body }

// kafkaAsk is a request of a flexible version.
func kafkaAsk(key, version, id int, body string) string {
	return kafkaFrame(be16(key) + be16(version) + be32(id) + kafkaOld("shop") + "\x00" + body)
}

// kafkaSay is the answer to one.
func kafkaSay(id int, body string) string { return kafkaFrame(be32(id) + "\x00" + body) }

// kafkaBatch is a batch of records, each with some headers: name, value, name, value.
func kafkaBatch(records ...[]string) string {
	var list string
	number := func(n int) string { return string(binary.AppendVarint(nil, int64(n))) }
	for i, headers := range records {
		r := "\x00" + number(0) + number(i) + number(-1) + number(5) + "hello" + number(len(headers)/2)
		for _, text := range headers {
			r += number(len(text)) + text
		}
		list += number(len(r)) + r
	}
	n := len(records)
	head := be32(0) + "\x02" + be32(0) + be16(0) + be32(n-1) + strings.Repeat("\x00", 16) + strings.Repeat("\xff", 14) + be32(n)
	return strings.Repeat("\x00", 8) + be32(len(head)+len(list)) + head + list
}

// kafkaBytes are bytes of a flexible version.
func kafkaBytes(b string) string { return string(binary.AppendUvarint(nil, uint64(len(b)+1))) + b }

// kafkaProduce asks for records to be kept, of a topic by its id.
func kafkaProduce(id, acks int, topic, batch string) string {
	return kafkaAsk(0, 13, id, "\x00"+be16(acks)+be32(30000)+"\x02"+topic+"\x02"+be32(0)+kafkaBytes(batch)+"\x00\x00\x00")
}

func kafkaProduced(id, code int, topic string) string {
	return kafkaSay(id, "\x02"+topic+"\x02"+be32(0)+be16(code)+strings.Repeat("\x00", 24)+"\x01\x00\x00\x00"+be32(0)+"\x00")
}

// kafkaFetch asks for records: of a session, of a topic where one is named.
func kafkaFetch(id, session, epoch int, topic string) string {
	topics := "\x01"
	if topic != "" {
		topics = "\x02" + topic + "\x02" + be32(0) + strings.Repeat("\x00", 4+8+4+8+4) + "\x00\x00"
	}
	return kafkaAsk(1, 18, id, be32(500)+be32(1)+be32(1<<20)+"\x00"+be32(session)+be32(epoch)+topics+"\x01\x01\x00")
}

// kafkaFetched is its answer, up to where the records are, and what is behind them; batch "": nothing has come.
func kafkaFetched(id, session int, topic, batch string) (front, behind string) {
	front = be32(id) + "\x00" + be32(0) + be16(0) + be32(session)
	if batch == "" {
		return kafkaFrame(front + "\x01\x00"), ""
	}
	front += "\x02" + topic + "\x02" + be32(0) + be16(0) + strings.Repeat("\x00", 24) + "\x00" + be32(-1)
	front += string(binary.AppendUvarint(nil, uint64(len(batch)+1)))
	behind = "\x00\x00\x00"
	return be32(len(front)+len(batch)+len(behind)) + front, behind
}

// kafkaTold is an answer to Metadata that tells what a topic's id stands for.
func kafkaTold(id int, name, topic string) string {
	return kafkaSay(id, be32(0)+"\x01\x00"+be32(1)+"\x02"+be16(0)+kafkaText(name)+topic+"\x00\x01"+be32(0)+"\x00\x00")
}

func kafkaLines(o *observer) (lines []string) {
	for _, s := range o.full {
		lines = append(lines, fmt.Sprint(s.L7.Endpoint, "|", s.L7.Resource, "|", s.L7.Status, " ", s.L7.Code, " ", s.L7.StatusMessage))
	}
	return lines
}

func (o *observer) wantKafka(t *testing.T, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, kafkaLines(o)); diff != "" {
		t.Errorf("(-want +got):\n%s\nledger %v", diff, o.ledger.Rows())
	}
}

// A topic's name is told on one connection and holds for all. A fetch that waits names nothing, its session has it.
func TestKafkaTopicsByTheirIDs(t *testing.T) {
	t.Parallel()
	topic := "ids-of-topics-01"
	first, _ := kafkaFetched(2, 7, topic, "")
	front, behind := kafkaFetched(3, 7, topic, kafkaBatch(nil, nil))
	consumer := observe().feed(cut([]turn{
		{fromClient, kafkaFetch(2, 0, 0, topic)}, {fromServer, first},
		{fromClient, kafkaFetch(3, 7, 1, "")}, {fromServer, front + kafkaBatch(nil, nil) + behind},
	}, 1, 1, whole)...)
	consumer.wantKafka(t, "Fetch aWRzLW9mLXRvcGljcy0wMQ|aWRzLW9mLXRvcGljcy0wMQ|ok 0 ", "Fetch aWRzLW9mLXRvcGljcy0wMQ|aWRzLW9mLXRvcGljcy0wMQ|ok 0 ")

	other := observe().feed(cut([]turn{{fromClient, kafkaAsk(3, 13, 1, "\x02"+strings.Repeat("\x00", 16)+kafkaText("orders")+"\x00\x01\x00\x00")}, {fromServer, kafkaTold(1, "orders", topic)}}, 1, 1, whole)...)
	other.wantKafka(t, "Metadata orders|orders|ok 0 ")

	again, _ := kafkaFetched(4, 7, topic, "")
	consumer.feed(piece{fromClient, session.Segment{Seq: 1 + uint32(len(kafkaFetch(2, 0, 0, topic)+kafkaFetch(3, 7, 1, ""))), Len: len(kafkaFetch(4, 7, 2, "")), Data: []byte(kafkaFetch(4, 7, 2, "")), Exit: 9000}},
		piece{fromServer, session.Segment{Seq: 1 + uint32(len(first+front+kafkaBatch(nil, nil)+behind)), Len: len(again), Data: []byte(again), Exit: 9500}})
	if got := kafkaLines(consumer); len(got) != 3 || got[2] != "Fetch orders|orders|ok 0 " {
		t.Errorf("%q", got)
	}
	for _, a := range consumer.full[2].L7.Attributes {
		if a.Key == "throughline.blocking" {
			return
		}
	}
	t.Errorf("it does not say that it waits: %v", consumer.full[2].L7.Attributes)
}

// A broker sends records from a file: no byte of them is seen.
func TestKafkaRecordsFromAFile(t *testing.T) {
	t.Parallel()
	topic, batch := "sent-from-a-file", strings.Repeat("r", 100_000)
	front, behind := kafkaFetched(1, 0, topic, batch)
	pieces := cut([]turn{{fromClient, kafkaFetch(1, 0, -1, topic)}, {fromServer, front}, {fromServer, batch}, {fromServer, behind}, {fromClient, kafkaFetch(2, 0, -1, topic)}, {fromServer, front}}, 1, 1, whole)
	pieces[2].seg.Data = nil
	pieces[5].seg.Data[7] = 2
	o := observe().feed(pieces...)
	o.conn.Close()
	if len(o.full) != 2 || o.full[0].Response.Size != uint64(len(front+batch+behind)) || o.full[0].L7.Status != span.StatusOK || o.full[1].L7.Status != span.StatusOK {
		t.Errorf("%+v\nledger %v", o.sessions, o.ledger.Rows())
	}
}

// Requests overtake each other's answers where a proxy mixes them, an id may be 0, and what asks for no answer gets none.
func TestKafkaAtOnce(t *testing.T) {
	t.Parallel()
	topic := "many-at-once-001"
	batch := kafkaBatch([]string{"traceparent", traceparent})
	o := observe().feed(cut([]turn{
		{fromClient, kafkaProduce(1, -1, topic, batch) + kafkaProduce(2, 0, topic, batch) + kafkaProduce(0, 1, topic, batch)},
		{fromServer, kafkaProduced(0, 6, topic) + kafkaProduced(1, 10, topic)},
	}, 1, 1, whole)...)
	name := "bWFueS1hdC1vbmNlLTAwMQ"
	p := "Produce " + name + "|" + name + "|"
	o.wantKafka(t, p+"unknown 0 ", p+"ok 6 ", p+"client error 10 MESSAGE_TOO_LARGE") // to a broker that leads no more: the client goes elsewhere
	if s := o.full[2]; s.L7.TraceID.String() != traceparent[3:35] || s.L7.SpanID.String() != traceparent[36:52] || s.L7.Links != "" {
		t.Errorf("%+v", s.L7)
	}
}

// Messages of several traces are links, of several spans of one trace that trace's.
func TestKafkaContexts(t *testing.T) {
	t.Parallel()
	topic := "many-contexts-01"
	other := strings.Replace(traceparent, traceparent[36:52], "00f067aa0ba902b7", 1)
	foreign := strings.Replace(traceparent, traceparent[3:35], "4bf92f3577b34da6a3ce929d0e0e4736", 1)
	for name, c := range map[string]struct {
		records     [][]string
		trace, span string
		links       int
	}{
		"none":           {[][]string{nil, {"a", "b"}}, "", "", 0},
		"one":            {[][]string{{"a", "b", "traceparent", traceparent}, nil}, traceparent[3:35], traceparent[36:52], 0},
		"the same":       {[][]string{{"traceparent", traceparent}, {"traceparent", traceparent}}, traceparent[3:35], traceparent[36:52], 0},
		"b3":             {[][]string{{"b3", traceparent[3:52] + "-1"}}, traceparent[3:35], traceparent[36:52], 0},
		"one trace's":    {[][]string{{"traceparent", traceparent}, {"traceparent", other}}, traceparent[3:35], "", 2},
		"several traces": {[][]string{{"traceparent", traceparent}, {"traceparent", foreign}, nil}, "", "", 2},
	} {
		o := observe().feed(cut([]turn{{fromClient, kafkaProduce(1, -1, topic, kafkaBatch(c.records...))}, {fromServer, kafkaProduced(1, 0, topic)}}, 1, 1, whole)...)
		if len(o.full) != 1 {
			t.Fatalf("%s: %+v", name, o.full)
		}
		f := o.full[0].L7
		links, err := span.ReadLinks(f.Links)
		if trace := f.TraceID; err != nil || len(links) != c.links || trace.IsZero() != (c.trace == "") || !trace.IsZero() && trace.String() != c.trace || f.SpanID.IsZero() != (c.span == "") {
			t.Errorf("%s: %+v %v", name, f, err)
		}
	}
}

// A connection that is met in its middle, where answers to what was asked before are still to come.
func TestKafkaJoined(t *testing.T) {
	t.Parallel()
	topic := "met-in-the-middle"[:16]
	batch := kafkaBatch(nil)
	for begin := range 6 {
		var turns []turn
		for i := range 6 {
			turns = append(turns, turn{fromClient, kafkaProduce(100+i, -1, topic, batch)})
		}
		for i := range 6 {
			turns = append(turns, turn{fromServer, kafkaProduced(100+i, 0, topic)})
		}
		turns = append(turns, turn{fromClient, kafkaProduce(106, -1, topic, batch)}, turn{fromServer, kafkaProduced(106, 0, topic)})
		o := observe().feed(cut(turns, 1, 1, whole)[begin:]...)
		answered := 0
		for _, s := range o.full {
			if s.HasResponse && s.L7.Status == span.StatusOK {
				answered++
			}
		}
		if answered != 7-begin {
			t.Errorf("from %d on: %d answered of %d\nledger %v", begin, answered, 7-begin, o.ledger.Rows())
		}
	}
}

// However long a frame, a text or an array says that it is, a connection keeps so much.
func TestKafkaIsBounded(t *testing.T) {
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
	for i := range 3000 {
		id := fmt.Sprintf("%016d", i)
		feed(true, kafkaProduce(i, -1, id, kafkaBatch([]string{strings.Repeat("n", 2000), "v"})))
		feed(true, kafkaFetch(10_000+i, 1, i, id))
		feed(false, kafkaTold(10_000+i, strings.Repeat("n", 100), id))
	}
	for _, hostile := range []string{
		kafkaFrame("\xff\xff\xff\xff"), be32(1<<30) + "\x00\x00\x00\x0d", be32(1<<31 - 1), be32(0), kafkaAsk(3, 13, 1, "\xff\xff\xff\xff\x0f"), kafkaAsk(0, 13, 1, "\x00\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\x0f"),
		kafkaAsk(1, 18, 1, strings.Repeat("\xff", 40)), kafkaFrame(be16(3) + be16(1) + be32(1) + be16(32767)), kafkaProduce(1, -1, strings.Repeat("i", 16), strings.Repeat("\xff", 200)),
	} {
		for range 30 {
			feed(true, hostile)
			feed(false, hostile)
		}
	}
	o.wantBounded(t)
}
