// Package topology finds what of a node's network can be observed: its pods (network
// namespaces behind veth pairs) and its NICs.
package topology

import "net/netip"

// Node is a node's network at one moment.
type Node struct {
	Netns string // path of the node's network namespace, "" for the agent's own
	Inode uint32 // of that namespace
	Pods  []Pod  // by Index
	NICs  []NIC  // by Index
}

// Pod is a network namespace joined to the node's by a veth pair.
type Pod struct {
	Netns string // path to open it by
	Inode uint32
	IPs   []netip.Addr
	Veth  string // the node's end of the pair
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
	for _, p := range n.Pods {
		list = append(list, p.Inode)
	}
	return list
}
