package otlp

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

// The node is the clock of a span. An agent may be far from who sends to it.
func TestASpanIsOfTheNodeThatItsResourceNames(t *testing.T) {
	t.Parallel()
	known := &Resources{Aliases: []string{"ip-10-0-0-5"}, Here: func(a netip.Addr) bool { return a == netip.MustParseAddr("10.244.0.10") }}
	d := NewDecoder(known, false)
	for _, c := range []struct {
		what, peer, want string
		attributes       []string
	}{
		{"nothing is said", "10.9.9.9", "node0", nil},
		{"another node of Kubernetes", "10.9.9.9", "node7", []string{"k8s.node.name", "node7", "host.name", "checkout-7d9f8b6c5-x2k9q"}},
		{"the agent's own", "10.9.9.9", "node0", []string{"k8s.node.name", "NODE0"}},
		{"another host", "127.0.0.1", "vm3.example.com", []string{"host.name", "vm3.example.com"}},
		{"the agent's own, by its host name", "127.0.0.1", "node0", []string{"host.name", "ip-10-0-0-5.ec2.internal"}},
		{"the agent's own, with a domain", "127.0.0.1", "node0", []string{"host.name", "node0.example.com"}},
		{"an address is no name with a domain", "127.0.0.1", "10.1.2.3", []string{"host.name", "10.1.2.3"}},
		{"a pod's name is no host", "10.9.9.9", "node0", []string{"host.name", "web-0", "k8s.pod.name", "web-0"}},
		{"nor that of a Deployment's pod", "10.9.9.9", "node0", []string{"host.name", "checkout-7d9f8b6c5-x2k9q"}},
		{"nor a container's", "10.9.9.9", "node0", []string{"host.name", "0123456789ab"}},
		{"nor the beginning of its id", "10.9.9.9", "node0", []string{"host.name", "0123456789abcd", "container.id", "0123456789abcdef0123"}},
		{"a pod of this node, by a name that only its host knows", "10.244.0.10", "node0", []string{"host.name", "web"}},
		{"a collector on this node sends for another one", "10.244.0.10", "node7", []string{"k8s.node.name", "node7"}},
		{"a pod of this node, whatever Kubernetes calls it", "10.9.9.9", "node0", []string{"k8s.node.name", "gke-1-abc", "k8s.pod.ip", "10.244.0.10"}},
	} {
		request := request(server())
		for i := 0; i+1 < len(c.attributes); i += 2 {
			request.ResourceSpans[0].Resource.Attributes = append(request.ResourceSpans[0].Resource.Attributes, str(c.attributes[i], c.attributes[i+1]))
		}
		// The next resource of the request says nothing.
		request.ResourceSpans = append(request.ResourceSpans, &trace.ResourceSpans{ScopeSpans: []*trace.ScopeSpans{{Spans: []*trace.Span{server()}}}})
		d.Reset("agent", "node0", netip.MustParseAddr(c.peer))
		if err := d.Protobuf(marshal(t, request)); err != nil {
			t.Fatal(err)
		}
		spans := slices.Collect(d.Batch().Spans())
		if spans[0].Node != c.want || spans[0].Agent != "agent" || spans[1].Node != "node0" {
			t.Errorf("%s: nodes %q and %q, want %q and node0", c.what, spans[0].Node, spans[1].Node, c.want)
		}
	}
}

// A file that is opened has no agent.
func TestWithoutAReaderTheNodeIsWhatTheResourceSays(t *testing.T) {
	t.Parallel()
	d := NewDecoder(new(Resources), false)
	d.Reset("", "", netip.Addr{})
	r := request(server())
	r.ResourceSpans[0].Resource.Attributes = []*common.KeyValue{str("host.name", "vm3")}
	if err := d.Protobuf(marshal(t, r)); err != nil {
		t.Fatal(err)
	}
	if got := d.Batch().Strings.String(span.Ref(d.Batch().Node[0])); got != "vm3" {
		t.Errorf("node %q", got)
	}
}
