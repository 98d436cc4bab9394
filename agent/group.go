package agent

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"

	"github.com/throughline-io/throughline/agent/control"
	"github.com/throughline-io/throughline/agent/export"
	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/agentgroup"
	"github.com/throughline-io/throughline/pkg/wire"
)

// DefaultGroup is the group of agents that name no other.
const DefaultGroup = "default"

// group is what of its group's configuration is in force in an agent.
type group struct {
	own      Config // the agent's own settings
	follower *control.Follower
	keeping  sync.WaitGroup // what is in force is being noted on disk
	writing  sync.Mutex

	mu      sync.Mutex
	now     Config            // in force: the own settings with those of the group over them
	applied *wire.GroupConfig // whose they are; nil: nobody's but the agent's own
	offered uint64
	err     error    // why what was offered is not in force
	notes   []string // what of it waits for the next start
	ended   bool
}

// changed has the server told how the agent is now.
func (g *group) changed() {
	if g.follower != nil {
		g.follower.Changed()
	}
}

// recall puts the configuration into force that was so last, before anything starts. A server may be away.
func (a *agent) recall() {
	g, c := &a.group, &a.config
	g.own, g.now = *c, *c
	if !c.follows() {
		return
	}
	last, err := control.LastGood(c.StateDir, c.Group)
	if err != nil {
		c.Log.Warn("the agent starts by its own settings", "error", err)
	}
	if last == nil {
		return
	}
	next, err := g.own.under(last)
	if err != nil {
		c.Log.Warn("the last configuration of the group is none any more; the agent starts by its own settings", "group", last.GetName(), "version", last.GetVersion(), "error", err)
		return
	}
	c.Log.Info("the agent starts by the last configuration of its group", "group", last.GetName(), "version", last.GetVersion())
	*c, g.now, g.applied, g.offered = next, next, last, last.GetVersion()
}

// follows reports whether a server's configuration is asked for.
func (c *Config) follows() bool { return c.Control && c.Print == nil }

// under are the settings with those of a group over them, checked.
func (c Config) under(of *wire.GroupConfig) (Config, error) {
	if of.GetVersion() == 0 {
		return c, nil
	}
	d, err := agentgroup.Parse([]byte(of.GetYaml()))
	if err != nil {
		return c, err
	}
	s := &d.Settings
	over(&c.OTLPHTTP, s.OTLPHTTP)
	over(&c.OTLPGRPC, s.OTLPGRPC)
	over(&c.OTLPNative, s.OTLPNative)
	if s.NativePort != nil {
		c.OTLPNative = onPort(c.OTLPNative, *s.NativePort)
	}
	over(&c.SYS, s.SYS)
	over(&c.NET, s.NET)
	over(&c.OpenAfter, s.OpenAfter)
	over(&c.KeepSecrets, s.KeepSecrets)
	over(&c.OTLPMemory, s.OTLPMemory)
	over(&c.LogBytes, s.LogBytes)
	over(&c.MaxSpans, s.MaxSpans)
	if s.NETMemory != nil {
		c.NETMemory = int(*s.NETMemory)
	}
	if s.OTLPFrom != nil {
		c.OTLPFrom = s.OTLPFrom
	}
	if s.LeaveOutPorts != nil {
		c.LeaveOutPorts = s.LeaveOutPorts
	}
	if s.Origins != nil {
		c.Origins = s.Origins
	}
	if s.Protocols != nil {
		c.Protocols = s.Protocols
	}
	return c, c.check()
}

// onPort is an address with another port; 0 is none.
func onPort(address string, port uint16) string {
	if port == 0 {
		return ""
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = "" // it was off
	}
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}

func over[T any](at *T, group *T) {
	if group != nil {
		*at = *group
	}
}

// newFollower makes what follows the group; ctx is the agent's.
func (a *agent) newFollower(ctx context.Context) {
	if q, ok := a.output.(*export.Queue); ok && a.config.follows() {
		a.group.follower = control.New(control.Config{
			Conn: q.Conn(), State: a.groupState, Log: a.config.Log,
			Apply: func(_ context.Context, c *wire.GroupConfig) { a.apply(ctx, c) }, // a broken connection ends nothing
		})
	}
}

// apply puts a configuration into force, all of it or nothing.
func (a *agent) apply(ctx context.Context, c *wire.GroupConfig) {
	g := &a.group
	g.mu.Lock()
	defer g.mu.Unlock()
	g.offered = c.GetVersion()
	if c.GetGroup() == "" {
		// Of a group that is not there: what is in force stays until it is.
		g.err = fmt.Errorf("there is no agent group %s", a.config.Group)
		a.config.Log.Warn("the group's configuration is not to be had", "error", g.err)
		return
	}
	if same(g.applied, c) {
		g.err = nil
		return
	}
	next, err := g.own.under(c)
	if err == nil {
		err = a.change(ctx, &g.now, &next)
	}
	if err != nil {
		g.err = err
		a.config.Log.Error("the group's configuration cannot be put into force; the one before stays", "group", c.GetName(), "version", c.GetVersion(), "error", err)
		return
	}
	g.now, g.applied, g.err, g.notes = next, c, nil, a.waiting(&next)
	a.config.Log.Info("the group's configuration is in force", "group", c.GetName(), "version", c.GetVersion(), "at the next start", g.notes)
	if !g.ended {
		g.keeping.Go(a.keep) // who changed it waits for what is in force, and not for a disk
	}
}

// end waits until what is in force is noted; nothing is put into force any more.
func (g *group) end() {
	g.mu.Lock()
	g.ended = true
	g.mu.Unlock()
	g.keeping.Wait()
}

// keep notes on disk what is in force.
func (a *agent) keep() {
	g := &a.group
	g.writing.Lock()
	defer g.writing.Unlock()
	g.mu.Lock()
	applied := g.applied
	g.mu.Unlock()
	if err := control.Keep(a.config.StateDir, a.config.Group, applied); err != nil {
		a.config.Log.Warn("the next start will not know of the group's configuration", "error", err)
	}
}

// same reports whether a configuration is the one that is in force. None, of whatever group, is none.
func same(applied, offered *wire.GroupConfig) bool {
	if applied.GetVersion() == 0 || offered.GetVersion() == 0 {
		return applied.GetVersion() == offered.GetVersion()
	}
	return applied.GetGroup() == offered.GetGroup() && applied.GetVersion() == offered.GetVersion() && applied.GetYaml() == offered.GetYaml()
}

// change makes a running agent follow other settings. What may fail comes first.
func (a *agent) change(ctx context.Context, from, to *Config) error {
	if !slices.Equal(from.receivers(), to.receivers()) {
		if err := a.moveReceivers(ctx, to.receivers()); err != nil {
			return err
		}
	}
	if !slices.Equal(from.OTLPFrom, to.OTLPFrom) {
		r := &a.receivers
		r.peers.Store(a.peersOf(to.OTLPFrom, r.peers.Load()))
	}
	if from.OTLPMemory != to.OTLPMemory || from.NETMemory != to.NETMemory {
		a.receivers.receiver.SetMaxMemory(to.OTLPMemory)
		if a.config.MemoryBound != nil {
			a.config.MemoryBound(to.OTLPMemory + int64(to.NETMemory))
		}
	}
	if q, ok := a.output.(*export.Queue); ok {
		q.SetMaxSpans(to.MaxSpans)
	}
	a.look(to)
	return nil
}

// look has the captures look as settings say.
func (a *agent) look(c *Config) {
	protocols, _ := l7.All.Chosen(c.Protocols) // it was checked
	look := session.Look{Protocols: protocols, OpenAfter: c.OpenAfter, KeepSecrets: c.KeepSecrets}
	if a.sources.sys != nil {
		a.sources.sys.SetLook(look)
	}
	if a.sources.net != nil {
		a.sources.net.SetLook(look)
		a.sources.net.SetMemory(c.NETMemory)
	}
	muteSYS, muteNET := c.SYS == "off", !c.NET
	wasSYS, wasNET := a.sources.muteSYS.Swap(muteSYS), a.sources.muteNET.Swap(muteNET)
	if wasSYS != muteSYS || wasNET != muteNET {
		a.see()
	}
}

// waiting are the settings that take effect at the next start only. a.config is what this run started with.
func (a *agent) waiting(c *Config) (notes []string) {
	started := &a.config
	if c.SYS != started.SYS && (c.SYS != "off" && started.SYS != "off" || a.sources.sys == nil && c.SYS != "off") {
		notes = append(notes, "sys-variant: "+c.SYS)
	}
	if c.NET && a.sources.net == nil && !started.NET {
		notes = append(notes, "net: on")
	}
	if c.LogBytes != started.LogBytes {
		notes = append(notes, fmt.Sprintf("log-size: %d", c.LogBytes>>20))
	}
	if !slices.Equal(c.LeaveOutPorts, started.LeaveOutPorts) {
		notes = append(notes, fmt.Sprintf("leave-out-port: %v", c.LeaveOutPorts))
	}
	if !slices.Equal(c.Origins, started.Origins) {
		notes = append(notes, fmt.Sprintf("otlp-origin: %v", c.Origins))
	}
	return notes
}

// groupState is what the agent says of itself to who keeps its group's configuration.
func (a *agent) groupState() *wire.AgentState {
	stats := a.stats()
	s := &wire.AgentState{Agent: a.config.Name, Node: a.config.Node, Boot: a.identity.boot, Version: a.config.Version, Group: a.config.Group, Sys: stats.SYS, Net: stats.NET}
	g := &a.group
	g.mu.Lock()
	s.Applied, s.AppliedGroup, s.Offered, s.Notes = g.applied.GetVersion(), g.applied.GetGroup(), g.offered, slices.Clone(g.notes)
	if g.err != nil {
		s.Error = g.err.Error()
	}
	wanted := g.now.receivers()
	g.mu.Unlock()
	r := &a.receivers
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range wanted {
		one := &wire.Receiver{Name: w.name, Configured: w.address}
		for _, l := range r.all {
			if l.name == w.name && l.Listener != nil {
				one.Listening = l.Addr().String()
			} else if l.name == w.name && l.err != nil {
				one.Problem = l.err.Error()
			}
		}
		for _, l := range r.leaving {
			if l.name == w.name {
				one.Leaving = l.Addr().String()
			}
		}
		s.Receivers = append(s.Receivers, one)
	}
	return s
}
