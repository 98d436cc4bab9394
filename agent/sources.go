package agent

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/throughline-io/throughline/agent/container"
	"github.com/throughline-io/throughline/agent/doctor"
	"github.com/throughline-io/throughline/agent/flow"
	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/agent/net"
	"github.com/throughline-io/throughline/agent/sys"
	"github.com/throughline-io/throughline/agent/topology"
	"github.com/throughline-io/throughline/pkg/span"
)

// sources are the captures of a node, which follow its pods as they come and go.
type sources struct {
	sys  *sys.Capture
	net  *net.Capture
	pods atomic.Pointer[map[uint32]netip.Addr] // by inode of the network namespace
	// own are the addresses of the node and its pods, each with the one that stands for all its pod has.
	own atomic.Pointer[map[netip.Addr]netip.Addr]

	containers container.Table
	resources  container.Resources
	watched    watched

	// A capture that is there and is not wanted now looks at nothing.
	muteSYS, muteNET atomic.Bool
	seeing           sync.Mutex
	node             *topology.Node // as it was listed last
}

// lookAgain is how often the node's pods are listed even if no interface changed.
const lookAgain = 10 * time.Second

// startSources begins to capture. What cannot be captured here is said and left out: an
// agent without the right to load BPF programs still receives OpenTelemetry spans.
func (a *agent) startSources(ctx context.Context) {
	if a.config.SYS == "off" && !a.config.NET {
		return
	}
	facts := doctor.Find()
	node, err := topology.Discover(a.config.Netns)
	if err != nil {
		err = doctor.Because(fmt.Errorf("see the node's pods: %w", err), facts.Namespaces())
		a.config.Log.Error("neither SYS nor NET spans", "error", err)
		if a.config.SYS != "off" {
			a.state.sys(nil, err)
		}
		if a.config.NET {
			a.state.net(err)
		}
		return
	}
	a.sources.see(node)
	protocols, _ := l7.All.Chosen(a.config.Protocols) // the configuration was checked
	ports, addresses := a.own(node)
	a.config.Log.Info("node", "name", a.config.Node, "pods", len(node.Pods), "without a veth", len(node.Apart), "NICs", len(node.NICs), "left out ports", ports, "left out addresses", addresses)
	var flows *flow.Table
	if a.config.SYSTLS.On && a.config.SYS != "off" && a.config.NET {
		flows = flow.NewTable(&a.ledger)
	}
	if a.config.SYS != "off" {
		variant, _ := sys.ParseVariant(a.config.SYS) // the configuration was checked
		a.sources.sys, err = sys.Start(ctx, sys.Config{
			Namespaces: namespaces(node), Variant: variant, LeaveOutPorts: ports, LeaveOut: addresses, LeaveOutPaths: a.config.ownPaths(), PodIP: a.sources.podIP, Resource: a.sources.resources.Of, KeepSecrets: a.config.KeepSecrets, OpenAfter: a.config.OpenAfter, OwnPIDs: facts.OwnPIDs, TLS: a.config.SYSTLS, Flows: flows, Protocols: protocols, Inspector: a.config.Inspector,
			Ledger: &a.ledger, Sink: a.sysSpan, Edge: a.output.AddEdge, Log: a.config.Log,
		})
		err = doctor.Because(err, facts.SYS(a.config.SYS))
		a.state.sys(a.sources.sys, err)
		if err != nil {
			a.config.Log.Error("no SYS spans", "error", err)
		} else {
			a.limited(partProcesses, facts.Processes())
			if err := a.sources.sys.TLS(); err != nil && a.config.SYSTLS.On {
				a.limited(partTLS, []doctor.Lack{{What: err.Error(), Mend: "a kernel with CONFIG_UPROBE_EVENTS, /sys mounted, and the machine's process numbers"}})
			}
		}
		a.limited(partPods, facts.Namespaces())
	}
	if a.config.NET {
		a.sources.net, err = net.Start(ctx, net.Config{Node: node, Flows: flows, LeaveOutPorts: ports, LeaveOut: addresses, Ledger: &a.ledger, Sink: a.netSpan, Memory: a.config.NETMemory, Edge: a.output.AddEdge, KeepSecrets: a.config.KeepSecrets, OpenAfter: a.config.OpenAfter, Protocols: protocols, Log: a.config.Log})
		err = doctor.Because(err, facts.NET())
		a.state.net(err)
		if err != nil {
			a.config.Log.Error("no NET spans", "error", err)
			a.sources.net = nil
		}
	}
	a.sources.note(node, time.Now())
}

// limited notes that a part does not do all it could.
func (a *agent) limited(part string, lacks []doctor.Lack) {
	for _, l := range lacks {
		a.state.limit(part + ": lacks " + l.String())
		a.config.Log.Warn("a part is limited", "part", part, "lacks", l.What, "mend", l.Mend)
	}
}

// firstEphemeral is where the ports begin that Linux gives to clients
// (net.ipv4.ip_local_port_range). A connection from such a port is not ours because a
// receiver of ours, somewhere, listens on the same number.
const firstEphemeral = 32768

// own is the traffic that is the agent's: ports that no client gets, whatever the address,
// and the node's own addresses with the others.
func (a *agent) own(node *topology.Node) (ports []uint16, addresses []netip.AddrPort) {
	ports = slices.Clone(a.config.LeaveOutPorts)
	for _, p := range append(a.receivers.ports(), a.config.serverPort()) {
		switch {
		case p == 0:
		case p < firstEphemeral:
			ports = append(ports, p)
		default:
			for _, nic := range node.NICs {
				for _, addr := range nic.Addrs {
					addresses = append(addresses, netip.AddrPortFrom(addr, p))
				}
			}
		}
	}
	slices.Sort(ports)
	return slices.Compact(ports), addresses
}

// namespaces are those whose system calls are seen: the pods', whatever device leads there, and the
// node's own for what runs there without a pod.
func namespaces(node *topology.Node) []uint32 {
	return append(node.Namespaces(), node.Inode)
}

// follow keeps the captures with the node's pods until ctx is done.
func (a *agent) follow(ctx context.Context) {
	if a.sources.sys == nil && a.sources.net == nil {
		<-ctx.Done()
		return
	}
	topology.Watch(ctx, a.config.Netns, lookAgain, func(node *topology.Node) {
		a.sources.see(node)
		a.see()
	}, func(err error) {
		a.config.Log.Warn("the node's pods cannot be listed", "error", err)
	})
}

// see has the captures look at the node's pods, as far as they are wanted.
func (a *agent) see() {
	s := &a.sources
	s.seeing.Lock()
	defer s.seeing.Unlock()
	node := s.node
	if node == nil {
		return
	}
	var errs []error
	if s.sys != nil {
		var inodes []uint32
		if !s.muteSYS.Load() {
			inodes = namespaces(node)
		}
		errs = append(errs, s.sys.SetNamespaces(inodes))
	}
	if s.net != nil {
		seen := node
		if s.muteNET.Load() {
			seen = &topology.Node{Netns: node.Netns}
		}
		errs = append(errs, s.net.Update(seen))
	}
	if err := errors.Join(errs...); err != nil {
		a.config.Log.Warn("not all of the node's pods are seen", "error", err)
	}
	s.note(node, time.Now())
}

func (s *sources) see(node *topology.Node) {
	s.seeing.Lock()
	s.node = node
	s.seeing.Unlock()
	pods, own := make(map[uint32]netip.Addr, len(node.Pods)), map[netip.Addr]netip.Addr{}
	for _, nic := range node.NICs {
		for _, a := range nic.Addrs {
			own[a] = node.NICs[0].Addrs[0]
		}
	}
	for _, p := range slices.Concat(node.Pods, node.Apart) {
		for _, a := range p.IPs {
			own[a] = p.IPs[0]
		}
		if len(p.IPs) > 0 {
			pods[p.Inode] = p.IPs[0]
		}
	}
	s.pods.Store(&pods)
	s.own.Store(&own)
}

// here reports whether an address is of the node or of one of its pods.
func (s *sources) here(a netip.Addr) bool {
	own := s.own.Load()
	return own != nil && (*own)[a].IsValid()
}

// pod is the address that stands for all of a pod of this node, or of the node; another's stays what
// it is.
func (s *sources) pod(a netip.Addr) netip.Addr {
	if own := s.own.Load(); own != nil && (*own)[a].IsValid() {
		return (*own)[a]
	}
	return a
}

func (s *sources) podIP(netns uint32) netip.Addr {
	if pods := s.pods.Load(); pods != nil {
		return (*pods)[netns]
	}
	return netip.Addr{}
}

// podOf is the address of the pod that has a uid, or a container with an id.
func (s *sources) podOf(id string) netip.Addr {
	if netns, known := s.containers.Namespace(id); known {
		return s.podIP(netns)
	}
	return netip.Addr{}
}

// close ends the captures; what they hold is reported first.
func (s *sources) close() error {
	var errs []error
	if s.sys != nil {
		errs = append(errs, s.sys.Close())
	}
	if s.net != nil {
		errs = append(errs, s.net.Close())
	}
	return errors.Join(errs...)
}

func (a *agent) sysSpan(s *span.Span) {
	if a.leftOut(s) {
		return
	}
	a.identity.sign(s)
	a.linker.Process(s)
	if r, ok := a.sources.resources.Find(s.OTelResource); ok {
		a.output.AddOf(s, r)
		return
	}
	a.output.Add(s)
}

// leftOut reports whether a span is of an export to the receivers, and counts it.
func (a *agent) leftOut(s *span.Span) bool {
	if !a.receivers.remotes.export(s) {
		return false
	}
	a.ledger.Counter("agent", s.Source.String(), "left out: export to this agent").Add(1)
	return true
}

func (a *agent) netSpan(s *span.Span) {
	if a.leftOut(s) {
		return
	}
	a.identity.sign(s)
	a.output.Add(s)
}
