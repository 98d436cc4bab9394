package topology_test

import (
	"context"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/throughline-io/throughline/agent/topology"
	"github.com/throughline-io/throughline/agent/topology/testnet"
)

// A pod is found by the namespace behind its veth pair; the NIC is a veth too here, but
// carries the node's address; the tunnel device is neither.
func TestDiscover(t *testing.T) {
	t.Parallel()
	n := testnet.New(t, "tld-t1-", 2)
	web, db := n.Pod("web", 1), n.Pod("db", 1)
	n.Pod("far", 2)

	got, err := topology.Discover(n.NodePath(1))
	if err != nil {
		t.Fatal(err)
	}
	want := &topology.Node{
		Netns: n.NodePath(1),
		Pods: []topology.Pod{
			{Netns: n.PodPath("web"), IPs: []netip.Addr{web}, Veth: "caliweb"},
			{Netns: n.PodPath("db"), IPs: []netip.Addr{db}, Veth: "calidb"},
		},
		NICs: []topology.NIC{{Name: "eth0", Addrs: []netip.Addr{netip.MustParseAddr("172.31.0.1")}}},
	}
	numbers := cmp.Options{
		cmpopts.IgnoreFields(topology.Node{}, "Inode"), cmpopts.IgnoreFields(topology.Pod{}, "Inode", "Index"),
		cmpopts.IgnoreFields(topology.NIC{}, "Index"), cmpopts.EquateComparable(netip.Addr{}),
	}
	if diff := cmp.Diff(want, got, numbers); diff != "" {
		t.Error(diff)
	}
	for i, inode := range got.Namespaces() {
		if inode == 0 || inode == got.Inode || got.Pods[i].Index == 0 {
			t.Errorf("pod %+v on node %d", got.Pods[i], got.Inode)
		}
	}
}

// Whatever device leads to a namespace, what runs there is seen. Where there are several nodes on a
// machine only a veth tells whose it is.
func TestDiscoverPodsApart(t *testing.T) {
	t.Parallel()
	n := testnet.New(t, "tld-t3-", 1)
	want := n.Apart("macvlan", "192.0.2.40/24")
	found := func(node string) bool {
		got, err := topology.Discover(node)
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(got.Apart, func(p topology.Pod) bool {
			return p.Netns == want && slices.Equal(p.IPs, []netip.Addr{netip.MustParseAddr("192.0.2.40")}) &&
				p.Veth == "" && slices.Contains(got.Namespaces(), p.Inode)
		})
	}
	if !found("") {
		t.Error("not found from the machine's own namespace")
	}
	if found(n.NodePath(1)) {
		t.Error("found from a node that it may not belong to")
	}
}

// A loopback device with a routable address, as a load balancer gives it, is no NIC, and is not what a
// pod is known by.
func TestDiscoverAddressesOfLoopback(t *testing.T) {
	t.Parallel()
	n := testnet.New(t, "tld-t4-", 1)
	addr := n.Pod("web", 1)
	n.Address("n1", "lo", "10.0.0.1/32")
	n.Address("web", "lo", "10.0.0.2/32")
	n.Address("web", "eth0", "10.250.0.1/32")
	got, err := topology.Discover(n.NodePath(1))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.NICs) != 1 || got.NICs[0].Name != "eth0" {
		t.Errorf("NICs %+v", got.NICs)
	}
	want := []netip.Addr{addr, netip.MustParseAddr("10.250.0.1"), netip.MustParseAddr("10.0.0.2")}
	if len(got.Pods) != 1 || !slices.Equal(got.Pods[0].IPs, want) {
		t.Errorf("pods %+v, want one with %v", got.Pods, want)
	}
}

func TestDiscoverOwnNamespace(t *testing.T) {
	t.Parallel()
	n, err := topology.Discover("")
	if err != nil || n.Inode == 0 {
		t.Errorf("%+v, %v", n, err)
	}
}

func TestDiscoverSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	if _, err := topology.Discover("/var/run/netns/there-is-none"); err == nil {
		t.Error("no error for a namespace that does not exist")
	} else {
		t.Log(err)
	}
}

func TestWatchSeesPodsComeAndGo(t *testing.T) {
	t.Parallel()
	n := testnet.New(t, "tld-t2-", 1)
	ctx, cancel := context.WithCancel(t.Context())
	states := make(chan *topology.Node, 16)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		topology.Watch(ctx, n.NodePath(1), time.Second, func(n *topology.Node) { states <- n }, func(err error) { t.Log(err) })
	}()
	// A state may come before the pod's address does: wait for the one that is meant.
	wait := func(what string, is func(*topology.Node) bool) {
		t.Helper()
		for {
			select {
			case s := <-states:
				if is(s) {
					return
				}
			case <-time.After(30 * time.Second):
				t.Fatalf("never saw %s", what)
			}
		}
	}
	wait("the empty node", func(s *topology.Node) bool { return len(s.Pods) == 0 && len(s.NICs) == 1 })
	addr := n.Pod("new", 1)
	wait("the pod with its address", func(s *topology.Node) bool {
		return len(s.Pods) == 1 && len(s.Pods[0].IPs) == 1 && s.Pods[0].IPs[0] == addr
	})
	n.Remove("new")
	wait("the node without the pod", func(s *topology.Node) bool { return len(s.Pods) == 0 })
	cancel()
	<-ended
}
