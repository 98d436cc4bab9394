package l7_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/pkg/span"
)

// kafka is a request: a kind, a version, whose name, and what it says.
func kafka(key, version uint16, client, body string) []byte {
	b := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint32(nil, uint32(10+len(client)+len(body))), key)
	b = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint16(b, version), 42), uint16(len(client)))
	return append(append(b, client...), body...)
}

// A request of any length is Kafka's and nobody else's.
func TestKafkaIsDetected(t *testing.T) {
	t.Parallel()
	for size := range 3000 {
		for name, data := range map[string][]byte{
			"Produce":   kafka(0, 7, "c", "\xff\xff\xff\xff\x00\x00\x00\x01\x00\x00\x00\x01\x00\x06orders\x00\x00\x00\x01\x00\x00\x00\x00"+string(binary.BigEndian.AppendUint32(nil, uint32(size)))+strings.Repeat("r", size)),
			"Heartbeat": kafka(12, 4, "c", "\x00\x02g\x00\x00\x00\x01"+strings.Repeat("m", size)),
		} {
			for _, list := range []l7.Protocols{l7.All, l7.All.Hinted(40000, 9092)} {
				if p, m := list.Detect(data); p != &l7.Kafka || m != l7.MatchRequest {
					t.Fatalf("%s of %d bytes: %v %d", name, len(data), p, m)
				}
			}
		}
	}
	for name, data := range map[string]string{
		"no such kind":           string(kafka(300, 0, "c", "")),
		"a version of tomorrow":  string(kafka(3, 31, "c", "\x01\x00\x00\x00")),
		"a name that is none":    string(kafka(3, 9, "a\x00b", "\x00\x01\x00\x00\x00")),
		"a topic that is none":   string(kafka(3, 1, "c", "\x00\x00\x00\x01\x00\x03a/b")),
		"more topics than bytes": string(kafka(3, 1, "c", "\x00\x00\x10\x00\x00\x03abc")),
		"acks of 7":              string(kafka(0, 7, "c", "\xff\xff\x00\x07\x00\x00\x00\x01\x00\x00\x00\x01\x00\x01a")),
		"no topic":               string(kafka(0, 7, "c", "\xff\xff\x00\x01\x00\x00\x00\x01\x00\x00\x00\x00")),
		"zeros":                  strings.Repeat("\x00", 64),
		"a frame of HTTP/2":      "\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64\x00\x04\x00\x10\x00\x00",
		"PostgreSQL's start":     "\x00\x00\x00\x29\x00\x03\x00\x00user\x00app\x00database\x00shop\x00\x00aaaaaaaaaaa",
		"ZooKeeper's start":      "\x00\x00\x00\x2d\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x75\x30\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10" + strings.Repeat("\x00", 17),
	} {
		if m := l7.Kafka.Detect([]byte(data)); m != l7.MatchNone {
			t.Errorf("%s: %d", name, m)
		}
	}
}

// An array is no longer than what was captured of it, whatever it says: the rest is waited for.
func TestKafkaArraysEndWithWhatWasCaptured(t *testing.T) {
	t.Parallel()
	var f l7.Fields
	d := l7.Kafka.New()
	if s := d.Request(kafka(2, 0, "c", "\xff\xff\xff\xff\x00\x00\x00\x01\x00\x01a\x00\x00\x00\x01\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x01"), 0, one{&f}); s.State != l7.Head {
		t.Fatalf("%+v", s)
	}
	answer := "\x20\x00\x00\x00\x00\x00\x00\x2a\x00\x00\x00\x01\x00\x01a\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00"
	if s := d.Response([]byte(answer), 0, one{&f}); s.State != l7.More {
		t.Errorf("%+v", s)
	}
}

// An error's name is told, and whose fault it is: what a client has to do anew or elsewhere is none.
func TestKafkaErrors(t *testing.T) {
	t.Parallel()
	for code, want := range map[int16]struct {
		name   string
		status span.Status
	}{
		0: {"", span.StatusOK}, -1: {"UNKNOWN_SERVER_ERROR", span.StatusServerError}, 3: {"UNKNOWN_TOPIC_OR_PARTITION", span.StatusClientError}, 6: {"NOT_LEADER_OR_FOLLOWER", span.StatusOK},
		10: {"MESSAGE_TOO_LARGE", span.StatusClientError}, 19: {"NOT_ENOUGH_REPLICAS", span.StatusServerError}, 27: {"REBALANCE_IN_PROGRESS", span.StatusOK}, 56: {"KAFKA_STORAGE_ERROR", span.StatusServerError},
		79: {"MEMBER_ID_REQUIRED", span.StatusOK}, 100: {"UNKNOWN_TOPIC_ID", span.StatusClientError}, 136: {"CONTROLLER_ID_NOT_REGISTERED", span.StatusClientError}, 999: {"999", span.StatusClientError},
	} {
		var f l7.Fields
		d := l7.Kafka.New()
		if s := d.Request(kafka(12, 0, "c", "\x00\x01g\x00\x00\x00\x01\x00\x01m"), 0, one{&f}); s.State != l7.Head || f.Resource != "g" || f.Endpoint != "Heartbeat" {
			t.Fatalf("%+v %+v", s, f)
		}
		answer := binary.BigEndian.AppendUint16([]byte("\x00\x00\x00\x06\x00\x00\x00\x2a"), uint16(code))
		if s := d.Response(answer, 0, one{&f}); s.State != l7.Head || s.Key != 43 {
			t.Fatalf("%+v", s)
		}
		got := ""
		for _, a := range f.Attributes {
			if a.Key == "error.type" {
				got = a.Value
			}
		}
		if got != want.name || f.Status != want.status || f.Code != int32(code) || f.Status.Error() != (f.StatusMessage != "") {
			t.Errorf("%d: %q, %+v", code, got, f)
		}
	}
}
