package l7_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/pkg/span"
)

func postgres(kind byte, content string) string {
	return string(binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(content)+4))) + content
}

// Only what has PostgreSQL's form is taken for it, whatever comes first on a connection.
func TestPostgresIsDetected(t *testing.T) {
	t.Parallel()
	f := func(want l7.Match, text string) {
		t.Helper()
		if got := l7.PostgreSQL.Detect([]byte(text)); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
	f(l7.MatchRequest, "\x00\x00\x00\x08\x04\xd2\x16\x2f")                     // SSLRequest
	f(l7.MatchRequest, "\x00\x00\x00\x08\x04\xd2\x16\x30")                     // GSSENCRequest
	f(l7.MatchRequest, "\x00\x00\x00\x10\x04\xd2\x16\x2e\x00\x00\x00\x01abcd") // CancelRequest
	f(l7.MatchRequest, "\x00\x00\x00\x12\x00\x03\x00\x00user\x00app\x00\x00")
	f(l7.MatchRequest, "\x00\x00\x00\x12\x00\x03\x00\x02user\x00app\x00\x00") // PostgreSQL 18
	f(l7.MatchRequest, postgres('Q', "select 1\x00"))
	f(l7.MatchRequest, postgres('P', "_pg3_0\x00SELECT $1\x00\x00\x00"))
	f(l7.MatchRequest, postgres('B', "\x00S_1\x00\x00\x00\x00\x00\x00\x00"))
	f(l7.MatchRequest, postgres('E', "C_1\x00\x00\x00\x00\x64")+postgres('S', ""))
	f(l7.MatchResponse, postgres('R', "\x00\x00\x00\x00"))
	f(l7.MatchResponse, postgres('R', "\x00\x00\x00\x0aSCRAM-SHA-256\x00\x00"))
	f(l7.MatchResponse, postgres('E', "SFATAL\x00VFATAL\x00C28P01\x00Mno\x00\x00"))
	f(l7.MatchResponse, postgres('Z', "T"))
	f(l7.MatchResponse, postgres('1', "")+postgres('2', ""))
	for _, none := range []string{
		"\x00\x00\x00\x2b\x00\x03\x00\x00\x00\x00\x00\x01\x00\x07rdkafka",     // Kafka asks for metadata
		"\x00\x1d\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example", // DNS over TCP
		"\x00\x00\x00\x08\x04\xd2\x16\x2fmore", "\x00\x03\x00\x00",
		"POST / HTTP/1.1\r\n", "BEGIN", "QUIT\r\n", "EHLO example.com\r\n", "NOTIFY * HTTP/1.1\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"*1\r\n$4\r\nPING\r\n", "+PONG\r\n", "PUB a 5\r\nhello\r\n", "\x16\x03\x01\x02\x00\x01",
		"\x50\x00\x00\x00\x03SELECT 1", "\x51\x00\x00\x00\x16SELECT stock, name, price FROM t WHERE id = ?", // MySQL's packets of 80 and 81 bytes
		postgres('Q', "hello\x00"), postgres('Q', "SELECT 1"), postgres('Q', ""), postgres('P', "a\x01\x00SELECT 1\x00\x00\x00"),
		postgres('B', "\x00S_1\x00\x00\x07\x00\x00\x00\x00"), postgres('B', "\x00S_1\x00\x00\x00\x00\x01\x00\x00"),
		postgres('Z', "x"), postgres('R', "\x00\x00\x00\x63"), postgres('T', "\x00\x00"), "\x01\x01\x00\x01\x00\x08\x00\x00\x00\x01\x01\x00\x00\x00\x00\x00",
	} {
		f(l7.MatchNone, none)
	}
}

// A server's fault is told from a client's by the class of the error.
func TestPostgresErrors(t *testing.T) {
	t.Parallel()
	f := func(state string, status span.Status, code int32) {
		t.Helper()
		var got l7.Fields
		d := l7.PostgreSQL.New()
		answer := []byte(postgres('E', "SERROR\x00VERROR\x00C"+state+"\x00Mwhy\x00\x00") + postgres('Z', "I"))
		for range 2 {
			s := d.Response(answer, 0, one{&got})
			answer = answer[s.Advance:]
		}
		if got.Status != status || got.Code != code || got.StatusMessage != "why" || len(got.Attributes) != 1 || got.Attributes[0].Value != state {
			t.Errorf("%s: %+v", state, got)
		}
	}
	f("42703", span.StatusClientError, 42703) // no such column
	f("23505", span.StatusClientError, 23505) // there is such a key
	f("42P01", span.StatusClientError, 0)     // no such table
	f("40P01", span.StatusServerError, 0)     // deadlock
	f("40001", span.StatusServerError, 40001) // cannot be serialized
	f("53300", span.StatusServerError, 53300) // too many connections
	f("57014", span.StatusServerError, 57014) // cancelled
	f("55P03", span.StatusServerError, 0)     // no lock
	f("XX000", span.StatusServerError, 0)
}

// A statement whose text goes on where it was not captured is known by its beginning.
func TestPostgresLongStatement(t *testing.T) {
	t.Parallel()
	text := "SELECT '" + strings.Repeat("l", 1<<20) + "'\x00"
	message := []byte(postgres('Q', text))
	var got l7.Fields
	d := l7.PostgreSQL.New()
	if s := d.Request(message[:1024], len(message)-1024, one{&got}); s.State != l7.Head || got.Endpoint != "SELECT" || len(got.Resource) != 1024-5 {
		t.Errorf("%+v, %d bytes of the text", s, len(got.Resource))
	}
	if s := d.Request(nil, len(message), one{&got}); s.State != l7.End || s.Advance != uint64(len(message)) {
		t.Errorf("%+v", s)
	}
}
