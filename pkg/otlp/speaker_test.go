package otlp

import (
	"net/netip"
	"testing"

	common "go.opentelemetry.io/proto/otlp/common/v1"
)

// Node's instrumentation names its container by default, and nothing else: the pod is the peer then,
// where that is one of the reader's node. A collector, which sends for several, is not taken for them.
func TestWhoNamesItsContainerIsThePeerOnTheReadersNode(t *testing.T) {
	t.Parallel()
	here := netip.MustParseAddr("10.244.1.7")
	other := netip.MustParseAddr("10.244.1.8")
	known := &Resources{Here: func(a netip.Addr) bool { return a == here }, Pod: func(id string) netip.Addr {
		if id == "c0ffee" || id == "08e8ff41-2a6b-4a3e-9d0c-0f1e2d3c4b5a" {
			return other
		}
		return netip.Addr{}
	}}
	d := NewDecoder(known, false)
	pod := func(peer netip.Addr, attributes ...*common.KeyValue) netip.Addr {
		r := request(server())
		r.ResourceSpans[0].Resource.Attributes = attributes
		d.Reset("agent", "node0", peer)
		if err := d.Protobuf(marshal(t, r)); err != nil {
			t.Fatal(err)
		}
		for s := range d.Batch().Spans() {
			return s.PodIP
		}
		return netip.Addr{}
	}
	none := netip.Addr{}
	one, two := str("container.id", "4a1b"), str("container.id", "77ff")
	for _, c := range []struct {
		what string
		got  netip.Addr
		want netip.Addr
	}{
		{"a pod of this node", pod(here, one), here},
		{"again", pod(here, one), here},
		{"a peer elsewhere", pod(netip.MustParseAddr("10.244.2.9"), one), none},
		{"on another node by Kubernetes' word", pod(here, one, str("k8s.node.name", "node9")), none},
		{"on this node by Kubernetes' word", pod(here, one, str("k8s.node.name", "node0")), here},
		{"an address stated", pod(here, one, str("k8s.pod.ip", "10.244.1.8")), netip.MustParseAddr("10.244.1.8")},
		{"a container that the node knows, whoever sends", pod(netip.MustParseAddr("10.244.2.9"), str("container.id", "c0ffee")), other},
		{"from loopback too", pod(netip.MustParseAddr("127.0.0.1"), str("container.id", "c0ffee")), other},
		{"by its pod's uid", pod(netip.MustParseAddr("10.244.2.9"), str("container.id", "1111"), str("k8s.pod.uid", "08e8ff41-2a6b-4a3e-9d0c-0f1e2d3c4b5a")), other},
		{"but not on another node", pod(netip.MustParseAddr("10.244.2.9"), str("container.id", "c0ffee"), str("k8s.node.name", "node9")), none},
		{"a collector: another container", pod(here, two), none},
		{"a collector: the first one again", pod(here, one), none},
		{"nothing named", pod(here, str("service.name", "x")), here},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
}
