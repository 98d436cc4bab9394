package topology

import (
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
)

// Routes asks a node's kernel by which way it reaches an address. It is safe for concurrent use.
type Routes struct{ h *netlink.Handle }

// OpenRoutes asks in the network namespace at nodeNetns, "" for the caller's own. It keeps a socket
// there, so that asking needs no rights.
func OpenRoutes(nodeNetns string) (*Routes, error) {
	h, err := open(nodeNetns)
	if err != nil {
		return nil, err
	}
	return &Routes{h}, nil
}

// OnNode reports whether an address is the node's own or is reached without leaving the node: by a veth
// or netkit device that leads into another namespace, or by a bridge of such. A pod that has just come
// is found by it, and needs no right to be looked into. Where the way cannot be told it is false.
func (r *Routes) OnNode(a netip.Addr) (bool, error) {
	routes, err := r.h.RouteGet(net.IP(a.AsSlice()))
	if err != nil || len(routes) == 0 {
		return false, err
	}
	link, err := r.h.LinkByIndex(routes[0].LinkIndex)
	if err != nil {
		return false, fmt.Errorf("way to %s: %w", a, err)
	}
	switch {
	case link.Attrs().Flags&net.FlagLoopback != 0: // the address is one of the node
		return true, nil
	case link.Type() == "bridge":
		return r.onlyPods(link.Attrs().Index)
	case !leadsToPod(link):
		return false, nil
	}
	// A node that is a container itself reaches the rest of the world by such a device: that one has a
	// network.
	own, err := r.h.AddrList(link, netlink.FAMILY_ALL)
	if err != nil {
		return false, fmt.Errorf("way to %s: %w", a, err)
	}
	for _, o := range own {
		if ones, bits := o.Mask.Size(); ones < bits && !o.IP.IsLinkLocalUnicast() {
			return false, nil
		}
	}
	return true, nil
}

// leadsToPod reports whether a device has its other end in another namespace.
func leadsToPod(l netlink.Link) bool {
	return (l.Type() == "veth" || l.Type() == "netkit") && l.Attrs().NetNsID >= 0
}

// onlyPods reports whether no port of a bridge leads to another machine.
func (r *Routes) onlyPods(bridge int) (bool, error) {
	links, err := r.h.LinkList()
	if err != nil {
		return false, fmt.Errorf("ports of a bridge: %w", err)
	}
	for _, l := range links {
		if l.Attrs().MasterIndex == bridge && !leadsToPod(l) {
			return false, nil
		}
	}
	return true, nil
}
