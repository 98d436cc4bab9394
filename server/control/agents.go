package control

import (
	"cmp"
	"slices"

	"github.com/throughline-io/throughline/pkg/wire"
	"github.com/throughline-io/throughline/server/text"
)

// agent is what is known of an agent that follows its group, or did.
type agent struct {
	state    *wire.AgentState // what it said last
	follower *follower        // nil: it is not connected
	seen     int64            // Unix ns
}

// countAgents are the connected agents of a group, and those of them in which the newest version is in force.
// c.mu is held.
func (c *Control) countAgents(group string) (agents, applied int) {
	head := c.head(group)
	for _, a := range c.agents {
		g, known := c.resolve(a.state.GetGroup())
		if a.follower == nil || !known || g.ID != group {
			continue
		}
		agents++
		if inForce(a.state, group, head) {
			applied++
		}
	}
	return agents, applied
}

// inForce reports whether a version is what an agent has in force.
func inForce(s *wire.AgentState, group string, version uint64) bool {
	return s.GetApplied() == version && (version == 0 || s.GetAppliedGroup() == group)
}

// Agents are all agents that are known: those that follow their group, and those that only report.
func (c *Control) Agents() text.Agents {
	var seen []Seen
	if c.c.Seen != nil {
		seen = c.c.Seen()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	out := text.Agents{Now: c.c.Now().UnixNano(), Agents: []text.Agent{}}
	at := map[string]Seen{}
	for _, s := range seen {
		if at[s.Name] = s; c.agents[s.Name] == nil {
			out.Agents = append(out.Agents, text.Agent{Name: s.Name, Node: s.Node, Program: s.Program, LastSeen: s.At, Receivers: []text.AgentReceiver{}})
		}
	}
	for name, a := range c.agents {
		one := c.describe(a)
		one.LastSeen = max(one.LastSeen, at[name].At)
		out.Agents = append(out.Agents, one)
	}
	slices.SortFunc(out.Agents, func(x, y text.Agent) int { return cmp.Compare(x.Name, y.Name) })
	return out
}

// describe says how an agent is. c.mu is held.
func (c *Control) describe(a *agent) text.Agent {
	s := a.state
	out := text.Agent{
		Name: s.GetAgent(), Node: s.GetNode(), Program: s.GetVersion(), Connected: a.follower != nil, LastSeen: a.seen, Group: s.GetGroup(),
		Version: s.GetApplied(), Error: s.GetError(), NextStart: s.GetNotes(), SYS: s.GetSys(), NET: s.GetNet(), Receivers: []text.AgentReceiver{},
	}
	if g, ok := c.resolve(s.GetGroup()); ok {
		out.Group, out.GroupID, out.Wanted = g.Name, g.ID, c.head(g.ID)
	} else if c.loaded {
		out.Error = cmp.Or(out.Error, "there is no agent group "+s.GetGroup())
	}
	for _, r := range s.GetReceivers() {
		out.Receivers = append(out.Receivers, text.AgentReceiver{Name: r.GetName(), Configured: r.GetConfigured(), Listening: r.GetListening(), Problem: r.GetProblem(), Leaving: r.GetLeaving()})
	}
	return out
}

// forget drops the agent that was not heard of for longest, of those that are not connected, where there are
// too many. c.mu is held.
func (c *Control) forget() {
	if len(c.agents) < c.c.MaxAgents {
		return
	}
	oldest := ""
	for name, a := range c.agents {
		if a.follower == nil && (oldest == "" || a.seen < c.agents[oldest].seen) {
			oldest = name
		}
	}
	delete(c.agents, oldest)
}
