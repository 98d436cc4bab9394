package net_test

import (
	"net/http"
	"net/netip"
	"slices"
	"testing"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/net"
	"github.com/throughline-io/throughline/agent/topology"
	"github.com/throughline-io/throughline/agent/topology/testnet"
	"github.com/throughline-io/throughline/pkg/span"
)

// A pod that comes later is captured from the update on, one that goes leaves what was
// seen of it, and the others' connections go on.
func TestUpdateFollowsPods(t *testing.T) {
	t.Parallel()
	n := testnet.New(t, "tld-n3-", 1)
	n.Pod("web", 1)
	old := n.Pod("old", 1)
	serve(t, n, "old", addr(old, 8080), http.HandlerFunc(shop))
	discover := func() *topology.Node {
		t.Helper()
		node, err := topology.Discover(n.NodePath(1))
		if err != nil {
			t.Fatal(err)
		}
		return node
	}
	spans := &collector{}
	var l ledger.Ledger
	capture, err := net.Start(t.Context(), net.Config{Node: discover(), Ledger: &l, Sink: spans.sink})
	if err != nil {
		t.Fatal(err)
	}
	c := client(n, "web")
	ask := func(server netip.Addr) {
		t.Helper()
		if err := request(c, "http://"+addr(server, 8080), 0); err != nil {
			t.Fatal(err)
		}
	}
	ask(old)
	young := n.Pod("new", 1)
	serve(t, n, "new", addr(young, 8080), http.HandlerFunc(shop))
	if err := capture.Update(discover()); err != nil {
		t.Fatal(err)
	}
	ask(young)
	ask(old) // on the connection of before
	c.CloseIdleConnections()
	n.Remove("old")
	if err := capture.Update(discover()); err != nil {
		t.Fatal(err)
	}
	names := capture.Interfaces()
	slices.Sort(names)
	if want := []string{"calinew", "caliweb", "eth0"}; !slices.Equal(names, want) {
		t.Errorf("captures at %v, want %v", names, want)
	}
	ask(young)
	if err := capture.Close(); err != nil {
		t.Fatal(err)
	}
	if err := capture.Close(); err != nil {
		t.Errorf("a second Close: %v", err)
	}
	seen := map[string]int{}
	for _, s := range spans.spans {
		seen[s.Point.String()+" "+s.Interface+" "+s.Server.Addr().String()]++
	}
	want := map[string]int{
		"c caliweb " + old.String(): 2, "s caliold " + old.String(): 2,
		"c caliweb " + young.String(): 2, "s calinew " + young.String(): 2,
	}
	for k, v := range want {
		if seen[k] != v {
			t.Errorf("%d spans at %s, want %d (all: %v)", seen[k], k, v, seen)
		}
	}
	if capture.Update(discover()) == nil {
		t.Error("Update after Close says nothing")
	}
}

// Addresses of our own are left out like ports; a process of the host is at no pod's side.
func TestHostTrafficIsRest(t *testing.T) {
	t.Parallel()
	n := testnet.New(t, "tld-n4-", 2)
	n.Pod("any", 1)
	host1, host2 := netip.MustParseAddr("172.31.0.1"), netip.MustParseAddr("172.31.0.2")
	serve(t, n, "n2", addr(host2, 8080), http.HandlerFunc(shop))
	serve(t, n, "n2", addr(host2, 9090), http.HandlerFunc(shop))
	node, err := topology.Discover(n.NodePath(1))
	if err != nil {
		t.Fatal(err)
	}
	spans := &collector{}
	var l ledger.Ledger
	capture, err := net.Start(t.Context(), net.Config{
		Node: node, Ledger: &l, Sink: spans.sink, LeaveOut: []netip.AddrPort{netip.AddrPortFrom(host2, 9090)},
	})
	if err != nil {
		t.Fatal(err)
	}
	c := client(n, "n1")
	for _, port := range []uint16{8080, 9090} {
		if err := request(c, "http://"+addr(host2, port), 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := capture.Close(); err != nil {
		t.Fatal(err)
	}
	if len(spans.spans) != 1 || spans.spans[0].Point != span.PointRest || spans.spans[0].Client.Addr() != host1 || spans.spans[0].Server.Port() != 8080 {
		t.Errorf("%+v", spans.spans)
	}
	if !slices.ContainsFunc(l.Rows(), func(r ledger.Row) bool { return r.What == "left out: own traffic" }) {
		t.Errorf("ledger %v", l.Rows())
	}
}

func TestStartSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	if _, err := net.Start(t.Context(), net.Config{}); err == nil {
		t.Error("starts without a sink")
	}
	_, err := net.Start(t.Context(), net.Config{
		Sink: func(*span.Span) {},
		Node: &topology.Node{Netns: "/var/run/netns/there-is-none", NICs: []topology.NIC{{Name: "eth0", Index: 2}}},
	})
	if err == nil {
		t.Error("starts in a namespace that does not exist")
	}
	t.Log(err)
}
