package l7_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/pkg/span"
)

func record(kind, id byte, content string, padding int) string {
	return string([]byte{1, kind, 0, id, byte(len(content) >> 8), byte(len(content)), byte(padding), 0}) + content + strings.Repeat("\x00", padding)
}

var beginRecord = record(1, 1, "\x00\x01\x01\x00\x00\x00\x00\x00", 0)

// pair is a parameter.
func pair(name, value string) string {
	length := func(text string) string {
		if n := len(text); n > 127 {
			return string([]byte{0x80 | byte(n>>24), byte(n >> 16), byte(n >> 8), byte(n)})
		}
		return string([]byte{byte(len(text))})
	}
	return length(name) + length(value) + name + value
}

func TestFastCGIDetection(t *testing.T) {
	t.Parallel()
	f := func(data string, want l7.Match) {
		t.Helper()
		if got := l7.FastCGI.Detect([]byte(data)); got != want {
			t.Errorf("Detect(%q) = %d, want %d", data, got, want)
		}
	}
	for n := range len(beginRecord) {
		f(beginRecord[:n], l7.MatchMore)
	}
	f(beginRecord+"more", l7.MatchRequest)
	f(record(1, 1, "\x00\x02\x00\x00\x00\x00\x00\x00", 0), l7.MatchRequest) // an authorizer
	f(record(1, 1, "\x00\x04\x00\x00\x00\x00\x00\x00", 0), l7.MatchNone)
	f(record(1, 1, "\x00\x01\x02\x00\x00\x00\x00\x00", 0), l7.MatchNone)
	f(record(1, 1, "\x00\x01\x01\x00\x00\x00\x00\x01", 0), l7.MatchNone)
	f(record(1, 0, "\x00\x01\x01\x00\x00\x00\x00\x00", 0), l7.MatchNone)
	f(record(1, 1, "\x00\x01\x01\x00\x00\x00\x00", 1), l7.MatchNone)
	f(record(6, 1, "Status: 200 OK\r\n\r\n", 0), l7.MatchResponse)
	f(record(6, 1, "what lies behind a header: a body", 0), l7.MatchNone)
	f(record(6, 1, ": no name", 0), l7.MatchNone)
	f(record(6, 0, "Status: 200 OK\r\n\r\n", 0), l7.MatchNone)
	f("\x02"+beginRecord[1:], l7.MatchNone)
	f(record(5, 1, "", 0), l7.MatchRequest) // the end of what was asked, read late
	f(record(5, 7, "", 8), l7.MatchRequest)
	f(record(5, 1, "", 0)+"more", l7.MatchNone)
	f(record(5, 0, "", 0), l7.MatchNone)
	f(record(5, 1, "a body", 0), l7.MatchNone)
	if p, m := l7.All.Detect([]byte(beginRecord)); p != &l7.FastCGI || m != l7.MatchRequest {
		t.Errorf("among all protocols it is %v, %d", p, m)
	}
}

// read takes a stream through a dialogue whose only request says f.
func read(d l7.Dialogue, request bool, data string, f *l7.Fields) {
	for rest := []byte(data); len(rest) > 0; {
		next := d.Response
		if request {
			next = d.Request
		}
		step := next(rest, 0, one{f})
		if step.State == l7.Bad || step.State == l7.More {
			return
		}
		rest = rest[min(step.Advance, uint64(len(rest))):]
	}
}

func TestFastCGIRequest(t *testing.T) {
	t.Parallel()
	trace, _ := span.ParseTraceID("0af7651916cd43dd8448eb211c80319c")
	parent, _ := span.ParseSpanID("b7ad6b7169203331")
	f := func(params string, want l7.Fields) {
		t.Helper()
		var got l7.Fields
		want.Protocol, want.RequestID = "FastCGI", "1"
		read(l7.FastCGI.New(), true, beginRecord+record(4, 1, params, 0)+record(4, 1, "", 0), &got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", params, diff)
		}
	}
	f(pair("REQUEST_METHOD", "GET")+pair("REQUEST_URI", "/items/42?x=1")+pair("HTTP_HOST", "shop")+pair("SERVER_NAME", "_")+
		pair("HTTP_TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")+pair("HTTP_TRACESTATE", "a=1")+pair("HTTP_X_REQUEST_ID", "r7"),
		l7.Fields{Type: "GET", Domain: "shop", Resource: "/items/42?x=1", Endpoint: "/items/{id}", XRequestID: "r7", TraceID: trace, SpanID: parent, TraceState: "a=1"})
	f(pair("REQUEST_METHOD", "POST")+pair("SCRIPT_NAME", "/index.php")+pair("PATH_INFO", "/a")+pair("QUERY_STRING", "b")+pair("SERVER_NAME", "shop"),
		l7.Fields{Type: "POST", Domain: "shop", Resource: "/index.php/a?b", Endpoint: "/index.php/a"})
	f(pair("REMOTE_PORT", "no number")+pair("REMOTE_ADDR", "10.0.0.9")+pair("SERVER_NAME", "_"),
		l7.Fields{Attributes: []span.Attribute{{Key: "client.address", Value: "10.0.0.9", Type: span.AttributeString}}})
	// What is too long to be kept is passed; what lies about its length is not believed.
	f(pair("HTTP_COOKIE", strings.Repeat("c", 30000))+pair("REQUEST_METHOD", "GET"), l7.Fields{Type: "GET"})
	f(pair("REQUEST_METHOD", "GET")+"\xff\xff\xff\xff\xff\xff\xff\xffREQUEST_URI", l7.Fields{Type: "GET"})
	f("", l7.Fields{})
}

func TestFastCGIAnswer(t *testing.T) {
	t.Parallel()
	f := func(answer string, status span.Status, code int32, message string) {
		t.Helper()
		d, got := l7.FastCGI.New(), l7.Fields{}
		read(d, true, beginRecord+record(4, 1, "", 0), &got)
		read(d, false, answer, &got)
		if got.Status != status || got.Code != code || got.StatusMessage != message {
			t.Errorf("%q: %v %d %q, want %v %d %q", answer, got.Status, got.Code, got.StatusMessage, status, code, message)
		}
	}
	end := func(app, protocol byte) string {
		return record(3, 1, string([]byte{0, 0, 0, app, protocol, 'n', 't', 'e'}), 0)
	}
	f(record(6, 1, "Content-type: text/html\r\n\r\nStatus: 500", 0)+end(0, 0), span.StatusOK, 200, "")
	f(record(6, 1, "Status: 404 Not Found\n\n", 0)+end(0, 0), span.StatusClientError, 404, "Not Found")
	f(record(6, 1, "status:503\r\n\r\n", 0)+end(0, 0), span.StatusServerError, 503, "")
	f(record(6, 1, "Location: /x\r\n\r\n", 0)+end(0, 0), span.StatusOK, 302, "")
	f(record(6, 1, "Status: many\r\n\r\n", 0)+end(0, 0), span.StatusOK, 200, "")
	f(record(6, 1, strings.Repeat("h", 5000)+"\r\nStatus: 403 No\r\n\r\n", 0)+end(0, 0), span.StatusClientError, 403, "No")
	f(record(7, 1, "PHP Warning:  low\n", 0)+record(6, 1, "\r\n", 0)+end(0, 0), span.StatusOK, 200, "PHP Warning:  low")
	f(record(7, 1, "no database", 0)+record(6, 1, "Status: 500 Oops\r\n\r\n", 0)+end(0, 0), span.StatusServerError, 500, "no database")
	f(record(6, 1, "\r\n", 0)+end(7, 0), span.StatusServerError, 200, "application status 7")
	f(end(0, 2), span.StatusServerError, 0, "the application is overloaded")
	f(end(0, 9), span.StatusServerError, 0, "protocol status 9")
	f(end(0, 0), span.StatusUnknown, 0, "")
}
