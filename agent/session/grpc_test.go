package session_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/http2"

	"github.com/throughline-io/throughline/pkg/span"
)

// grpcTurns are calls of all kinds, as four implementations send them.
func grpcTurns() []turn {
	p := newH2pair()
	c, s := p.client, p.server
	turns := p.opening()
	say := func() { turns = p.said(turns) }
	ok := []string{":status: 200", "content-type: application/grpc"}
	// grpc-java begins with 3, and ends a request by an empty frame.
	c.headers(3, false, call("/shop.Items/Get", "traceparent: "+traceparent, "grpc-timeout: 900m")...).data(3, false, message(20)).data(3, true, "")
	say()
	_ = s.framer.WritePing(false, [8]byte{2, 4, 16, 16, 9, 14, 7, 7})
	s.headers(3, false, ok...).data(3, false, message(5000)).headers(3, true, "grpc-status: 0", "grpc-message: OK")
	_ = s.framer.WriteRSTStream(3, http2.ErrCodeNo)
	say()
	// An error that trailers alone tell; one behind an answer; one of the server's.
	c.headers(5, false, call("/shop.Items/Get", "grpc-timeout: 1S")...).data(5, true, message(0))
	c.headers(7, false, call("/shop.Items/Put")...).data(7, true, message(3))
	c.headers(9, false, call("/shop.Items/Drop")...).data(9, true, message(3))
	c.headers(11, false, call("/shop.Items/Throw")...).data(11, true, message(3))
	say()
	s.headers(5, true, append(ok, "grpc-status: 5", "grpc-message: no item %2242%22")...)
	s.headers(7, false, ok...).headers(7, true, "grpc-status: 13", "grpc-message: disk")
	s.headers(9, true, ":status: 503", "content-type: text/html")
	s.headers(11, false, ok...).data(11, false, message(1)).headers(11, true, "grpc-status: 0", "tri-exception-code: 3")
	say()
	// Streams: 3 messages to it in pieces, 4 back; one that its caller gives up after two answers; one before any.
	three := message(10) + message(0) + message(100)
	c.headers(13, false, call("/shop.Items/Chat")...).data(13, false, three[:3]).data(13, false, three[3:21])
	say()
	s.headers(13, false, ok...).data(13, false, message(40000)).data(13, false, message(0)+message(0))
	c.data(13, true, three[21:])
	say()
	s.data(13, false, message(1)).headers(13, true, "grpc-status: 0")
	c.headers(15, false, call("/shop.Items/Watch")...).data(15, true, message(1))
	c.headers(17, false, call("/shop.Items/Wait", "grpc-timeout: 50m")...).data(17, true, message(1))
	say()
	s.headers(15, false, ok...).data(15, false, message(2)).data(15, false, message(2))
	say()
	_ = c.framer.WriteRSTStream(15, http2.ErrCodeCancel)
	_ = c.framer.WriteRSTStream(17, http2.ErrCodeCancel)
	say()
	return turns
}

// Of an answer of several messages it is told when the first was there, which may be long after the answer's header. Of one
// of a single message the answer's beginning says it.
func TestGRPCFirstMessage(t *testing.T) {
	t.Parallel()
	p := newH2pair()
	ok := []string{":status: 200", "content-type: application/grpc"}
	turns := append(p.opening(),
		turn{fromClient, p.client.headers(3, false, call("/shop.Items/Watch")...).data(3, true, message(1)).take()},
		turn{fromServer, p.server.headers(3, false, ok...).take()},
		turn{fromServer, p.server.data(3, false, message(20)).take()},
		turn{fromServer, p.server.data(3, false, message(20)).headers(3, true, "grpc-status: 0").take()},
		turn{fromClient, p.client.headers(5, false, call("/shop.Items/Get")...).data(5, true, message(1)).take()},
		turn{fromServer, p.server.headers(5, false, ok...).take()},
		turn{fromServer, p.server.data(5, false, message(20)).headers(5, true, "grpc-status: 0").take()})
	o := observe().feed(cut(turns, 100, 200, whole)...)
	if len(o.full) != 2 {
		t.Fatalf("%v", summaries(o))
	}
	// Segments are 1,000 ns apart, and a call takes 100.
	want := span.Attribute{Key: "throughline.time_to_first_message", Value: "2100", Type: span.AttributeInt}
	if a, ok := o.full[0].FirstMessage(); !ok || a != want {
		t.Errorf("%+v, want %+v", a, want)
	}
	if a, ok := o.full[1].FirstMessage(); ok {
		t.Errorf("a call with one answer has %+v", a)
	}
}

func TestGRPC(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut(grpcTurns(), 100, 200, whole)...)
	want := []string{
		"gRPC Get /shop.Items/Get: 0 ok trace",
		`gRPC Get /shop.Items/Get: 5 client error no item "42" rpc.request.metadata.grpc-timeout=1S`,
		"gRPC Put /shop.Items/Put: 13 server error disk",
		"gRPC Drop /shop.Items/Drop: 14 server error HTTP status 503",
		"gRPC Throw /shop.Items/Throw: 0 server error tri-exception-code 3",
		"gRPC Chat /shop.Items/Chat: 0 ok rpc.requests_per_rpc=3 rpc.responses_per_rpc=4",
		"gRPC Watch /shop.Items/Watch: 1 unknown CANCEL rpc.requests_per_rpc=1 rpc.responses_per_rpc=2",
		"gRPC Wait /shop.Items/Wait: 1 reset CANCEL rpc.request.metadata.grpc-timeout=50m",
	}
	if diff := cmp.Diff(want, summaries(o)); diff != "" {
		t.Errorf("sessions (-want +got):\n%s\nledger %v", diff, o.ledger.Rows())
	}
	if f := o.full[0].L7; f.Endpoint != "/shop.Items/Get" || f.Domain != "shop:8080" || f.Version != "2" {
		t.Errorf("fields %+v", f)
	}
}
