package agent

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/throughline-io/throughline/agent/topology"
)

// Who may send OTLP, beside the networks that are named.
const (
	FromNode = "node" // the node's own addresses and its pods'
	FromAll  = "all"
)

// peers decides who may connect to the receivers.
type peers struct {
	all, node bool
	networks  []netip.Prefix
	here      func(netip.Addr) bool // of the node or of a pod that was seen
	routes    *topology.Routes      // nil: not to be had
	refused   *atomic.Uint64
	log       *slog.Logger

	mu    sync.Mutex
	said  map[netip.Addr]time.Time // about whom
	since uint64                   // refused since the last word
}

// newPeers makes the decision of Config.OTLPFrom, which was checked.
func (a *agent) newPeers() *peers {
	return a.peersOf(a.config.OTLPFrom, nil)
}

// peersOf makes the decision of a list that was checked; before is the one that it takes the place of.
func (a *agent) peersOf(from []string, before *peers) *peers {
	p, _ := parseFrom(from)
	p.here, p.log, p.refused = a.sources.here, a.config.Log, a.ledger.Counter("otlp", "APP", "connections refused: not from this node")
	if before != nil {
		p.routes = before.routes
	}
	if p.node && !p.all && p.routes == nil {
		var err error
		if p.routes, err = topology.OpenRoutes(a.config.Netns); err != nil {
			a.config.Log.Warn("OTLP is taken from loopback and the pods that were listed only", "error", err)
		}
	}
	return p
}

func parseFrom(list []string) (*peers, error) {
	p := &peers{node: len(list) == 0}
	for _, f := range list {
		switch f {
		case FromAll:
			p.all = true
		case FromNode:
			p.node = true
		default:
			network, err := parseNetwork(f)
			if err != nil {
				return nil, err
			}
			p.networks = append(p.networks, network)
		}
	}
	return p, nil
}

func parseNetwork(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		a = a.Unmap().WithZone("")
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	network, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("OTLP senders %q: want %s, %s, an address, or a network such as 10.0.0.0/8", s, FromNode, FromAll)
	}
	return network.Masked(), nil
}

// allow reports whether an address may send.
func (p *peers) allow(a netip.Addr) bool {
	if p.all || p.node && (a.IsLoopback() || p.here(a)) {
		return true
	}
	for _, n := range p.networks {
		if n.Contains(a) {
			return true
		}
	}
	if !p.node || p.routes == nil {
		return false
	}
	onNode, err := p.routes.OnNode(a)
	if err != nil {
		p.log.Debug("whether a sender is on this node is not known", "peer", a, "error", err)
	}
	return onNode
}

// How often a refusal is said: of one peer, and of all.
const (
	sayAgain = 10 * time.Minute
	maxSaid  = 256
)

// refuse counts a connection and says so, of each peer once in a while.
func (p *peers) refuse(a netip.Addr, receiver string) {
	total := p.refused.Add(1)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.since++
	now := time.Now()
	if last, known := p.said[a]; known && now.Sub(last) < sayAgain {
		return
	}
	for peer, last := range p.said {
		if now.Sub(last) >= sayAgain {
			delete(p.said, peer)
		}
	}
	if len(p.said) >= maxSaid {
		return // counted
	}
	if p.said == nil {
		p.said = map[netip.Addr]time.Time{}
	}
	p.said[a] = now
	p.log.Warn("an OTLP sender is refused: it is not on this node; --otlp-from lets others send", "receiver", receiver, "peer", a, "refused since the last word", p.since, "refused in all", total)
	p.since = 0
}

// guarded is a listener that closes the connections of who may not send, unread.
type guarded struct {
	net.Listener
	receiver string
	of       *receivers
}

// Accept is of net.Listener.
func (g guarded) Accept() (net.Conn, error) {
	for {
		c, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		remote, err := netip.ParseAddrPort(c.RemoteAddr().String())
		if err != nil {
			return c, nil // a unix socket
		}
		a := remote.Addr().Unmap().WithZone("")
		peers := g.of.peers.Load()
		if peers.allow(a) {
			return c, nil
		}
		peers.refuse(a, g.receiver)
		if t, ok := c.(*net.TCPConn); ok {
			err = t.SetLinger(0) // reset: nothing of it stays here
		}
		if err = errors.Join(err, c.Close()); err != nil {
			peers.log.Debug("close a refused connection", "error", err)
		}
	}
}
