package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"

	"github.com/throughline-io/throughline/agent/topology"
)

// A pod is a network namespace behind a veth pair; the machine itself is its node, and routes.
type pod struct{ name, address string }

var (
	client = pod{"client", "10.9.0.2"}
	server = pod{"server", "10.9.0.3"}
)

const nodeAddress = "10.9.0.1"

func (p pod) path() string { return filepath.Join("/var/run/netns", p.name) }

func makePods() error {
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0); err != nil {
		return err
	}
	if err := up("lo", nodeAddress+"/32"); err != nil {
		return err
	}
	for _, p := range []pod{client, server} {
		if err := p.make(); err != nil {
			return fmt.Errorf("pod %s: %w", p.name, err)
		}
	}
	return nil
}

func (p pod) make() error {
	if err := named(p.name); err != nil {
		return err
	}
	ns, err := netns.GetFromName(p.name)
	if err != nil {
		return err
	}
	defer ns.Close()
	veth := "cali" + p.name
	if err := netlink.LinkAdd(&netlink.Veth{
		LinkAttrs: netlink.LinkAttrs{Name: veth}, PeerName: "eth0", PeerNamespace: netlink.NsFd(ns),
	}); err != nil {
		return fmt.Errorf("veth pair: %w", err)
	}
	if err := up(veth, ""); err != nil {
		return err
	}
	if err := route(p.address+"/32", veth, ""); err != nil {
		return err
	}
	return topology.Inside(p.path(), func() error {
		if err := up("lo", ""); err != nil {
			return err
		}
		if err := up("eth0", p.address+"/32"); err != nil {
			return err
		}
		if err := route(nodeAddress+"/32", "eth0", ""); err != nil {
			return err
		}
		return route("0.0.0.0/0", "eth0", nodeAddress)
	})
}

// named makes a network namespace with a name. Its thread is in it, and ends with the goroutine.
func named(name string) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		ns, err := netns.NewNamed(name)
		if err == nil {
			ns.Close()
		}
		done <- err
	}()
	return <-done
}

func up(device, address string) error {
	l, err := netlink.LinkByName(device)
	if err != nil {
		return fmt.Errorf("device %s: %w", device, err)
	}
	if address != "" {
		a, err := netlink.ParseAddr(address)
		if err != nil {
			return err
		}
		if err := netlink.AddrAdd(l, a); err != nil {
			return fmt.Errorf("address %s of %s: %w", address, device, err)
		}
	}
	return netlink.LinkSetUp(l)
}

func route(to, device, via string) error {
	l, err := netlink.LinkByName(device)
	if err != nil {
		return err
	}
	_, dst, err := net.ParseCIDR(to)
	if err != nil {
		return err
	}
	r := &netlink.Route{LinkIndex: l.Attrs().Index, Dst: dst, Scope: netlink.SCOPE_LINK}
	if via != "" {
		r.Gw, r.Scope = net.ParseIP(via), netlink.SCOPE_UNIVERSE
	}
	if err := netlink.RouteAdd(r); err != nil {
		return fmt.Errorf("route to %s by %s: %w", to, device, err)
	}
	return nil
}

// start starts this program in a pod.
func (p pod) start(role string) (*exec.Cmd, error) {
	cmd := exec.Command("/proc/self/exe", role)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	// A child is in the namespace of the thread that starts it.
	return cmd, topology.Inside(p.path(), cmd.Start)
}
