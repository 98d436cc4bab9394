package kube

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"k8s.io/klog/v2"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/server/tag"
)

// Source is a tag.Source of clusters of Kubernetes.
type Source struct {
	clusters []*cluster
}

// Status is how the watch of a cluster goes. Times are Unix nanoseconds, 0 for never.
type Status struct {
	Cluster   string
	Synced    bool   // all was listed once
	LostSince int64  // since when not all is watched; what was known last stays in force
	Error     string // why
	Pods      int
	Nodes     int
	Services  int
	Addresses int
	Ended     int    // who is gone and remembered
	Forgotten uint64 // who was dropped before its time, for there were too many
}

// New makes a source; Run fills it. A cluster that cannot be reached is no error: it may come.
func New(c Config) (*Source, error) {
	places, err := c.parse()
	if err != nil {
		return nil, err
	}
	c.History = cmp.Or(c.History, time.Hour)
	if c.now == nil {
		c.now = time.Now
	}
	s := &Source{}
	for _, p := range places {
		k, err := newCluster(p, &c)
		if err != nil {
			return nil, fmt.Errorf("cluster %s: %w", cmp.Or(p.name, p.file), err)
		}
		s.clusters = append(s.clusters, k)
	}
	return s, nil
}

// wordsOfClientGo goes by once: client-go has one log for a whole process, and its goroutines read it without a lock.
var wordsOfClientGo sync.Once

// Run watches until ctx ends.
func (s *Source) Run(ctx context.Context, log *slog.Logger) {
	wordsOfClientGo.Do(func() { klog.SetSlogLogger(log) })
	var running sync.WaitGroup
	defer running.Wait()
	for _, c := range s.clusters {
		running.Go(func() { c.run(ctx, log) })
		running.Go(func() {
			select {
			case <-c.synced:
				n := c.status()
				log.Info(c.String()+" is known", "pods", n.Pods, "nodes", n.Nodes, "services", n.Services)
			case <-ctx.Done():
			}
		})
	}
}

// Wait waits until all clusters were listed once, and no longer than ctx.
func (s *Source) Wait(ctx context.Context) error {
	for _, c := range s.clusters {
		select {
		case <-c.synced:
		case <-ctx.Done():
			_, err := c.connection.state()
			return fmt.Errorf("%s: %s", c, cmp.Or(err, context.Cause(ctx).Error()))
		}
	}
	return nil
}

// Status is how the watches go.
func (s *Source) Status() []Status {
	all := make([]Status, 0, len(s.clusters))
	for _, c := range s.clusters {
		all = append(all, c.status())
	}
	return all
}

// Scope is the cluster of a node.
func (s *Source) Scope(node string) tag.Scope {
	if node == "" {
		return 0
	}
	for i, c := range s.clusters {
		if c.hasNode(node) {
			return tag.Scope(i + 1)
		}
	}
	return 0
}

// Lookup asks the cluster of the scope. What that does not know, or where there is none, is asked
// of the others, and known if exactly one of them knows: clusters have the same addresses.
func (s *Source) Lookup(q tag.Question) tag.Answer {
	found := tag.Always(span.Entity{}, false)
	if i := int(q.Scope) - 1; i >= 0 && i < len(s.clusters) {
		if found = s.clusters[i].lookup(q); found.Known {
			return found
		}
	}
	several := false
	for i, c := range s.clusters {
		if i == int(q.Scope)-1 {
			continue
		}
		a := c.lookup(q)
		found.From, found.Until = max(found.From, a.From), min(found.Until, a.Until)
		if a.Known {
			several = several || found.Known
			found.Entity, found.Known = a.Entity, true
		}
	}
	if several {
		found.Entity, found.Known = span.Entity{}, false
	}
	return found
}

// Pod is the pod with that uid, or name.
func (s *Source) Pod(name tag.PodName) (span.Entity, bool) {
	if i := int(name.Scope) - 1; i >= 0 && i < len(s.clusters) {
		if e, ok := s.clusters[i].podEntityOf(name); ok || name.UID == "" {
			return e, ok
		}
	}
	var found span.Entity
	n := 0
	for _, c := range s.clusters {
		if e, ok := c.podEntityOf(name); ok {
			found = e
			n++
		}
	}
	return found, n == 1
}

// Version changes with every cluster's.
func (s *Source) Version() (v uint64) {
	for _, c := range s.clusters {
		v += c.version.Load()
	}
	return v
}
