package server

import (
	"context"
	"path/filepath"
	"time"

	"github.com/throughline-io/throughline/server/kube"
	"github.com/throughline-io/throughline/server/tag"
)

// kubernetesWithin is how long the server waits, when it starts, for Kubernetes to say who has
// which address. Without, the first spans would have no names for ever; with an API server that is
// away they may as well.
const kubernetesWithin = 10 * time.Second

// openSource is what knows who has which address: the entity file, Kubernetes, both or none.
func (s *Server) openSource() (source tag.Source, err error) {
	source = tag.None{}
	if c := s.config.Kubernetes; len(c.Clusters) > 0 {
		if !s.config.Direct { // a server without a disk of its own forgets
			c.Dir = filepath.Join(s.config.DataDir, "kubernetes")
		}
		if s.kube, err = kube.New(c); err != nil {
			return nil, err
		}
		source = s.kube
	}
	if s.config.Entities == "" {
		return source, nil
	}
	if s.entities, err = tag.OpenFile(s.config.Entities); err != nil {
		return nil, err
	}
	if s.kube == nil {
		return s.entities, nil
	}
	return tag.First{One: s.entities, Then: source}, nil
}

// watchKubernetes begins to watch, and waits a while for what there is. stop ends it.
func (s *Server) watchKubernetes(ctx context.Context) (stop func()) {
	if s.kube == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); s.kube.Run(ctx, s.config.Log) }()
	within, enough := context.WithTimeout(ctx, kubernetesWithin)
	defer enough()
	if err := s.kube.Wait(within); err != nil && ctx.Err() == nil {
		s.config.Log.Warn("spans are stored without names of Kubernetes until it answers", "error", err)
	}
	return func() { cancel(); <-done }
}
