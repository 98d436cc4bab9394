package lab

import (
	"fmt"
	"net"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"

	"github.com/throughline-io/throughline/demo/lab/tunnel"
)

// Tunnel is IPIP on one node's NIC (needs tcx, Linux 6.6).
type Tunnel struct {
	coll  *ebpf.Collection
	links []link.Link
}

func openTunnel(netnsName string, node int) (t *Tunnel, err error) {
	spec, err := tunnel.Load()
	if err != nil {
		return nil, err
	}
	if err := spec.Variables["node_id"].Set(uint32(node)); err != nil {
		return nil, err
	}
	coll, err := ebpf.NewCollection(spec)
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	t = &Tunnel{coll: coll}
	for name, at := range map[string]ebpf.AttachType{"encap": ebpf.AttachTCXEgress, "decap": ebpf.AttachTCXIngress} {
		l, err := attachTCX(netnsName, "eth0", coll.Programs[name], at)
		if err != nil {
			t.Close()
			return nil, err
		}
		t.links = append(t.links, l)
	}
	return t, nil
}

// Close detaches the programs.
func (t *Tunnel) Close() {
	for _, l := range t.links {
		l.Close()
	}
	t.coll.Close()
}

// attachTCX attaches a program to an interface of a network namespace; interface indexes
// are per namespace, so the look-up and the attachment happen inside.
func attachTCX(netnsName, dev string, prog *ebpf.Program, at ebpf.AttachType) (l link.Link, err error) {
	err = In(netnsName, func() error {
		i, err := net.InterfaceByName(dev)
		if err != nil {
			return err
		}
		l, err = link.AttachTCX(link.TCXOptions{Interface: i.Index, Program: prog, Attach: at})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("attach to %s in %s (needs tcx, Linux 6.6 or newer): %w", dev, netnsName, err)
	}
	return l, nil
}
