package control

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"

	"github.com/throughline-io/throughline/agentgroup"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/server/text"
)

// maxGroups bounds the groups.
const maxGroups = 10_000

var errStarting = failed(http.StatusServiceUnavailable, "the configuration of agent groups is not read from the store yet; try again")

// Groups are all groups, or the one of an id or a name.
func (c *Control) Groups(idOrName string) (text.AgentGroups, error) {
	out := text.AgentGroups{Groups: []text.AgentGroup{}}
	var only store.AgentGroup
	if idOrName != "" {
		var err error
		if only, err = c.find(idOrName); err != nil {
			return out, err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.loaded {
		return out, errStarting
	}
	for _, g := range c.sorted() {
		if idOrName != "" && g.ID != only.ID {
			continue
		}
		agents, _ := c.countAgents(g.ID)
		out.Groups = append(out.Groups, text.AgentGroup{ID: g.ID, Name: g.Name, Agents: agents, Version: c.head(g.ID)})
	}
	return out, nil
}

// head is the version of a group's configuration that is in force, 0 where it has none. c.mu is held.
func (c *Control) head(group string) uint64 {
	if h := c.heads[group]; h.YAML != "" {
		return h.Version
	}
	return 0
}

// find is the group of an id or a name.
func (c *Control) find(idOrName string) (store.AgentGroup, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.loaded {
		return store.AgentGroup{}, errStarting
	}
	g, ok := c.resolve(idOrName)
	if !ok {
		var names []string
		for _, g := range c.sorted() {
			names = append(names, g.Name, g.ID)
		}
		return g, failed(http.StatusNotFound, "there is no agent group %q; do you mean %q?", idOrName, agentgroup.Nearest(idOrName, names))
	}
	return g, nil
}

// CreateGroup makes a group; an empty id is made.
func (c *Control) CreateGroup(ctx context.Context, name, id string) (text.AgentGroup, error) {
	c.changing.Lock()
	defer c.changing.Unlock()
	if err := agentgroup.CheckName(name); err != nil {
		return text.AgentGroup{}, failed(http.StatusBadRequest, "name of the group %v", err)
	}
	if id == "" {
		id = "g-" + strings.ToLower(rand.Text()[:10])
	} else if err := agentgroup.CheckName(id); err != nil || !strings.HasPrefix(id, "g-") {
		return text.AgentGroup{}, failed(http.StatusBadRequest, "id %q of the group: want g- and up to 62 letters, digits, '.', '_' and '-'", id)
	}
	if strings.HasPrefix(name, "g-") {
		return text.AgentGroup{}, failed(http.StatusBadRequest, "name %q of the group: what begins with g- is an id", name)
	}
	if err := c.mayCreate(name, id); err != nil {
		return text.AgentGroup{}, err
	}
	if err := c.c.Store.PutAgentGroup(ctx, store.AgentGroup{ID: id, Name: name, At: c.c.Now().UnixNano()}); err != nil {
		return text.AgentGroup{}, err
	}
	if err := c.refresh(ctx); err != nil {
		return text.AgentGroup{}, err
	}
	return text.AgentGroup{ID: id, Name: name}, nil
}

func (c *Control) mayCreate(name, id string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch _, taken := c.resolve(id); {
	case !c.loaded:
		return errStarting
	case taken:
		return failed(http.StatusConflict, "there is an agent group with the id %s already", id)
	case len(c.groups) >= maxGroups:
		return failed(http.StatusConflict, "there are %d agent groups, and may be no more", len(c.groups))
	}
	if g, taken := c.resolve(name); taken {
		return failed(http.StatusConflict, "there is an agent group %s already, %s", name, g.ID)
	}
	return nil
}

// DeleteGroup deletes a group with its configuration; its agents go back to their own settings.
func (c *Control) DeleteGroup(ctx context.Context, idOrName, author string) (text.AgentGroup, error) {
	c.changing.Lock()
	defer c.changing.Unlock()
	g, err := c.find(idOrName)
	if err != nil {
		return text.AgentGroup{}, err
	}
	if g.ID == DefaultID {
		return text.AgentGroup{}, failed(http.StatusConflict, "the group %s is always there: agents that name no other are of it", DefaultName)
	}
	c.mu.Lock()
	agents, _ := c.countAgents(g.ID)
	version := c.head(g.ID)
	c.mu.Unlock()
	if version > 0 {
		if _, err := c.write(ctx, change{group: g, what: "delete", author: author}); err != nil {
			return text.AgentGroup{}, err
		}
	}
	if err := c.c.Store.PutAgentGroup(ctx, store.AgentGroup{ID: g.ID, Name: g.Name, Deleted: true, At: max(c.c.Now().UnixNano(), g.At+1)}); err != nil {
		return text.AgentGroup{}, err
	}
	if err := c.refresh(ctx); err != nil {
		return text.AgentGroup{}, fmt.Errorf("it is deleted, and the agents will hear of it later: %w", err)
	}
	return text.AgentGroup{ID: g.ID, Name: g.Name, Agents: agents, Version: version}, nil
}
