// Package testnet builds nodes and pods out of network namespaces for tests: pods with /32
// addresses behind routed veth pairs, a default route through 169.254.1.1 answered by the
// node, no bridge in a node, VXLAN between the nodes.
package testnet

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent/topology"
)

// Net is nodes on a common wire. The name of everything begins with the prefix.
type Net struct {
	t      testing.TB
	prefix string
	nodes  int
	pods   int
}

// New builds nodes without pods; node n (from 1) has the address 172.31.0.n and, for the
// tunnel, 10.245.n.0. All of it goes when the test ends.
func New(t testing.TB, prefix string, nodes int) *Net {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root: network namespaces")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("needs the ip command (iproute2)")
	}
	n := &Net{t: t, prefix: prefix, nodes: nodes}
	n.remove() // what a killed run left behind
	t.Cleanup(n.remove)
	n.ip("netns add %sfab", prefix)
	n.ip("-n %sfab link add br0 type bridge", prefix)
	n.ip("-n %sfab link set br0 up", prefix)
	for i := 1; i <= nodes; i++ {
		n.node(i)
	}
	return n
}

func (n *Net) node(i int) {
	ns := n.Node(i)
	n.ip("netns add %s", ns)
	n.ip("-n %s link set lo up", ns)
	n.sysctl(ns, "net.ipv4.ip_forward=1")
	n.sysctl(ns, "net.ipv4.conf.all.rp_filter=0")
	n.sysctl(ns, "net.ipv4.conf.default.rp_filter=0")
	n.ip("link add eth0 netns %s type veth peer name n%d netns %sfab", ns, i, n.prefix)
	n.ip("-n %sfab link set n%d master br0 up", n.prefix, i)
	n.ip("-n %s addr add 172.31.0.%d/24 dev eth0", ns, i)
	n.ip("-n %s link set eth0 up", ns)
	n.ip("-n %s route add default via 172.31.0.254", ns) // without it proxy_arp does not answer for 169.254.1.1
	n.ip("-n %s link add vxlan0 type vxlan id 7 dstport 8472 local 172.31.0.%d dev eth0 nolearning", ns, i)
	n.ip("-n %s link set vxlan0 address 02:00:00:00:00:%02x mtu 1450 up", ns, i)
	n.ip("-n %s addr add 10.245.%d.0/32 dev vxlan0", ns, i)
	for peer := 1; peer <= n.nodes; peer++ {
		if peer == i {
			continue
		}
		n.ip("-n %s route add 10.245.%d.0/24 via 10.245.%d.0 dev vxlan0 onlink", ns, peer, peer)
		n.ip("-n %s neigh add 10.245.%d.0 lladdr 02:00:00:00:00:%02x dev vxlan0", ns, peer, peer)
		n.run("bridge", "-n", ns, "fdb", "add", fmt.Sprintf("02:00:00:00:00:%02x", peer), "dst", fmt.Sprintf("172.31.0.%d", peer), "dev", "vxlan0")
	}
}

// Pod adds a pod to a node and returns its address.
func (n *Net) Pod(name string, node int) netip.Addr {
	n.t.Helper()
	n.pods++
	addr := netip.AddrFrom4([4]byte{10, 245, byte(node), byte(9 + n.pods)})
	ns, host, veth := n.prefix+name, n.Node(node), "cali"+name
	n.ip("netns add %s", ns)
	n.ip("-n %s link set lo up", ns)
	n.ip("link add eth0 netns %s type veth peer name %s netns %s", ns, veth, host)
	n.ip("-n %s addr add %s/32 dev eth0", ns, addr)
	n.ip("-n %s link set eth0 mtu 1450 up", ns)
	n.ip("-n %s link set %s mtu 1450 up", host, veth)
	n.sysctl(host, "net.ipv4.conf."+veth+".proxy_arp=1")
	n.sysctl(host, "net.ipv4.neigh."+veth+".proxy_delay=0")
	n.ip("-n %s route add 169.254.1.1 dev eth0 scope link", ns)
	n.ip("-n %s route add default via 169.254.1.1", ns)
	n.ip("-n %s route add %s/32 dev %s scope link", host, addr, veth)
	return addr
}

// Address gives a device of a pod or of a node (by its name without the prefix) a further address.
func (n *Net) Address(where, device, prefix string) {
	n.t.Helper()
	n.ip("-n %s%s addr add %s dev %s", n.prefix, where, prefix, device)
}

// Apart adds a pod that no veth of a node leads to, as it is with macvlan or SR-IOV, and returns its path:
// it hangs at the common wire itself.
func (n *Net) Apart(name, prefix string) string {
	n.t.Helper()
	ns := n.prefix + name
	n.ip("netns add %s", ns)
	n.ip("link add eth0 netns %s type veth peer name a%s netns %sfab", ns, name, n.prefix)
	n.ip("-n %s addr add %s dev eth0", ns, prefix)
	return path(ns)
}

// Remove takes a pod away.
func (n *Net) Remove(name string) { n.ip("netns del %s", n.prefix+name) }

// Node is the name of a node's namespace, and NodePath its path.
func (n *Net) Node(i int) string     { return fmt.Sprintf("%sn%d", n.prefix, i) }
func (n *Net) NodePath(i int) string { return path(n.Node(i)) }

// PodPath is the path of a pod's namespace.
func (n *Net) PodPath(name string) string { return path(n.prefix + name) }

func path(name string) string { return "/var/run/netns/" + name }

// Command runs a program inside a pod.
func (n *Net) Command(pod string, argv ...string) *exec.Cmd {
	return exec.Command("ip", append([]string{"netns", "exec", n.prefix + pod}, argv...)...)
}

// In runs do on a thread inside a pod: sockets it opens stay there.
func (n *Net) In(pod string, do func() error) {
	n.t.Helper()
	if err := topology.Inside(n.PodPath(pod), do); err != nil {
		n.t.Fatal(err)
	}
}

func (n *Net) sysctl(ns, setting string) {
	n.t.Helper()
	n.run("ip", "netns", "exec", ns, "sysctl", "-qw", setting)
}

func (n *Net) ip(format string, args ...any) {
	n.t.Helper()
	n.run("ip", strings.Fields(fmt.Sprintf(format, args...))...)
}

func (n *Net) run(name string, args ...string) {
	n.t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		n.t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
}

// remove deletes every namespace with the prefix, and with them their devices.
func (n *Net) remove() {
	out, _ := exec.Command("ip", "netns", "list").Output()
	for _, line := range strings.Split(string(out), "\n") {
		if name, _, _ := strings.Cut(line, " "); strings.HasPrefix(name, n.prefix) {
			_ = exec.Command("ip", "netns", "del", name).Run()
		}
	}
}
