package trace_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
)

// Agents make hops of HTTP/1 and MySQL in plain text. Between spans that tell of anything else
// none was seen because none could be, on pods that are watched, too.
func TestHopsOfUnreadProtocolsAreNotMissed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name           string
		caller, callee span.Span
		missing        uint8
	}{
		{"HTTP", span.Span{Protocol: "HTTP", Version: "1.1"}, span.Span{Protocol: "HTTP"}, 6},
		{"HTTP with a full URL", span.Span{Protocol: "HTTP", Attributes: []span.Attribute{{Key: "url.full", Value: "http://cart:80/items"}}}, span.Span{}, 6},
		{"nothing is said", span.Span{}, span.Span{}, 6},
		{"HTTP behind a gateway that ends TLS", span.Span{Protocol: "HTTP"}, span.Span{Protocol: "HTTP", Attributes: []span.Attribute{{Key: "url.scheme", Value: "https"}}}, 6},
		{"gRPC", span.Span{Protocol: "gRPC"}, span.Span{Protocol: "gRPC"}, 0},
		{"gRPC, as the callee alone says", span.Span{}, span.Span{Protocol: "gRPC"}, 0},
		{"HTTP/2", span.Span{Protocol: "HTTP", Version: "2"}, span.Span{Protocol: "HTTP"}, 0},
		{"HTTP/2 by the conventions of old", span.Span{Protocol: "HTTP"}, span.Span{Protocol: "HTTP", Version: "2.0"}, 0},
		{"HTTP/2 in clear", span.Span{Protocol: "HTTP", Version: "2", Attributes: []span.Attribute{{Key: "url.full", Value: "http://cart:80/items"}}}, span.Span{Protocol: "HTTP", Version: "2"}, 6},
		{"HTTP/3", span.Span{Protocol: "HTTP", Version: "3"}, span.Span{}, 0},
		{"HTTPS", span.Span{Protocol: "HTTP", Attributes: []span.Attribute{{Key: "url.full", Value: "https://cart/items"}}}, span.Span{Protocol: "HTTP"}, 0},
		{"HTTPS by the conventions of old", span.Span{Protocol: "HTTP", Attributes: []span.Attribute{{Key: "http.scheme", Value: "https"}}}, span.Span{}, 0},
		{"TLS", span.Span{}, span.Span{Attributes: []span.Attribute{{Key: "tls.protocol.version", Value: "1.3"}}}, 0},
		{"a message through a topic", span.Span{Protocol: "Kafka"}, span.Span{Protocol: "Kafka"}, 0},
		{"a database's own spans", span.Span{Protocol: "Cassandra"}, span.Span{}, 0},
		{"MongoDB", span.Span{Protocol: "MongoDB"}, span.Span{}, 6},
		{"MySQL", span.Span{Protocol: "MySQL"}, span.Span{}, 6},
		{"PostgreSQL", span.Span{Protocol: "PostgreSQL"}, span.Span{}, 6},
		{"Redis", span.Span{Protocol: "Redis"}, span.Span{}, 6},
		{"DNS", span.Span{Protocol: "DNS"}, span.Span{}, 6},
		{"Memcached", span.Span{Protocol: "Memcached"}, span.Span{}, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sc := newScene(t)
			tell := func(s *span.Span, of span.Span) {
				s.Protocol, s.Version, s.Attributes = of.Protocol, of.Version, of.Attributes
			}
			tell(sc.app("call", 0, 100, span.KindClient, 1, 0, web), c.caller)
			tell(sc.app("handler", 20, 80, span.KindServer, 2, 1, order), c.callee)
			tree := trace.Assemble(sc.spans, trace.Options{Watched: everything})
			if tree.Gap[1] != 6 || tree.Missing[1] != c.missing {
				t.Errorf("%d hops of %d are missing, want %d", tree.Missing[1], tree.Gap[1], c.missing)
			}
			// Its time is not blamed on what nobody saw.
			way := trace.Where(tree, epoch, epoch+10e6, -1).Parts[0]
			want := fmt.Sprintf("%d hops between", c.missing)
			if c.missing == 0 {
				want = "on the way from svc-" + web + " to svc-" + order
			}
			if !strings.Contains(way.Text, want) {
				t.Errorf("the way is %q, want %q in it", way.Text, want)
			}
		})
	}
}
