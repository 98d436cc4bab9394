package control

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"net/http"
	"strconv"

	"github.com/throughline-io/throughline/agentgroup"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/server/text"
)

// maxHistory is how many versions a history shows.
const maxHistory = 1000

// change is one of a group's configuration.
type change struct {
	group  store.AgentGroup
	what   string // create, update, delete, rollback
	yaml   string // "": none
	author string
	dry    bool // only say what would be
}

// Configs are the groups that have a configuration.
func (c *Control) Configs() (text.AgentConfigs, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := text.AgentConfigs{Now: c.c.Now().UnixNano(), Configs: []text.AgentConfig{}}
	if !c.loaded {
		return out, errStarting
	}
	for _, g := range c.sorted() {
		if c.head(g.ID) > 0 {
			out.Configs = append(out.Configs, c.shown(g, c.heads[g.ID]))
		}
	}
	return out, nil
}

// shown is a version without its text. c.mu is held.
func (c *Control) shown(g store.AgentGroup, v store.AgentConfig) text.AgentConfig {
	agents, applied := c.countAgents(g.ID)
	return text.AgentConfig{Group: g.ID, Name: g.Name, Version: v.Version, At: v.At, What: v.What, Author: v.Author, Agents: agents, Applied: applied}
}

// Configuration is a version of a group's configuration, with its text; version 0 is the one in force.
func (c *Control) Configuration(ctx context.Context, idOrName string, version uint64) (text.AgentConfig, error) {
	g, err := c.find(idOrName)
	if err != nil {
		return text.AgentConfig{}, err
	}
	v, err := c.version(ctx, g, version)
	if err != nil {
		return text.AgentConfig{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.shown(g, v)
	out.YAML = v.YAML
	return out, nil
}

// version is one of a group, 0 the one in force.
func (c *Control) version(ctx context.Context, g store.AgentGroup, number uint64) (store.AgentConfig, error) {
	c.mu.Lock()
	head := c.heads[g.ID]
	c.mu.Unlock()
	switch {
	case number == 0 && head.YAML == "":
		return head, failed(http.StatusNotFound, "the agent group %s has no configuration: its agents have their own settings", g.Name)
	case number == 0 || number == head.Version && head.YAML != "":
		return head, nil
	}
	v, err := c.c.Store.AgentConfigAt(ctx, g.ID, number)
	switch {
	case err != nil:
		return store.AgentConfig{}, err
	case v == nil:
		return store.AgentConfig{}, failed(http.StatusNotFound, "the agent group %s has no version %d of its configuration; its newest is %d", g.Name, number, head.Version)
	case v.YAML == "":
		return store.AgentConfig{}, failed(http.StatusNotFound, "with version %d the configuration of the agent group %s was deleted", number, g.Name)
	}
	return *v, nil
}

// History are a group's versions, newest first.
func (c *Control) History(ctx context.Context, idOrName string) (text.AgentConfigHistory, error) {
	out := text.AgentConfigHistory{Now: c.c.Now().UnixNano(), Versions: []text.AgentConfig{}}
	g, err := c.find(idOrName)
	if err != nil {
		return out, err
	}
	versions, err := c.c.Store.AgentConfigHistory(ctx, g.ID, maxHistory)
	if err != nil {
		return out, err
	}
	if len(versions) == 0 {
		return out, failed(http.StatusNotFound, "the agent group %s never had a configuration", g.Name)
	}
	for _, v := range versions {
		out.Versions = append(out.Versions, text.AgentConfig{Group: g.ID, Name: g.Name, Version: v.Version, At: v.At, What: v.What, Author: v.Author})
	}
	return out, nil
}

// Put makes a new version of a group's configuration: what is create, where it must have none, or update,
// where it must have one. The group stands beside the text, in it, or in both.
func (c *Control) Put(ctx context.Context, what, idOrName, yaml, author string, dry bool) (text.AgentConfigChange, error) {
	document, err := agentgroup.Parse([]byte(yaml))
	if err != nil {
		return text.AgentConfigChange{}, failed(http.StatusBadRequest, "%v", err)
	}
	c.changing.Lock()
	defer c.changing.Unlock()
	g, err := c.groupOf(document, idOrName)
	if err != nil {
		return text.AgentConfigChange{}, err
	}
	c.mu.Lock()
	version := c.head(g.ID)
	c.mu.Unlock()
	switch {
	case what == "create" && version > 0:
		return text.AgentConfigChange{}, failed(http.StatusConflict, "the agent group %s has a configuration already, version %d: update it", g.Name, version)
	case what == "update" && version == 0:
		return text.AgentConfigChange{}, failed(http.StatusNotFound, "the agent group %s has no configuration: create it", g.Name)
	}
	done, err := c.write(ctx, change{g, what, string(agentgroup.InDocument([]byte(yaml), g.ID)), author, dry})
	for _, name := range document.Names {
		if when, _ := agentgroup.TakesEffect(name); when == agentgroup.AtNextStart {
			done.NextStart = append(done.NextStart, name)
		}
	}
	return done, err
}

// groupOf is the group that a document is for.
func (c *Control) groupOf(document *agentgroup.Document, idOrName string) (store.AgentGroup, error) {
	switch {
	case idOrName == "" && document.Group == "":
		return store.AgentGroup{}, failed(http.StatusBadRequest, "of which agent group? Give its id, or vtap_group_id in the file")
	case idOrName == "":
		return c.find(document.Group)
	}
	g, err := c.find(idOrName)
	if err != nil || document.Group == "" || document.Group == g.ID || document.Group == g.Name {
		return g, err
	}
	return g, failed(http.StatusBadRequest, "vtap_group_id in the file is %s, and the group given beside it is %s: which one?", document.Group, idOrName)
}

// Delete deletes a group's configuration; its agents go back to their own settings.
func (c *Control) Delete(ctx context.Context, idOrName, author string, dry bool) (text.AgentConfigChange, error) {
	c.changing.Lock()
	defer c.changing.Unlock()
	g, err := c.find(idOrName)
	if err != nil {
		return text.AgentConfigChange{}, err
	}
	if _, err := c.version(ctx, g, 0); err != nil {
		return text.AgentConfigChange{}, err
	}
	return c.write(ctx, change{group: g, what: "delete", author: author, dry: dry})
}

// Rollback makes an earlier version the newest one. 0 is the one before the one in force.
func (c *Control) Rollback(ctx context.Context, idOrName string, version uint64, author string, dry bool) (text.AgentConfigChange, error) {
	c.changing.Lock()
	defer c.changing.Unlock()
	g, err := c.find(idOrName)
	if err != nil {
		return text.AgentConfigChange{}, err
	}
	if version == 0 {
		c.mu.Lock()
		head := c.heads[g.ID]
		c.mu.Unlock()
		if head.Version < 2 {
			return text.AgentConfigChange{}, failed(http.StatusNotFound, "the agent group %s has no earlier configuration", g.Name)
		}
		version = head.Version - 1
	}
	v, err := c.version(ctx, g, version)
	if err != nil {
		return text.AgentConfigChange{}, err
	}
	// What an older server took, this one may not: agents would refuse it.
	if _, err := agentgroup.Parse([]byte(v.YAML)); err != nil {
		return text.AgentConfigChange{}, failed(http.StatusConflict, "version %d is no configuration any more: %v", version, err)
	}
	return c.write(ctx, change{g, "rollback", v.YAML, author, dry})
}

// write makes the next version, unless it would be the same. c.changing is held.
func (c *Control) write(ctx context.Context, n change) (text.AgentConfigChange, error) {
	if c.c.Every > 0 { // another server may have made one
		if err := c.refresh(ctx); err != nil {
			return text.AgentConfigChange{}, err
		}
	}
	c.mu.Lock()
	head := c.heads[n.group.ID]
	agents, _ := c.countAgents(n.group.ID)
	c.mu.Unlock()
	done := text.AgentConfigChange{Group: n.group.ID, Name: n.group.Name, Version: head.Version, DryRun: n.dry, Agents: agents, Before: head.YAML, After: n.yaml, Changed: head.YAML != n.yaml}
	if !done.Changed || n.dry {
		return done, nil
	}
	var key [8]byte
	_, _ = rand.Read(key[:]) // never fails
	v := store.AgentConfig{Group: n.group.ID, Version: head.Version + 1, At: c.c.Now().UnixNano(), Key: binary.LittleEndian.Uint64(key[:]), What: n.what, Author: n.author, YAML: n.yaml}
	if err := c.c.Store.PutAgentConfig(ctx, v); err != nil {
		return done, err
	}
	if err := c.counts(ctx, v); err != nil {
		return done, err
	}
	done.Version = v.Version
	c.c.Log.Info("the configuration of an agent group changed", "group", n.group.Name, "version", v.Version, "what", n.what, "by", strconv.Quote(n.author), "connected agents", agents)
	return done, nil
}

// counts makes a version that was stored the newest one, unless another server's was first.
func (c *Control) counts(ctx context.Context, v store.AgentConfig) error {
	if c.c.Every == 0 { // nobody else's
		c.mu.Lock()
		defer c.mu.Unlock()
		c.heads[v.Group] = v
		c.wakeAll()
		return nil
	}
	if err := c.refresh(ctx); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if first := c.heads[v.Group]; first.Version == v.Version && first.Key != v.Key {
		return failed(http.StatusConflict, "%s changed the configuration of the agent group %s at the same time, and was first: look at it, and try again", first.Author, c.groups[v.Group].Name)
	}
	return nil
}
