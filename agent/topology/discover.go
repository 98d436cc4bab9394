package topology

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"slices"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// Discover looks at the node whose network namespace is at path nodeNetns, "" for the
// caller's.
//
// A pod's veth is a veth pair's end in the node's namespace whose other end lies in
// another namespace that can be opened, and that carries no address of the node; an
// address for one host only, as the ptp plugin of CNI gives it, does not count. A NIC is
// any other interface with one of the node's addresses, but no bridge and no tunnel device:
// their packets are seen at the NIC or the veths too. Of a bridge with an address the ports
// that are no pod's are NICs.
//
// In the caller's own namespace every other namespace that has a name or a process is a pod too, also
// where no veth leads to it. Where a namespace is given there may be several nodes on the machine, and
// only a veth tells whose a namespace is.
func Discover(nodeNetns string) (*Node, error) {
	inode, err := inodeOf(pathOf(nodeNetns))
	if err != nil {
		return nil, err
	}
	node := &Node{Netns: nodeNetns, Inode: inode}
	h, err := open(nodeNetns)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	links, err := h.LinkList()
	if err != nil {
		return nil, fmt.Errorf("list interfaces of network namespace %q: %w", nodeNetns, err)
	}
	addrs, err := addresses(h)
	if err != nil {
		return nil, fmt.Errorf("list addresses of network namespace %q: %w", nodeNetns, err)
	}
	byID := peers(h, links)
	bridges := map[int][]netip.Prefix{} // bridges that carry an address
	for _, l := range links {
		if a := l.Attrs(); l.Type() == "bridge" && len(addrs[a.Index]) > 0 {
			bridges[a.Index] = addrs[a.Index]
		}
	}
	for _, l := range links {
		a := l.Attrs()
		own := addrs[a.Index]
		peer, known := byID[a.NetNsID]
		switch {
		case l.Type() == "veth" && known && peer.inode != inode && !anyNetwork(own):
			ips, err := podAddresses(peer.path)
			if err != nil {
				continue // gone since the list was made
			}
			node.Pods = append(node.Pods, Pod{Netns: peer.path, Inode: peer.inode, IPs: ips, Veth: a.Name, Index: a.Index})
		case virtual(l):
		case len(own) > 0:
			node.NICs = append(node.NICs, NIC{Name: a.Name, Index: a.Index, Addrs: hosts(own)})
		case a.MasterIndex != 0 && bridges[a.MasterIndex] != nil && a.OperState == netlink.OperUp:
			node.NICs = append(node.NICs, NIC{Name: a.Name, Index: a.Index, Addrs: hosts(bridges[a.MasterIndex])})
		}
	}
	if nodeNetns == "" {
		node.Apart = apart(node)
	}
	slices.SortFunc(node.Pods, func(a, b Pod) int { return cmp.Compare(a.Index, b.Index) })
	slices.SortFunc(node.NICs, func(a, b NIC) int { return cmp.Compare(a.Index, b.Index) })
	return node, nil
}

// apart are the namespaces that no veth leads to. Those without an address have nobody to talk to.
func apart(node *Node) (pods []Pod) {
	known := map[uint32]bool{node.Inode: true}
	for _, p := range node.Pods {
		known[p.Inode] = true
	}
	for _, ns := range namespaces() {
		if known[ns.inode] {
			continue
		}
		if ips, err := podAddresses(ns.path); err == nil && len(ips) > 0 { // else gone since the list was made
			pods = append(pods, Pod{Netns: ns.path, Inode: ns.inode, IPs: ips})
		}
	}
	slices.SortFunc(pods, func(a, b Pod) int { return cmp.Compare(a.Inode, b.Inode) })
	return pods
}

// virtual reports whether an interface never carries packets to other machines itself.
func virtual(l netlink.Link) bool {
	if l.Attrs().Flags&net.FlagLoopback != 0 { // net's own number, not the kernel's
		return true
	}
	switch l.Type() {
	case "bridge", "dummy", "vxlan", "geneve", "ipip", "sit", "gre", "gretap", "ip6gre", "ip6gretap", "ip6tnl", "tun", "tuntap", "wireguard", "vti", "ifb", "nlmon", "openvswitch":
		return true
	}
	return false
}

func open(path string) (*netlink.Handle, error) {
	if path == "" { // where one is needs no right
		h, err := netlink.NewHandle(unix.NETLINK_ROUTE)
		if err != nil {
			return nil, fmt.Errorf("open netlink: %w", err)
		}
		return h, nil
	}
	ns, err := netns.GetFromPath(pathOf(path))
	if err != nil {
		return nil, fmt.Errorf("open network namespace %q: %w", path, err)
	}
	defer ns.Close()
	h, err := netlink.NewHandleAt(ns, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("open netlink in network namespace %q (needs CAP_SYS_ADMIN): %w", path, err)
	}
	return h, nil
}

// peers finds the namespaces the links' other ends lie in, by the ids the kernel gives
// them in the handle's own namespace.
func peers(h *netlink.Handle, links []netlink.Link) map[int]namespace {
	wanted := map[int]bool{}
	for _, l := range links {
		if id := l.Attrs().NetNsID; l.Type() == "veth" && id >= 0 {
			wanted[id] = true
		}
	}
	found := map[int]namespace{}
	if len(wanted) == 0 {
		return found
	}
	for _, ns := range namespaces() {
		f, err := netns.GetFromPath(ns.path)
		if err != nil {
			continue // gone since
		}
		id, err := h.GetNetNsIdByFd(int(f))
		f.Close()
		if err == nil && wanted[id] {
			found[id] = ns
		}
	}
	return found
}

// addresses lists the addresses of each interface that others may reach.
func addresses(h *netlink.Handle) (map[int][]netip.Prefix, error) {
	list, err := h.AddrList(nil, unix.AF_UNSPEC)
	if err != nil {
		return nil, err
	}
	byLink := map[int][]netip.Prefix{}
	for _, a := range list {
		ip, ok := netip.AddrFromSlice(a.IP)
		if !ok || ip.Unmap().IsLoopback() || ip.Unmap().IsLinkLocalUnicast() {
			continue
		}
		ones, _ := a.Mask.Size()
		byLink[a.LinkIndex] = append(byLink[a.LinkIndex], netip.PrefixFrom(ip.Unmap(), ones))
	}
	return byLink, nil
}

func podAddresses(path string) ([]netip.Addr, error) {
	h, err := open(path)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	byLink, err := addresses(h)
	if err != nil {
		return nil, err
	}
	links, err := h.LinkList()
	if err != nil {
		return nil, err
	}
	slices.SortFunc(links, func(a, b netlink.Link) int { return cmp.Compare(a.Attrs().Index, b.Attrs().Index) })
	var ips, onLoopback []netip.Addr
	for _, l := range links {
		list := hosts(byLink[l.Attrs().Index])
		slices.SortFunc(list, netip.Addr.Compare)
		if l.Attrs().Flags&net.FlagLoopback != 0 { // others may have it too: a load balancer's address
			onLoopback = append(onLoopback, list...)
		} else {
			ips = append(ips, list...)
		}
	}
	return append(ips, onLoopback...), nil
}

func hosts(list []netip.Prefix) []netip.Addr {
	var ips []netip.Addr
	for _, p := range list {
		ips = append(ips, p.Addr())
	}
	return ips
}

// anyNetwork reports whether an address is of a network, not of a single host.
func anyNetwork(list []netip.Prefix) bool {
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return !p.IsSingleIP() })
}
