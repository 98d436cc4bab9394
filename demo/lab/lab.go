// Package lab builds a small cluster out of network namespaces on one machine: nodes with
// one NIC each on a common wire, and pods that are routed as Calico does it: a /32 address,
// a default route through 169.254.1.1 answered by the node's end of the veth pair, no
// bridge in a node, IPIP between the nodes.
package lab

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// Spec describes a lab. All names of namespaces and interfaces follow from it.
type Spec struct {
	Prefix string // of every network namespace, such as "tl-"
	Nodes  []string
	Pods   []Pod
}

// Pod is a pod and the index of the node it runs on.
type Pod struct {
	Name string
	Node int
}

// mtu leaves room for IPIP's outer header.
const mtu = 1480

// Lab is a lab that is up.
type Lab struct {
	Spec
	tunnels []*Tunnel
}

// NodeNetns is the name of a node's network namespace.
func (s *Spec) NodeNetns(node int) string { return s.Prefix + s.Nodes[node] }

// PodNetns is the name of a pod's network namespace.
func (s *Spec) PodNetns(pod string) string { return s.Prefix + pod }

func (s *Spec) fabric() string { return s.Prefix + "fabric" }

// NodeAddr is a node's address on the wire.
func (s *Spec) NodeAddr(node int) netip.Addr {
	return netip.AddrFrom4([4]byte{172, 30, 0, byte(10 + node)})
}

// PodAddr is a pod's address: 10.244.<node>.<10 + its number>.
func (s *Spec) PodAddr(pod string) netip.Addr {
	for i, p := range s.Pods {
		if p.Name == pod {
			return netip.AddrFrom4([4]byte{10, 244, byte(p.Node), byte(10 + i)})
		}
	}
	return netip.Addr{}
}

// Port is the name of the wire's end of a node's NIC, in the fabric's namespace.
func (s *Spec) Port(node int) string { return fmt.Sprintf("port%d", node) }

// Up builds the lab. What an earlier lab of the same prefix left behind is removed first.
func Up(spec Spec) (lab *Lab, err error) {
	if err := Down(spec.Prefix); err != nil {
		return nil, err
	}
	lab = &Lab{Spec: spec}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("build the demo's network: %w", err), lab.Close())
		}
	}()
	if err := lab.makeFabric(); err != nil {
		return lab, err
	}
	for n := range spec.Nodes {
		if err := lab.makeNode(n); err != nil {
			return lab, fmt.Errorf("node %s: %w", spec.Nodes[n], err)
		}
	}
	for _, p := range spec.Pods {
		if err := lab.makePod(p); err != nil {
			return lab, fmt.Errorf("pod %s: %w", p.Name, err)
		}
	}
	return lab, nil
}

// Close removes the lab. Processes in it must have ended.
func (l *Lab) Close() error {
	for _, t := range l.tunnels {
		t.Close()
	}
	return Down(l.Prefix)
}

// Down removes every network namespace with the prefix, and with them their devices.
func Down(prefix string) error {
	files, err := os.ReadDir(NetnsDir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("list network namespaces: %w", err)
	}
	var errs []error
	for _, f := range files {
		if strings.HasPrefix(f.Name(), prefix) {
			if err := netns.DeleteNamed(f.Name()); err != nil {
				errs = append(errs, fmt.Errorf("delete network namespace %s: %w", f.Name(), err))
			}
		}
	}
	return errors.Join(errs...)
}

// newNetns makes a named namespace with its loopback up.
func newNetns(name string) error {
	return onOwnThread(func() error { // NewNamed leaves the thread inside
		ns, err := netns.NewNamed(name)
		if err != nil {
			return fmt.Errorf("make network namespace %s: %w", name, err)
		}
		defer ns.Close()
		lo, err := netlink.LinkByName("lo")
		if err != nil {
			return err
		}
		return netlink.LinkSetUp(lo)
	})
}

func (l *Lab) makeFabric() error {
	if err := newNetns(l.fabric()); err != nil {
		return err
	}
	return In(l.fabric(), func() error {
		bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: "wire"}}
		if err := netlink.LinkAdd(bridge); err != nil {
			return fmt.Errorf("add bridge: %w", err)
		}
		return netlink.LinkSetUp(bridge)
	})
}

// pair makes a veth pair: a here, b in the named namespace.
func pair(a, b, peerNetns string, size int) (netlink.Link, error) {
	ns, err := netns.GetFromName(peerNetns)
	if err != nil {
		return nil, fmt.Errorf("network namespace %s: %w", peerNetns, err)
	}
	defer ns.Close()
	veth := &netlink.Veth{
		LinkAttrs: netlink.LinkAttrs{Name: a, MTU: size}, PeerName: b, PeerMTU: uint32(size), PeerNamespace: netlink.NsFd(int(ns)),
	}
	if err := netlink.LinkAdd(veth); err != nil {
		return nil, fmt.Errorf("add veth pair %s - %s: %w", a, b, err)
	}
	return netlink.LinkByName(a)
}

func (l *Lab) makeNode(n int) error {
	name := l.NodeNetns(n)
	if err := newNetns(name); err != nil {
		return err
	}
	err := In(l.fabric(), func() error {
		port, err := pair(l.Port(n), "eth0", name, 1500)
		if err != nil {
			return err
		}
		wire, err := netlink.LinkByName("wire")
		if err != nil {
			return err
		}
		if err := netlink.LinkSetMaster(port, wire); err != nil {
			return fmt.Errorf("enslave %s: %w", l.Port(n), err)
		}
		return netlink.LinkSetUp(port)
	})
	if err != nil {
		return err
	}
	err = In(name, func() error {
		for key, value := range map[string]string{"ipv4/ip_forward": "1", "ipv4/conf/all/rp_filter": "0", "ipv4/conf/default/rp_filter": "0"} {
			if err := sysctl(key, value); err != nil {
				return err
			}
		}
		nic, err := linkUp("eth0", netip.PrefixFrom(l.NodeAddr(n), 24))
		if err != nil {
			return err
		}
		// proxy_arp answers for 169.254.1.1 only on a node that has a default route.
		if err := route(nic, netip.MustParsePrefix("0.0.0.0/0"), netip.MustParseAddr("172.30.0.254"), 0); err != nil {
			return err
		}
		for m := range l.Nodes {
			if m != n {
				pods := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 244, byte(m), 0}), 24)
				if err := route(nic, pods, l.NodeAddr(m), mtu); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	t, err := openTunnel(name, n)
	if err != nil {
		return fmt.Errorf("IPIP on eth0: %w", err)
	}
	l.tunnels = append(l.tunnels, t)
	return nil
}

func (l *Lab) makePod(p Pod) error {
	node, pod, addr := l.NodeNetns(p.Node), l.PodNetns(p.Name), l.PodAddr(p.Name)
	if err := newNetns(pod); err != nil {
		return err
	}
	err := In(node, func() error {
		name := fmt.Sprintf("cali%d", addr.As4()[3])
		veth, err := pair(name, "eth0", pod, mtu)
		if err != nil {
			return err
		}
		if err := netlink.LinkSetUp(veth); err != nil {
			return err
		}
		if err := sysctl("ipv4/conf/"+name+"/proxy_arp", "1"); err != nil {
			return err
		}
		if err := sysctl("ipv4/neigh/"+name+"/proxy_delay", "0"); err != nil {
			return err
		}
		return linkRoute(veth, netip.PrefixFrom(addr, 32))
	})
	if err != nil {
		return err
	}
	return In(pod, func() error {
		eth0, err := linkUp("eth0", netip.PrefixFrom(addr, 32))
		if err != nil {
			return err
		}
		gateway := netip.MustParseAddr("169.254.1.1")
		if err := linkRoute(eth0, netip.PrefixFrom(gateway, 32)); err != nil {
			return err
		}
		return route(eth0, netip.MustParsePrefix("0.0.0.0/0"), gateway, 0)
	})
}

func linkUp(name string, addr netip.Prefix) (netlink.Link, error) {
	link, err := netlink.LinkByName(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := netlink.AddrAdd(link, &netlink.Addr{IPNet: ipNet(addr)}); err != nil {
		return nil, fmt.Errorf("address %v on %s: %w", addr, name, err)
	}
	return link, netlink.LinkSetUp(link)
}

func route(link netlink.Link, to netip.Prefix, via netip.Addr, size int) error {
	err := netlink.RouteAdd(&netlink.Route{LinkIndex: link.Attrs().Index, Dst: ipNet(to), Gw: via.AsSlice(), MTU: size})
	if err != nil {
		return fmt.Errorf("route to %v via %v: %w", to, via, err)
	}
	return nil
}

func linkRoute(link netlink.Link, to netip.Prefix) error {
	err := netlink.RouteAdd(&netlink.Route{LinkIndex: link.Attrs().Index, Dst: ipNet(to), Scope: netlink.SCOPE_LINK})
	if err != nil {
		return fmt.Errorf("route to %v: %w", to, err)
	}
	return nil
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}
