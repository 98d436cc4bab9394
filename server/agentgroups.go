package server

import (
	"context"
	"time"

	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/server/control"
)

// sharedEvery is how often a store elsewhere, to which other servers may write, is asked whether the
// configuration of agent groups changed.
const sharedEvery = 500 * time.Millisecond

func (s *Server) newControl() *control.Control {
	c := control.Config{Store: s.backend, Seen: s.seen, Log: s.config.Log}
	if s.backend.engine == nil {
		c.Every = sharedEvery
	}
	return control.New(c)
}

// seen is when agents reported last.
func (s *Server) seen() (all []control.Seen) {
	for _, a := range s.ingest.Agents().All() {
		all = append(all, control.Seen{Name: a.Name, Node: a.Node, Program: a.Version, At: max(a.LastReport, a.LastPush)})
	}
	return all
}

// What control needs of the store, once that is ready. It is little and seldom, and written and read by
// one way, so that what was written is read.

func (b *backend) AgentGroups(ctx context.Context) ([]store.AgentGroup, error) {
	if err := b.Ready(); err != nil {
		return nil, err
	}
	return b.store.AgentGroups(ctx)
}

func (b *backend) AgentConfigs(ctx context.Context) ([]store.AgentConfig, error) {
	if err := b.Ready(); err != nil {
		return nil, err
	}
	return b.store.AgentConfigs(ctx)
}

func (b *backend) AgentConfigAt(ctx context.Context, group string, version uint64) (*store.AgentConfig, error) {
	if err := b.Ready(); err != nil {
		return nil, err
	}
	return b.store.AgentConfigAt(ctx, group, version)
}

func (b *backend) AgentConfigHistory(ctx context.Context, group string, most int) ([]store.AgentConfig, error) {
	if err := b.Ready(); err != nil {
		return nil, err
	}
	return b.store.AgentConfigHistory(ctx, group, most)
}

func (b *backend) AgentGroupsStamp(ctx context.Context) (string, error) {
	if err := b.Ready(); err != nil {
		return "", err
	}
	return b.store.AgentGroupsStamp(ctx)
}

func (b *backend) PutAgentGroup(ctx context.Context, g store.AgentGroup) error {
	if err := b.Ready(); err != nil {
		return err
	}
	return b.trusted(func() error { return b.store.PutAgentGroup(ctx, g) })
}

func (b *backend) PutAgentConfig(ctx context.Context, c store.AgentConfig) error {
	if err := b.Ready(); err != nil {
		return err
	}
	return b.trusted(func() error { return b.store.PutAgentConfig(ctx, c) })
}
