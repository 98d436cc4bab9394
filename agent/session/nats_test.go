package session_test

import (
	"fmt"
	"strings"
	"testing"
)

const natsTrace = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"

// natsHeaded is a message with headers; front is what stands before its sizes.
func natsHeaded(front, headers, payload string) string {
	block := "NATS/1.0" + headers + "\r\n"
	return fmt.Sprintf("H%s %d %d\r\n%s%s\r\n", front, len(block), len(block)+len(payload), block, payload)
}

// natsTurns are a connection that asks and one that is asked at once.
func natsTurns() []turn {
	return []turn{
		{fromServer, `INFO {"server_id":"N","version":"2.15.3","headers":true}` + "\r\n"},
		{fromClient, `CONNECT {"verbose":false}` + "\r\n"}, {fromClient, "PING\r\n"}, {fromServer, "PONG\r\n"},
		{fromClient, "SUB _INBOX.a.* 1\r\nPUB shop.price _INBOX.a.1 2\r\n42\r\n" + natsHeaded("PUB shop.price _INBOX.a.2", "\r\n"+natsTrace, "43") + "PUB shop.news 3000\r\n" + strings.Repeat("n", 3000) + "\r\n"},
		{fromServer, "MSG _INBOX.a.2 1 1\r\n7\r\n" + natsHeaded("MSG _INBOX.a.1 1", " 503\r\n", "")},
		{fromClient, "PUB $JS.API.STREAM.INFO.X _INBOX.a.3 0\r\n\r\nSUB served 2\r\n"},
		{fromServer, "PING\r\nMSG _INBOX.a.3 1 115\r\n" + `{"type":"io.nats.jetstream.api.v1.stream_info_response","error":{"code":404,"err_code":10059,"description":"none"}}` + "\r\n"},
		{fromClient, "PONG\r\n"},
		{fromServer, "MSG served 2 _INBOX.b.1 1\r\n1\r\n" + natsHeaded("MSG served 2 _INBOX.b.2", "\r\n"+natsTrace, "2")},
		{fromClient, natsHeaded("PUB _INBOX.b.2", "\r\nNats-Service-Error: no such thing\r\nNats-Service-Error-Code: 400\r\n", "") + "PUB _INBOX.b.1 2\r\nok\r\n"},
		{fromServer, natsHeaded("MSG orders.new 3 $JS.ACK.ORDERS.w.1.1.1.1.0", "\r\n"+natsTrace, "order") + natsHeaded("MSG _INBOX.c 3", " 408 Request Timeout\r\n", "")},
		{fromClient, "PUB $JS.ACK.ORDERS.w.1.1.1.1.0 4\r\n+ACK\r\n"},
	}
}

// What comes to an inbox answers who asked, whatever came between; a status, a service's header and JetStream's JSON say what failed.
func TestNATSAnswers(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut(natsTurns(), 1, 1, whole)...)
	var got []string
	for _, s := range o.full {
		got = append(got, fmt.Sprint(s.L7.Type, " ", s.L7.Resource, " ", s.Pushed, " ", s.L7.Code, " ", s.L7.Status, " ", s.L7.StatusMessage, " ", !s.L7.TraceID.IsZero()))
	}
	want := []string{
		"PUB shop.news false 0 ok  false", "PUB shop.price false 0 ok  true", "PUB shop.price false 503 server error No Responders false",
		"PUB $JS.API.STREAM.INFO.X false 404 client error none false", "MSG served true 400 client error no such thing true", "MSG served true 0 ok  false", "MSG orders.new true 0 ok  true",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("sessions\n%s\nwant\n%s\nledger %v", strings.Join(got, "\n"), strings.Join(want, "\n"), o.ledger.Rows())
	}
}
