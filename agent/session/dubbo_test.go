package session_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// hessian is a text.
func hessian(text string) string {
	switch n := len(text); {
	case n < 32:
		return string([]byte{byte(n)}) + text
	case n < 1024:
		return string([]byte{0x30 + byte(n>>8), byte(n)}) + text
	default:
		return "S" + be16(n) + text
	}
}

// dubbo is a message: flags with a serialization, status, number, body.
func dubbo(flags, status byte, id int, body ...string) string {
	text := strings.Join(body, "")
	return "\xda\xbb" + string([]byte{flags, status}) + be32(0x7fffffff) + be32(id) + be32(len(text)) + text
}

func dubboCall(flags byte, id int, method, arguments string, attachments ...string) string {
	attached := "H" + hessian("path") + hessian("shop.Stock")
	for _, a := range attachments {
		attached += hessian(a)
	}
	return dubbo(flags, 0, id, hessian("2.0.2"), hessian("shop.Stock"), hessian("0.0.0"), hessian(method), hessian("Ljava/lang/String;"), arguments, attached, "Z")
}

const dubboAsks, dubboTells, dubboEvent, dubboSays = 0xc2, 0x82, 0xe2, 0x02

// dubboThrew is the body of an answer whose method threw.
var dubboThrew = "\x93C" + hessian("java.lang.IllegalStateException") + "\x94" + hessian("detailMessage") + strings.Repeat("s", 5000)

func dubboTurns() []turn {
	return []turn{
		{fromClient, dubboCall(dubboAsks, 1, "count", hessian("apples"), "traceparent", traceparent) + dubboCall(dubboAsks, 2, "fail", hessian("pears")) + dubboCall(dubboTells, 3, "tell", hessian("plums"))},
		{fromServer, dubbo(dubboSays, 20, 2, dubboThrew) + dubbo(dubboSays, 20, 1, "\x94\xba", "H", hessian("dubbo"), hessian("2.0.2"), "Z")},
		{fromClient, dubbo(dubboEvent, 0, 4, "N") + dubboCall(dubboAsks, 5, "weigh", hessian(strings.Repeat("w", 3000)))}, {fromServer, dubbo(0x22, 20, 4, "N") + dubbo(dubboEvent, 0, 1, "N")},
		{fromClient, dubbo(0x22, 20, 1, "N")}, {fromServer, dubbo(dubboSays, 60, 5, hessian("no such service"))},
		{fromClient, dubbo(0xc6, 0, 6, `"2.0.2"`) + dubboCall(dubboAsks, 7, "busy", "")}, {fromServer, dubbo(dubboSays, 100, 7, hessian("too busy")) + dubbo(6, 20, 6, "1\n")},
		{fromServer, dubbo(0xa2, 0, 8, hessian("R"))},
	}
}

// That a method threw is no failure of the call, and an error all the same. Some calls are answered by nobody.
func TestDubbo(t *testing.T) {
	t.Parallel()
	o := observe().feed(cut(dubboTurns(), 1, 1, whole)...)
	var got []string
	for _, s := range o.full {
		text := fmt.Sprint(s.L7.Type, " ", s.L7.Endpoint, " ", s.L7.Version, " ", s.L7.Code, " ", s.L7.Status, " ", s.L7.StatusMessage)
		for _, a := range s.L7.Attributes {
			text += " " + a.Key + "=" + a.Value
		}
		if s.L7.TraceID.String() == traceparent[3:35] {
			text += " trace"
		}
		got = append(got, text)
	}
	want := []string{
		"tell shop.Stock/tell 2.0.2 0 unknown ",
		"fail shop.Stock/fail 2.0.2 20 server error java.lang.IllegalStateException error.type=java.lang.IllegalStateException",
		"count shop.Stock/count 2.0.2 20 ok  trace",
		"weigh shop.Stock/weigh 2.0.2 60 client error no such service",
		"busy shop.Stock/busy 2.0.2 100 server error too busy",
		"   20 ok ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s\nledger %v", diff, o.ledger.Rows())
	}
	o.wantLine(t, "left out: pings", 2)
}

// However long a message or a text says that it is, a connection keeps so much.
func TestDubboIsBounded(t *testing.T) {
	t.Parallel()
	o := observe()
	feed := o.talk()
	for i := range 3000 {
		feed(fromClient, dubboCall(dubboAsks, i, fmt.Sprint(i, strings.Repeat("m", 900)), "", "traceparent", traceparent, "tracestate", strings.Repeat("s", 500)))
		feed(fromServer, dubbo(dubboSays, 20, i+1<<20, "\x93C"+hessian(fmt.Sprint(i, strings.Repeat("E", 900)))))
	}
	for _, hostile := range []string{
		dubbo(dubboAsks, 0, 1, "S\xff\xff"), dubbo(dubboAsks, 0, 1, "\x1f\xff"), dubbo(dubboSays, 20, 1, "\x93C\x33\xff"), dubbo(dubboSays, 20, 1, "\x93"), dubbo(dubboAsks, 0, 1),
		"\xda\xbb\xc2\x00" + be32(0) + be32(0) + "\xff\xff\xff\xff", "\xda\xbb\xc2\x00" + be32(0) + be32(0) + "\x03\xff\xff\xff",
	} {
		for range 30 {
			feed(fromClient, hostile)
			feed(fromServer, hostile)
		}
	}
	o.wantBounded(t)
}
