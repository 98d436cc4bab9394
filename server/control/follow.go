package control

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/wire"
)

const (
	maxState  = 64 << 10 // bytes of what an agent says
	introduce = 10 * time.Second
)

// follower is a call of an agent that follows its group.
type follower struct {
	wake  chan struct{} // holds a value when there may be something to say
	ended context.CancelFunc
}

func (f *follower) wakeUp() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Follow tells an agent its group's configuration, at once and whenever it changed, until it goes.
func (c *Control) Follow(stream grpc.BidiStreamingServer[wire.AgentState, wire.GroupConfig]) error {
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	states := make(chan *wire.AgentState)
	gone := make(chan error, 1)
	go func() {
		for {
			s, err := stream.Recv()
			if err != nil {
				gone <- err
				return
			}
			select {
			case states <- s:
			case <-ctx.Done():
				return
			}
		}
	}()
	f := &follower{wake: make(chan struct{}, 1), ended: cancel}
	name := ""
	defer func() { c.leave(name, f) }()
	late := time.NewTimer(introduce)
	defer late.Stop()
	var said *wire.GroupConfig
	for {
		select {
		case s := <-states:
			late.Stop()
			if err := checkState(s); err != nil {
				return err
			}
			if name != "" && s.GetAgent() != name {
				return status.Errorf(codes.InvalidArgument, "agent %q calls itself %q now", name, s.GetAgent())
			}
			if err := c.heard(s, f); err != nil {
				return err
			}
			name = s.GetAgent()
			f.wakeUp()
		case <-f.wake:
			next := c.configOf(name)
			if next == nil || proto.Equal(next, said) {
				continue
			}
			if err := stream.Send(next); err != nil {
				return err
			}
			said = next
		case <-late.C:
			return status.Error(codes.DeadlineExceeded, "the agent did not say who it is")
		case err := <-gone:
			return ended(err)
		case <-c.stopped:
			return status.Error(codes.Unavailable, "the server stops")
		case <-ctx.Done():
			return status.Error(codes.Aborted, "another call of this agent took the place of this one")
		}
	}
}

// ended is the status of a call whose agent has gone: as it wants, or as it may.
func ended(err error) error {
	if status.Code(err) == codes.Canceled || err.Error() == "EOF" {
		return nil
	}
	return err
}

func checkState(s *wire.AgentState) error {
	switch {
	case s.GetAgent() == "":
		return status.Error(codes.InvalidArgument, "the agent has no name")
	case proto.Size(s) > maxState:
		return status.Errorf(codes.InvalidArgument, "what the agent says of itself has %d bytes; at most %d are taken", proto.Size(s), maxState)
	}
	return nil
}

// heard notes what an agent says. Its newest call counts: the one before may be of a connection that broke
// and is not known to.
func (c *Control) heard(s *wire.AgentState, f *follower) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.agents[s.GetAgent()]
	if a == nil {
		if c.forget(); len(c.agents) >= c.c.MaxAgents {
			return status.Errorf(codes.ResourceExhausted, "%d agents are connected, and no more are taken", len(c.agents))
		}
		a = new(agent)
		c.agents[s.GetAgent()] = a
	}
	if a.follower != nil && a.follower != f {
		a.follower.ended()
	}
	a.state, a.follower, a.seen = s, f, c.c.Now().UnixNano()
	return nil
}

func (c *Control) leave(name string, f *follower) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a := c.agents[name]; a != nil && a.follower == f {
		a.follower, a.seen = nil, c.c.Now().UnixNano()
	}
}

// configOf is the configuration of an agent's group; nil where it is not known yet.
func (c *Control) configOf(name string) *wire.GroupConfig {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.agents[name]
	if !c.loaded || a == nil {
		return nil
	}
	g, ok := c.resolve(a.state.GetGroup())
	if !ok {
		return &wire.GroupConfig{Name: a.state.GetGroup()}
	}
	return configOf(g, c.heads[g.ID])
}

func configOf(g store.AgentGroup, head store.AgentConfig) *wire.GroupConfig {
	out := &wire.GroupConfig{Group: g.ID, Name: g.Name}
	if head.YAML != "" {
		out.Version, out.Yaml = head.Version, head.YAML
	}
	return out
}
