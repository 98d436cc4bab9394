package l7_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/pkg/span"
)

func TestDetect(t *testing.T) {
	t.Parallel()
	f := func(data, protocol string, want l7.Match) {
		t.Helper()
		p, got := l7.All.Detect([]byte(data))
		name := ""
		if p != nil {
			name = p.Name
		}
		if got != want || name != protocol {
			t.Errorf("Detect(%q) = %q, %d; want %q, %d", data, name, got, protocol, want)
		}
	}
	f("", "", l7.MatchMore)
	f("G", "", l7.MatchMore)
	f("GET ", "", l7.MatchMore)
	f("GET /", "HTTP", l7.MatchRequest)
	f("OPTIONS * HTTP/1.1\r\n", "HTTP", l7.MatchRequest)
	f("HTTP/1.", "HTTP", l7.MatchResponse)
	f("HTTP/1.1 200", "HTTP", l7.MatchResponse)
	f("HTTP/2.0 nothing", "", l7.MatchNone)
	f("GETTING nowhere", "", l7.MatchMore) // any token is a method
	f("GETTING nowhere fast", "", l7.MatchNone)
	f("PROPFIND /dav HTTP/1", "", l7.MatchMore)
	f("PROPFIND /dav HTTP/1.1", "HTTP", l7.MatchRequest)
	f("M-SEARCH * HTTP/1.1\r\n", "HTTP", l7.MatchRequest)
	f("brew /pot HTTP/1.0\r\n", "HTTP", l7.MatchRequest) // methods are case-sensitive, not upper case
	f("a(b) /x HTTP/1.1\r\n", "", l7.MatchNone)
	f("WAYTOOLONGTOBETAKENFORAMETHODOFANYKIND /x HTTP/1.1", "", l7.MatchNone)
	f("SET key value\r\n", "", l7.MatchNone)
	f("\r\nGET /", "HTTP", l7.MatchRequest)
	f("\r", "", l7.MatchMore)
	f("\r\rGET /", "", l7.MatchNone)
	f("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP2", l7.MatchRequest)
	f("\x16\x03\x01\x02\x00\x01\x00\x01\xfc", "", l7.MatchNone) // TLS
	f("\x15\x00\x00\x00", "", l7.MatchMore)
	f("\x07\x00\x00\x00\x03COMMIT", "MySQL", l7.MatchRequest)
	f("\x07\x00\x00\x00\x03comm", "", l7.MatchMore) // not yet a word
	f("\x09\x00\x00\x00\x03\x00\x01COMMIT", "MySQL", l7.MatchRequest)
	f("\x07\x00\x00\x01\x03COMMIT", "", l7.MatchNone) // no request has sequence id 1
	f("\x07\x00\x00\x00\x03\x80\x81\x82\x83\x84\x85", "", l7.MatchNone)
	f("\x01\x00\x00\x00\x0e", "MySQL", l7.MatchRequest)
	f("\x52\x00\x00\x00\x0a10.11.6-MariaDB\x00", "MySQL", l7.MatchResponse)
}

func TestHTTPRequest(t *testing.T) {
	t.Parallel()
	f := func(header string, advance int, want l7.Fields) {
		t.Helper()
		var got l7.Fields
		want.Protocol = "HTTP"
		step := l7.HTTP.New().Request([]byte(header), 0, one{&got})
		if step.State != l7.Head || step.Advance != uint64(advance) {
			t.Errorf("step %+v, want Head after %d", step, advance)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", header, diff)
		}
	}
	trace, _ := span.ParseTraceID("0af7651916cd43dd8448eb211c80319c")
	parent, _ := span.ParseSpanID("b7ad6b7169203331")
	get := "GET /items/42?full=1 HTTP/1.1\r\nHost: svc-item:8080\r\nTraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\ntracestate: a=1\r\nX-Request-ID:  r7 \r\n\r\n"
	f(get+"the next", len(get), l7.Fields{
		Version: "1.1", Type: "GET", Domain: "svc-item:8080", Resource: "/items/42?full=1", Endpoint: "/items/{id}",
		XRequestID: "r7", TraceID: trace, SpanID: parent, TraceState: "a=1",
	})
	bare := "POST / HTTP/1.0\n\n"
	f(bare, len(bare), l7.Fields{Version: "1.0", Type: "POST", Resource: "/", Endpoint: "/"})
	proxied := "GET http://shop.example:80/a/b?c HTTP/1.1\r\n\r\n"
	f(proxied, len(proxied), l7.Fields{Version: "1.1", Type: "GET", Domain: "shop.example:80", Resource: "/a/b?c", Endpoint: "/a/b"})
	tunnel := "CONNECT db:443 HTTP/1.1\r\nHost: db:443\r\n\r\n"
	f(tunnel, len(tunnel), l7.Fields{Version: "1.1", Type: "CONNECT", Domain: "db:443", Resource: "db:443", Endpoint: "db:443"})
}

// Of a header that was cut off, what lies before the cut is believed, but no line the cut
// goes through.
func TestHTTPRequestCutOff(t *testing.T) {
	t.Parallel()
	header := "GET /a HTTP/1.1\r\nHost: shop.example\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nCookie: " + strings.Repeat("c", 900)
	for cut := range len(header) {
		var got l7.Fields
		step := l7.HTTP.New().Request([]byte(header[:cut]), 1000, one{&got})
		switch host := strings.Index(header, "\r\nHost"); {
		case cut < len("GET /"):
			if step.State == l7.Head {
				t.Errorf("header of %d bytes: %+v", cut, step)
			}
		case step.State != l7.Head:
			t.Errorf("header of %d bytes: %+v", cut, step)
		case cut <= host && got.Domain != "", cut < strings.Index(header, "Cookie") && !got.TraceID.IsZero():
			t.Errorf("header of %d bytes: %+v", cut, got)
		case cut > strings.Index(header, "Cookie") && (got.Domain != "shop.example" || got.TraceID.IsZero()):
			t.Errorf("header of %d bytes: %+v", cut, got)
		}
	}
}

// A message is followed to its end in steps; what follows is not touched.
func TestHTTPBodies(t *testing.T) {
	t.Parallel()
	f := func(method, response, body string, want l7.State) {
		t.Helper()
		d := l7.HTTP.New()
		fields := &l7.Fields{Type: method}
		data := []byte(response + body + "HTTP/1.1 200 OK\r\n\r\n")
		at, last := 0, l7.More
		for range 20 {
			step := d.Response(data[min(at, len(data)):], 0, one{fields})
			at, last = at+int(step.Advance), step.State
			if last != l7.Head && last != l7.Body {
				break
			}
		}
		if last != want || (want == l7.End || want == l7.Opaque) && at != len(response+body) {
			t.Errorf("%s %q: state %d after %d bytes, want %d after %d", method, response+body, last, at, want, len(response+body))
		}
	}
	f("GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "hello", l7.End)
	f("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "5\r\nhello\r\nA;name=\"v\"\r\n0123456789\r\n0\r\nExpires: never\r\n\r\n", l7.End)
	f("GET", "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n", "0\r\n\r\n", l7.End) // chunks win
	f("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "", l7.End)
	f("GET", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "", l7.End)
	f("GET", "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", "", l7.End)
	f("GET", "HTTP/1.1 100 Continue\r\n\r\n", "", l7.End)
	f("GET", "HTTP/1.1 200\r\n\r\n", "until the connection closes", l7.UntilClose)
	f("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "no size\r\n", l7.Open)
	f("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "until the connection closes", l7.UntilClose)
	f("GET", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: IRC/6.9\r\n\r\n", "", l7.Opaque)
	f("CONNECT", "HTTP/1.1 200 OK\r\n\r\n", "", l7.Opaque)
	f("GET", "HTTP/1.1 abc OK\r\n\r\n", "", l7.Bad)
	f("GET", "no response at all\r\n\r\n", "", l7.Bad)
}

func TestHTTPResponse(t *testing.T) {
	t.Parallel()
	f := func(response string, want l7.Fields) {
		t.Helper()
		var got l7.Fields
		if step := l7.HTTP.New().Response([]byte(response), 0, one{&got}); step.State != l7.Head {
			t.Errorf("%q: %+v", response, step)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", response, diff)
		}
	}
	f("HTTP/1.1 200 OK\r\nX-Request-Id: r1\r\n\r\n", l7.Fields{Status: span.StatusOK, Code: 200, XResponseID: "r1"})
	f("HTTP/1.1 302 Found\r\n\r\n", l7.Fields{Status: span.StatusOK, Code: 302})
	f("HTTP/1.1 404 Not Found\r\n\r\n", l7.Fields{Status: span.StatusClientError, Code: 404, StatusMessage: "Not Found"})
	f("HTTP/1.0 503\r\n\r\n", l7.Fields{Status: span.StatusServerError, Code: 503})
	f("HTTP/1.1 100 Continue\r\n\r\n", l7.Fields{}) // not the answer yet
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	f := func(path, want string) {
		t.Helper()
		if got := l7.Endpoint(path); got != want {
			t.Errorf("Endpoint(%q) = %q, want %q", path, got, want)
		}
	}
	f("/items/42", "/items/{id}")
	f("/items/42/parts/7?x=1", "/items/{id}/parts/{id}")
	f("/full-test?mode=empty#top", "/full-test")
	f("/users/550e8400-e29b-41d4-a716-446655440000", "/users/{id}")
	f("/t/0af7651916cd43dd8448eb211c80319c/", "/t/{id}/")
	f("/v1/deadbeef", "/v1/deadbeef") // a word, for all we know
	f("//7", "//{id}")
	f("/users/joe@shop.example/orders", "/users/{id}/orders")
	f("/users/joe%40shop.example", "/users/{id}")
	f("/blog/how-we-made-our-checkout-faster", "/blog/{id}")
	f("/rpc/get-user-by-id", "/rpc/get-user-by-id") // a route
	f("/orders/INV-2024-0042", "/orders/{id}")
	f("/orders/item-42/rows", "/orders/{id}/rows")
	f("/days/2024-01-15", "/days/{id}")
	f("/o/01HXYZ7F9KQ2M8Z3B4N5P6R7S8", "/o/{id}")
	f("/p/caf\u00e9", "/p/{id}")
	f("/static/app.3f2a9c1b7d.js", "/static/{id}")
	f("/api/v2/oauth2/getCustomerOrderDetails", "/api/v2/oauth2/getCustomerOrderDetails")
	f("/.well-known/openid-configuration", "/.well-known/openid-configuration")
	f("/cart;jsessionid=01/items", "/cart/items")
	f(strings.Repeat("/a", 40), strings.Repeat("/a", 12)+"/*")
	f("42", "{id}")
	f("/", "/")
	f("", "")
}
