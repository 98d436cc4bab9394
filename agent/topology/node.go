// Package topology finds what of a node's network can be observed: its pods (network
// namespaces, most behind veth pairs) and its NICs.
package topology

import (
	"net/netip"
	"slices"
)

// Node is a node's network at one moment.
type Node struct {
	Netns string // path of the node's network namespace, "" for the agent's own
	Inode uint32 // of that namespace
	Pods  []Pod  // by Index
	Apart []Pod  // that no veth of the node leads to (macvlan, ipvlan, netkit, SR-IOV, tap, ...), by Inode
	NICs  []NIC  // by Index
}

// Pod is a network namespace beside the node's.
type Pod struct {
	Netns string // path to open it by
	Inode uint32
	IPs   []netip.Addr
	Veth  string // the node's end of the pair that leads there; "": none does
	Index int    // interface index of Veth
}

// NIC is an interface that carries one of the node's own addresses to other machines.
type NIC struct {
	Name  string
	Index int
	Addrs []netip.Addr
}

// Namespaces lists the inodes of the pods' network namespaces.
func (n *Node) Namespaces() []uint32 {
	var list []uint32
	for _, p := range slices.Concat(n.Pods, n.Apart) {
		list = append(list, p.Inode)
	}
	return list
}
