package kube

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/throughline-io/throughline/server/tag"
)

// Two clusters have the same addresses: it is the node that tells which is meant.
func TestAddressesAreThoseOfANodesCluster(t *testing.T) {
	t.Parallel()
	s := &Source{}
	for _, name := range []string{"eu", "us"} {
		c := &cluster{directory: newDirectory(name, time.Hour, time.Now), name: name}
		c.setNode(&node{object: object{name: "node-" + name, uid: "n"}, ips: addresses("192.168.0.1")})
		c.setPod(&pod{object: object{namespace: "a", name: "pod-" + name, uid: "uid-" + name}, ips: addresses("10.0.0.1"), life: life{began: 1, up: 2}}, 0)
		s.clusters = append(s.clusters, c)
	}
	s.clusters[1].setPod(&pod{object: object{namespace: "a", name: "only", uid: "only"}, ips: addresses("10.0.0.9")}, 0)
	ask := func(ip, node string) string {
		return name(s.Lookup(tag.Question{Addr: netip.MustParseAddr(ip), Scope: s.Scope(node), At: time.Now().UnixNano()}))
	}
	for _, c := range []struct{ ip, node, want string }{
		{"10.0.0.1", "node-eu", "pod pod-eu"}, {"10.0.0.1", "node-us", "pod pod-us"}, {"10.0.0.1", "elsewhere", "?"},
		{"10.0.0.9", "node-eu", "pod only"}, {"10.0.0.9", "elsewhere", "pod only"}, {"10.0.0.3", "node-eu", "?"},
		{"192.168.0.1", "node-us", "node node-us"},
	} {
		if got := ask(c.ip, c.node); got != c.want {
			t.Errorf("%s seen by %s: %s, want %s", c.ip, c.node, got, c.want)
		}
	}
	if e, ok := s.Pod(tag.PodName{UID: "uid-us"}); !ok || e.Cluster != "us" {
		t.Errorf("a pod by its uid: %v %s", ok, e.Cluster)
	}
	if _, ok := s.Pod(tag.PodName{Namespace: "a", Name: "pod-us", Scope: 1, At: time.Now().UnixNano()}); ok {
		t.Error("the name of a pod of another cluster is known in this one")
	}
}

func TestClustersAreNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		clusters []string
		want     string // of the error
	}{
		{[]string{"eu=in-cluster", "us=/etc/us.yaml#admin"}, ""}, {[]string{"/etc/k.yaml"}, ""}, {[]string{"eu="}, "want [NAME=]"}, {[]string{"=x"}, "want [NAME=]"},
		{[]string{"#context"}, "want [NAME=]"}, {[]string{"a.yaml", "b.yaml"}, "another one of this name"}, {[]string{"eu=a", "eu=b"}, "another one of this name"},
	} {
		if _, err := (&Config{Clusters: c.clusters}).parse(); err == nil && c.want != "" || err != nil && (c.want == "" || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%q: %v, want %q", c.clusters, err, c.want)
		}
	}
	if _, err := New(Config{Clusters: []string{"eu=" + t.TempDir() + "/none"}}); err == nil || !strings.Contains(err.Error(), "cluster eu") {
		t.Errorf("a kubeconfig that is not there: %v", err)
	}
}
