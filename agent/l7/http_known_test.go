package l7_test

import (
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent/l7"
)

// Who sees a header that another observer has read does not read it again: it takes no memory, and
// says the same.
func TestAHeaderIsReadOnce(t *testing.T) {
	request := []byte("GET /items/42?token=x HTTP/1.1\r\nHost: read-once\r\nX-Request-ID: r1\r\n\r\n")
	first := l7.Fields{}
	l7.HTTP.New().Request(request, 0, one{&first})
	d, again := l7.HTTP.New(), l7.Fields{}
	if n := testing.AllocsPerRun(100, func() {
		again = l7.Fields{}
		d.Reset(true)
		d.Request(request, 0, one{&again})
	}); n > 1 { // what stands in for the session
		t.Errorf("%.0f allocations", n)
	}
	if again.Endpoint != "/items/{id}" || again.Domain != first.Domain || again.XRequestID != "r1" {
		t.Errorf("%+v, then %+v", first, again)
	}
	l7.HTTP.Redact(&again)
	if strings.Contains(again.Resource, "x") {
		t.Errorf("secret in %s", again.Resource)
	}
}

// What is kept of a header is not the memory it was read from.
func TestAKnownHeaderIsItsOwn(t *testing.T) {
	request := []byte("GET /a HTTP/1.1\r\nHost: its-own\r\n\r\n")
	for _, path := range []string{"/a", "/b", "/a"} {
		copy(request[len("GET "):], path)
		var got l7.Fields
		l7.HTTP.New().Request(request, 0, one{&got})
		if got.Resource != path || got.Domain != "its-own" {
			t.Errorf("%+v, want %s", got, path)
		}
		for i := range request {
			request[i] = 'x'
		}
		copy(request, "GET /a HTTP/1.1\r\nHost: its-own\r\n\r\n")
	}
}

// Bytes that are no answer are a request all the same.
func TestWhatIsNoAnswerMayBeARequest(t *testing.T) {
	request := []byte("GET /both HTTP/1.1\r\nHost: both\r\n\r\n")
	var got l7.Fields
	if step := l7.HTTP.New().Response(request, 0, one{&got}); step.State != l7.Bad {
		t.Errorf("an answer: %+v", step)
	}
	if step := l7.HTTP.New().Request(request, 0, one{&got}); step.State != l7.Head || got.Resource != "/both" {
		t.Errorf("%+v, %+v", step, got)
	}
}

// Two requests in one piece stay two, although each ends as a header that is known does.
func TestAPipelineOfKnownHeadersIsSeveral(t *testing.T) {
	first := "GET /first HTTP/1.1\r\nHost: pipeline\r\n\r\n"
	pipeline := []byte(first + strings.Replace(first, "first", "second", 1))
	for range 2 { // the second time both are known
		d := l7.HTTP.New()
		for rest, want := pipeline, []string{"/first", "/second"}; len(want) > 0; want = want[1:] {
			var got l7.Fields
			step := d.Request(rest, 0, one{&got})
			if step.State != l7.Head || got.Resource != want[0] {
				t.Fatalf("%+v, %+v, want %s", step, got, want[0])
			}
			rest = rest[step.Advance:]
			d.Reset(true)
		}
	}
}
