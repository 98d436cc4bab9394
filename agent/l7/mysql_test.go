package l7_test

import (
	"testing"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/pkg/span"
)

func packet(id byte, payload string) []byte {
	n := len(payload)
	return append([]byte{byte(n), byte(n >> 8), byte(n >> 16), id}, payload...)
}

func TestMySQLRequest(t *testing.T) {
	t.Parallel()
	f := func(data []byte, state l7.State, role l7.Role, typ, resource, endpoint string) {
		t.Helper()
		var got l7.Fields
		step := l7.MySQL.New().Request(data, 0, one{&got})
		if step.State != state || step.Role != role || got.Type != typ || got.Resource != resource || got.Endpoint != endpoint {
			t.Errorf("%q: step %+v, fields %+v", data, step, got)
		}
	}
	f(packet(0, "\x03SET autocommit=0"), l7.Head, l7.Plain, "COM_QUERY", "SET autocommit=0", "SET")
	f(packet(0, "\x03\x00\x01commit"), l7.Head, l7.Plain, "COM_QUERY", "commit", "COMMIT")
	f(packet(0, "\x03/* hint */ (select 1)"), l7.Head, l7.Plain, "COM_QUERY", "/* hint */ (select 1)", "SELECT")
	f(packet(0, "\x02shop"), l7.Head, l7.Plain, "COM_INIT_DB", "shop", "COM_INIT_DB")
	f(packet(0, "\x0e"), l7.Head, l7.Silent, "COM_PING", "", "")
	f(packet(0, "\x01"), l7.Head, l7.Dismissed, "COM_QUIT", "", "")
	f(packet(0, "\x19\x01\x00\x00\x00"), l7.Head, l7.Dismissed, "COM_STMT_CLOSE", "", "")
	f(packet(1, string(make([]byte, 40))), l7.Head, l7.Aside, "", "", "") // a login
	f(packet(0, "\x7fwhat"), l7.Bad, l7.Plain, "", "", "")
	f(packet(0, "\x03SELECT 1")[:9], l7.More, l7.Plain, "", "", "")
	f([]byte{5, 0, 0, 0}, l7.More, l7.Plain, "", "", "")
	f([]byte{0, 0, 0, 0}, l7.Bad, l7.Plain, "", "", "")
	// A client that asks for TLS or compression cannot be read any further.
	f(packet(1, "\x00\x08\x00\x00"+string(make([]byte, 28))), l7.Opaque, l7.Aside, "", "", "")
	f(packet(1, "\x20\x00\x00\x00"+string(make([]byte, 40))), l7.Opaque, l7.Aside, "", "", "")
}

// A statement of more than 16 MiB goes on in further packets.
func TestMySQLLargeRequest(t *testing.T) {
	t.Parallel()
	d := l7.MySQL.New()
	var f l7.Fields
	const whole = 1<<24 - 1
	first := append([]byte{0xff, 0xff, 0xff, 0, 3}, make([]byte, 5000)...)
	copy(first[5:], "INSERT INTO t VALUES (")
	if s := d.Request(first, 0, one{&f}); s.State != l7.Head || f.Endpoint != "INSERT" {
		t.Fatalf("%+v %+v", s, f)
	}
	if s := d.Request(nil, 0, one{&f}); s.State != l7.Body || s.Advance != 4+whole {
		t.Errorf("first packet: %+v", s)
	}
	if s := d.Request([]byte{0xff, 0xff, 0xff, 1}, 0, one{&f}); s.State != l7.Body || s.Advance != 4+whole {
		t.Errorf("second packet: %+v", s)
	}
	if s := d.Request([]byte{0, 0, 0, 2}, 0, one{&f}); s.State != l7.End || s.Advance != 4 {
		t.Errorf("the empty packet at the end: %+v", s)
	}
}

func TestMySQLErrors(t *testing.T) {
	t.Parallel()
	f := func(payload string, status span.Status, code int32, message string) {
		t.Helper()
		got := l7.Fields{Type: "COM_QUERY"}
		if s := l7.MySQL.New().Response(packet(1, payload), 0, one{&got}); s.State != l7.Head {
			t.Errorf("%q: %+v", payload, s)
		}
		if got.Status != status || got.Code != code || got.StatusMessage != message {
			t.Errorf("%q: %+v", payload, got)
		}
	}
	f("\x00\x00\x00\x02\x00\x00\x00", span.StatusOK, 0, "")
	f("\xff\x28\x04#42000You have an error in your SQL syntax", span.StatusClientError, 1064, "You have an error in your SQL syntax")
	f("\xff\xbd\x04#40001Deadlock found", span.StatusServerError, 1213, "Deadlock found")
	f("\xff\x10\x04Too many connections", span.StatusServerError, 1040, "Too many connections")
}

func TestVerb(t *testing.T) {
	t.Parallel()
	f := func(text, want string) {
		t.Helper()
		if got := l7.Verb(text); got != want {
			t.Errorf("Verb(%q) = %q, want %q", text, got, want)
		}
	}
	f("select 1", "SELECT")
	f("  \n-- why\n# and\n/* what */ ((SELECT 1))", "SELECT")
	f("SET autocommit=0", "SET")
	f("/* never ends", "")
	f("-- never ends", "")
	f("", "")
	f("42", "")
}
