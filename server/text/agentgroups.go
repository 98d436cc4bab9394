package text

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"
)

// AgentGroups is the answer of /api/v1/agent-groups.
type AgentGroups struct {
	Groups []AgentGroup `json:"groups" yaml:"groups"`
}

// AgentGroup is a group of agents that share a configuration.
type AgentGroup struct {
	ID      string `json:"id" yaml:"id"`
	Name    string `json:"name" yaml:"name"`
	Agents  int    `json:"agents" yaml:"agents"`   // of it, connected to this server
	Version uint64 `json:"version" yaml:"version"` // of its configuration; 0: it has none
}

// Print prints the groups.
func (g *AgentGroups) Print(w io.Writer, colour Colour) error {
	var rows [][]string
	for _, one := range g.Groups {
		rows = append(rows, []string{Clean(one.Name), Clean(one.ID), fmt.Sprint(one.Agents), version(one.Version)})
	}
	return table(w, colour, []string{"NAME", "ID", "AGENTS", "CONFIG"}, rows, 2)
}

func version(v uint64) string {
	if v == 0 {
		return "none"
	}
	return fmt.Sprint("version ", v)
}

// AgentConfigs is the answer of /api/v1/agent-group-configs: the groups that have a configuration.
type AgentConfigs struct {
	Now     int64         `json:"now" yaml:"now"`
	Configs []AgentConfig `json:"configs" yaml:"configs"`
}

// AgentConfig is a version of a group's configuration.
type AgentConfig struct {
	Group   string `json:"agent_group_id" yaml:"agent_group_id"`
	Name    string `json:"name" yaml:"name"`
	Version uint64 `json:"version" yaml:"version"`
	At      int64  `json:"at" yaml:"at"`         // Unix ns
	What    string `json:"what" yaml:"what"`     // create, update, delete, rollback
	Author  string `json:"author" yaml:"author"` // as who made it called himself
	Agents  int    `json:"agents" yaml:"agents"` // connected to this server
	Applied int    `json:"applied" yaml:"applied"`
	// YAML is the configuration; "" in lists.
	YAML string `json:"yaml,omitempty" yaml:"yaml,omitempty"`
}

// Print prints which groups have a configuration.
func (c *AgentConfigs) Print(w io.Writer, colour Colour) error {
	var rows [][]string
	for _, one := range c.Configs {
		rows = append(rows, []string{Clean(one.Name), Clean(one.Group), fmt.Sprint(one.Version), fmt.Sprintf("%d of %d", one.Applied, one.Agents), ago(c.Now, one.At), Clean(one.Author)})
	}
	return table(w, colour, []string{"NAME", "AGENT_GROUP_ID", "VERSION", "IN FORCE", "CHANGED", "BY"}, rows, 2)
}

// AgentConfigHistory is the answer of /api/v1/agent-groups/{group}/config/history, newest first.
type AgentConfigHistory struct {
	Now      int64         `json:"now" yaml:"now"`
	Versions []AgentConfig `json:"versions" yaml:"versions"`
}

// Print prints a group's versions.
func (h *AgentConfigHistory) Print(w io.Writer, colour Colour) error {
	var rows [][]string
	for _, one := range h.Versions {
		rows = append(rows, []string{fmt.Sprint(one.Version), Clean(one.What), ago(h.Now, one.At), Clean(one.Author)})
	}
	return table(w, colour, []string{"VERSION", "WHAT", "WHEN", "BY"}, rows, 0)
}

// AgentConfigChange is what a change of a group's configuration did, or would do.
type AgentConfigChange struct {
	Group   string `json:"agent_group_id" yaml:"agent_group_id"`
	Name    string `json:"name" yaml:"name"`
	Version uint64 `json:"version" yaml:"version"` // after it
	Changed bool   `json:"changed" yaml:"changed"`
	DryRun  bool   `json:"dry_run" yaml:"dry_run"`
	Agents  int    `json:"agents" yaml:"agents"` // connected to this server
	// Before and After are the configuration; "": none.
	Before string `json:"before" yaml:"before"`
	After  string `json:"after" yaml:"after"`
	// NextStart are settings that agents take at their next start.
	NextStart []string `json:"next_start,omitempty" yaml:"next_start,omitempty"`
}

// Agents is the answer of /api/v1/agents.
type Agents struct {
	Now    int64   `json:"now" yaml:"now"`
	Agents []Agent `json:"agents" yaml:"agents"`
}

// Agent is an agent and what of its group's configuration is in force. Times are Unix nanoseconds.
type Agent struct {
	Name      string `json:"name" yaml:"name"`
	Node      string `json:"node" yaml:"node"`
	Program   string `json:"program,omitempty" yaml:"program,omitempty"` // its version
	Connected bool   `json:"connected" yaml:"connected"`                 // to this server, for its configuration
	LastSeen  int64  `json:"last_seen" yaml:"last_seen"`

	Group     string   `json:"group" yaml:"group"`                   // the name
	GroupID   string   `json:"agent_group_id" yaml:"agent_group_id"` // "": there is no such group
	Version   uint64   `json:"version" yaml:"version"`               // of the configuration in force; 0: the agent's own settings
	Wanted    uint64   `json:"wanted_version" yaml:"wanted_version"` // of the group's configuration
	Error     string   `json:"error,omitempty" yaml:"error,omitempty"`
	NextStart []string `json:"next_start,omitempty" yaml:"next_start,omitempty"` // what waits for it

	Receivers []AgentReceiver `json:"receivers" yaml:"receivers"`
	SYS       string          `json:"sys,omitempty" yaml:"sys,omitempty"`
	NET       string          `json:"net,omitempty" yaml:"net,omitempty"`
}

// AgentReceiver is where a receiver is to listen, and where it does.
type AgentReceiver struct {
	Name       string `json:"name" yaml:"name"`
	Configured string `json:"configured" yaml:"configured"` // "": it is off
	Listening  string `json:"listening" yaml:"listening"`   // "": nowhere
	Problem    string `json:"problem,omitempty" yaml:"problem,omitempty"`
	Leaving    string `json:"leaving,omitempty" yaml:"leaving,omitempty"` // the address before, until its senders have gone
}

// Print prints the agents, and behind them what is wrong.
func (a *Agents) Print(w io.Writer, colour Colour) error {
	var rows [][]string
	var wrong []string
	for i := range a.Agents {
		one := &a.Agents[i]
		var configured, listening []string
		for _, r := range one.Receivers {
			configured, listening = append(configured, cmp.Or(Clean(r.Configured), "-")), append(listening, cmp.Or(Clean(r.Listening), "-"))
			if r.Problem != "" {
				wrong = append(wrong, fmt.Sprintf("%s: %s: %s", Clean(one.Name), Clean(r.Name), Clean(r.Problem)))
			}
		}
		in := "own settings"
		if one.Version > 0 {
			in = fmt.Sprint(one.Version)
		}
		if one.Version != one.Wanted && one.Connected {
			in += fmt.Sprintf(" (not %d)", one.Wanted)
		}
		switch {
		case one.Error != "" && one.Wanted > 0:
			wrong = append(wrong, fmt.Sprintf("%s: version %d is not in force: %s", Clean(one.Name), one.Wanted, Clean(one.Error)))
		case one.Error != "":
			wrong = append(wrong, Clean(one.Name)+": "+Clean(one.Error))
		}
		if len(one.NextStart) > 0 {
			wrong = append(wrong, fmt.Sprintf("%s: at its next start: %s", Clean(one.Name), Clean(strings.Join(one.NextStart, "; "))))
		}
		rows = append(rows, []string{Clean(one.Name), Clean(one.Node), cmp.Or(Clean(one.Group), "-"), in,
			cmp.Or(strings.Join(configured, ","), "-"), cmp.Or(strings.Join(listening, ","), "-"), ago(a.Now, one.LastSeen)})
	}
	if err := table(w, colour, []string{"NAME", "NODE", "GROUP", "VERSION", "CONFIGURED", "LISTENING", "LAST SEEN"}, rows); err != nil {
		return err
	}
	for _, line := range wrong {
		if _, err := fmt.Fprintln(w, colour.paint(amber, line)); err != nil {
			return err
		}
	}
	return nil
}

// ago is how long ago a time was, in whole units.
func ago(now, at int64) string {
	if at == 0 {
		return "never"
	}
	d := time.Duration(max(0, now-at))
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%ds ago", d/time.Second)
	case d < 2*time.Hour:
		return fmt.Sprintf("%dm ago", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh ago", d/time.Hour)
	}
	return fmt.Sprintf("%dd ago", d/(24*time.Hour))
}
