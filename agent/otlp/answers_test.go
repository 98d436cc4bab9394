package otlp_test

import (
	"net/http"
	"strings"
	"testing"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// One attribute that is not UTF-8 costs itself: its span and the others are stored, and the sender is
// warned, which OTLP does by a partial success without rejected spans.
func TestOneTextThatIsNotUTF8CostsItselfAlone(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	bad := goodSpan("two <here>")
	body, err := proto.Marshal(message(goodSpan("one"), bad, goodSpan("three")))
	if err != nil {
		t.Fatal(err)
	}
	status, answer := post(t, r.url+"/v1/traces", []byte(strings.Replace(string(body), "<here>", "caf\xe9 \xff", 1)))
	if p := answer.GetPartialSuccess(); status != http.StatusOK || p.GetRejectedSpans() != 0 || !strings.Contains(p.GetErrorMessage(), "1 texts were not UTF-8") {
		t.Errorf("%d, %v", status, p)
	}
	if names := strings.Join(r.names(), ","); names != "one,two caf\uFFFD \uFFFD,three" {
		t.Errorf("stored %q", names)
	}
}

// What a span has beyond its limits is said to its sender, and the span is stored.
func TestASenderIsToldWhatTheLimitsLeftOut(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	s := goodSpan("events")
	for range 2000 {
		s.Events = append(s.Events, &trace.Span_Event{})
	}
	body, err := proto.Marshal(message(s))
	if err != nil {
		t.Fatal(err)
	}
	status, answer := post(t, r.url+"/v1/traces", body)
	if p := answer.GetPartialSuccess(); status != http.StatusOK || p.GetRejectedSpans() != 0 || !strings.Contains(p.GetErrorMessage(), "976 events were left out") {
		t.Errorf("%d, %v", status, p)
	}
	if n := r.ledger.Counter("otlp", "APP", "events left out: too many or too long").Load(); n != 976 {
		t.Errorf("the ledger has %d events left out", n)
	}
}

// A page's scripts may send from a browser where a setting names the page; the browser asks first.
func TestABrowsersPreflightIsAnsweredWhereASettingAllowsIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		allowed []string
		origin  string
		status  int
		allow   string
	}{
		{[]string{"http://shop.example"}, "http://shop.example", http.StatusNoContent, "http://shop.example"},
		{[]string{"*"}, "http://shop.example", http.StatusNoContent, "http://shop.example"},
		{[]string{"http://shop.example"}, "http://other.example", http.StatusMethodNotAllowed, ""},
		{nil, "http://shop.example", http.StatusMethodNotAllowed, ""},
	} {
		r := newReceiver(t, c.allowed...)
		req, err := http.NewRequest(http.MethodOptions, r.url+"/v1/traces", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Origin", c.origin)
		req.Header.Set("Access-Control-Request-Method", "POST")
		req.Header.Set("Access-Control-Request-Headers", "content-type")
		answer, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != c.status || answer.Header.Get("Access-Control-Allow-Origin") != c.allow {
			t.Errorf("%v, %s: %s, %v", c.allowed, c.origin, answer.Status, answer.Header)
		}
		if c.allow != "" && !strings.Contains(answer.Header.Get("Access-Control-Allow-Headers"), "Content-Type") {
			t.Errorf("%v: %v", c.allowed, answer.Header)
		}
	}
}
