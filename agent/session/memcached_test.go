package session_test

import (
	"encoding/binary"
	"strings"
	"testing"
)

// memcachedAsks is a request of the binary protocol.
func memcachedAsks(operation byte, extras, key, value string) string {
	return memcachedMessage("\x80", operation, 0, extras, key, value)
}

// memcachedSays is an answer.
func memcachedSays(operation byte, status uint16, extras, value string) string {
	return memcachedMessage("\x81", operation, status, extras, "", value)
}

func memcachedMessage(magic string, operation byte, status uint16, extras, key, value string) string {
	b := append([]byte(magic), operation, 0, byte(len(key)), byte(len(extras)), 0)
	b = binary.BigEndian.AppendUint16(b, status)
	b = binary.BigEndian.AppendUint32(b, uint32(len(extras)+len(key)+len(value)))
	return string(append(b, make([]byte, 12)...)) + extras + key + value
}

// memcachedTurns are requests in turn, among them one that nobody answers, in the same call as the next.
func memcachedTurns() []turn {
	return []turn{
		{fromClient, "set user:42 0 60 2000\r\n" + strings.Repeat("v", 2000) + "\r\n"}, {fromServer, "STORED\r\n"},
		{fromClient, "get user:42\r\n"}, {fromServer, "VALUE user:42 0 2000\r\n" + strings.Repeat("v", 2000) + "\r\nEND\r\n"},
		{fromClient, "get none\r\n"}, {fromServer, "END\r\n"},
		{fromClient, "gets a b c\r\n"}, {fromServer, "VALUE a 0 3 1\r\nEND\r\nVALUE c 0 5 2\r\nEND\r\n\r\nEND\r\n"},
		{fromClient, "incr n 2\r\n"}, {fromServer, "42\r\n"},
		{fromClient, "mg user:42 v t\r\n"}, {fromServer, "VA 4 t58\r\nEN\r\n\r\n"},
		{fromClient, "ms user:43 2 T60\r\nab\r\n"}, {fromServer, "HD\r\n"},
		{fromClient, "mg a v k q\r\nmg b v k q\r\nmg c v k q\r\nmn\r\n"}, {fromServer, "VA 1 ka\r\n1\r\nVA 1 kc\r\n3\r\nMN\r\n"},
		{fromClient, "cas user:42 0 0 3 77\r\nnew\r\n"}, {fromServer, "EXISTS\r\n"},
	}
}

// memcachedBinaryTurns are the same in the binary protocol.
func memcachedBinaryTurns() []turn {
	flags := "\x00\x00\x00\x00"
	return []turn{
		{fromClient, memcachedAsks(1, flags+flags, "user:42", strings.Repeat("v", 2000))}, {fromServer, memcachedSays(1, 0, "", "")},
		{fromClient, memcachedAsks(0, "", "user:42", "")}, {fromServer, memcachedSays(0, 0, flags, strings.Repeat("v", 2000))},
		{fromClient, memcachedAsks(0, "", "none", "")}, {fromServer, memcachedSays(0, 1, "", "Not found")},
		{fromClient, memcachedAsks(0x0d, "", "a", "") + memcachedAsks(0x0d, "", "b", "") + memcachedAsks(0x0a, "", "", "")},
		{fromServer, memcachedSays(0x0d, 0, flags, "one") + memcachedSays(0x0a, 0, "", "")},
		{fromClient, memcachedAsks(5, strings.Repeat("\x00", 20), "user:42", "")}, {fromServer, memcachedSays(5, 6, "", "Non-numeric")},
	}
}

func memcachedPipelinedTurns() []turn {
	return []turn{
		{fromClient, "set a 0 0 1 noreply\r\n1\r\nset b 0 0 1\r\n2\r\nget a\r\nget b\r\n"}, {fromServer, "STORED\r\nVALUE a 0 1\r\n1\r\nEND\r\n"},
		{fromClient, "delete a\r\ntouch b 9\r\n"}, {fromServer, "VALUE b 0 1\r\n2\r\nEND\r\nDELETED\r\nTOUCHED\r\n"},
		{fromClient, "incr b 1\r\nget a b\r\n"}, {fromServer, "3\r\nVALUE b 0 1\r\n3\r\nEND\r\n"},
	}
}

// A request that nobody answers is over when it is said, and its server's errors are nobody else's answers.
func TestMemcachedWithoutAnswers(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut([]turn{
		{fromClient, "set a 0 0 1 noreply\r\n1\r\nms b 1 q\r\n2\r\nms c 1 q ME\r\n3\r\nmg c v\r\n"},
		{fromServer, "NS\r\nVA 1\r\n3\r\n"},
		{fromClient, "get a\r\n"}, {fromServer, "SERVER_ERROR out of memory writing get response\r\n"},
	}, 1, 1, whole)...)
	got := ""
	for _, s := range o.sessions {
		got += s.Request + " " + s.Response + "; "
	}
	if want := "Memcached set a 0 ok; Memcached ms b 0 ok; Memcached ms c 0 ok; Memcached mg c 0 ok; Memcached get a 0 server error; "; got != want {
		t.Errorf("sessions %s\nwant %s", got, want)
	}
}
