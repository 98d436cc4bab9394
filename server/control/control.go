package control

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/wire"
)

// The group that is there from the start, and cannot be deleted.
const (
	DefaultID   = "g-default"
	DefaultName = "default"
)

// Store is what is needed of pkg/store.
type Store interface {
	AgentGroups(ctx context.Context) ([]store.AgentGroup, error)
	AgentConfigs(ctx context.Context) ([]store.AgentConfig, error)
	AgentConfigAt(ctx context.Context, group string, version uint64) (*store.AgentConfig, error)
	AgentConfigHistory(ctx context.Context, group string, most int) ([]store.AgentConfig, error)
	AgentGroupsStamp(ctx context.Context) (string, error)
	PutAgentGroup(ctx context.Context, g store.AgentGroup) error
	PutAgentConfig(ctx context.Context, c store.AgentConfig) error
}

// Seen is when an agent was last heard of.
type Seen struct {
	Name, Node, Program string
	At                  int64 // Unix ns
}

// Config of Control.
type Config struct {
	Store Store
	// Every is how often to look whether another server changed something; 0: nobody else writes to the store.
	Every time.Duration
	// Seen is what agents' reports say; nil: nothing.
	Seen func() []Seen
	// MaxAgents bounds the agents that are remembered; 10,000.
	MaxAgents int
	Log       *slog.Logger
	Now       func() time.Time
}

// Control is the control plane. It is safe for concurrent use.
type Control struct {
	wire.UnimplementedControlServer
	c Config

	changing sync.Mutex // one change at a time, from reading what there is to writing

	mu      sync.Mutex
	loaded  bool
	groups  map[string]store.AgentGroup  // by id
	heads   map[string]store.AgentConfig // by group's id
	stamp   string
	agents  map[string]*agent // by name
	stopped chan struct{}
	once    sync.Once
}

// New makes a Control; Run makes it know what the store has.
func New(c Config) *Control {
	c.MaxAgents = cmp.Or(c.MaxAgents, 10_000)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Control{c: c, agents: map[string]*agent{}, stopped: make(chan struct{})}
}

// loadAgain is how often a store that does not answer, for it starts, is asked again.
const loadAgain = 200 * time.Millisecond

// Run reads the store, and reads it again when another server changed something, until ctx ends.
func (c *Control) Run(ctx context.Context) {
	every := loadAgain
	said := ""
	for {
		switch err := c.refresh(ctx); {
		case ctx.Err() != nil:
			return
		case err != nil && c.isLoaded() && err.Error() != said:
			said = err.Error()
			c.c.Log.Warn("whether the configuration of agent groups changed is not known", "error", err)
		case err == nil:
			said = ""
			if every = c.c.Every; every == 0 {
				return
			}
		}
		select {
		case <-time.After(every):
		case <-ctx.Done():
			return
		}
	}
}

func (c *Control) isLoaded() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.loaded
}

// refresh reads what the store has where it is not what is known.
func (c *Control) refresh(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	stamp, err := c.c.Store.AgentGroupsStamp(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	same := c.loaded && stamp == c.stamp
	c.mu.Unlock()
	if same {
		return nil
	}
	return c.load(ctx, stamp)
}

// load reads all groups and the newest version of each. The stamp was read before.
func (c *Control) load(ctx context.Context, stamp string) error {
	groups, err := c.c.Store.AgentGroups(ctx)
	if err != nil {
		return err
	}
	heads, err := c.c.Store.AgentConfigs(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.groups, c.heads = map[string]store.AgentGroup{DefaultID: {ID: DefaultID, Name: DefaultName}}, map[string]store.AgentConfig{}
	for _, g := range groups {
		c.groups[g.ID] = g
	}
	for _, h := range heads {
		c.heads[h.Group] = h
	}
	c.loaded, c.stamp = true, stamp
	c.wakeAll()
	return nil
}

// wakeAll has every connected agent told what changed for it. c.mu is held.
func (c *Control) wakeAll() {
	for _, a := range c.agents {
		if a.follower != nil {
			a.follower.wakeUp()
		}
	}
}

// Stop ends the calls of all agents, which then ask another server, or this one when it is back.
func (c *Control) Stop() { c.once.Do(func() { close(c.stopped) }) }

// resolve is the group of an id or a name. c.mu is held.
func (c *Control) resolve(idOrName string) (store.AgentGroup, bool) {
	if g, ok := c.groups[idOrName]; ok {
		return g, true
	}
	for _, g := range c.groups {
		if g.Name == idOrName {
			return g, true
		}
	}
	return store.AgentGroup{}, false
}

// sorted are the groups: the default one, then by name. c.mu is held.
func (c *Control) sorted() []store.AgentGroup {
	return slices.SortedFunc(maps.Values(c.groups), func(x, y store.AgentGroup) int {
		if (x.ID == DefaultID) != (y.ID == DefaultID) {
			if x.ID == DefaultID {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID))
	})
}
