package server

import (
	"context"
	"fmt"
	"time"

	"github.com/throughline-io/throughline/server/ingest"
	"github.com/throughline-io/throughline/server/text"
)

// alive is how long after its last report an agent counts as there; it reports every second.
const alive = 5 * time.Second

// status answers /api/v1/status.
func (s *Server) status(ctx context.Context) any {
	now := time.Now()
	out := &text.Status{
		Version: s.config.Version, Now: now.UnixNano(), Started: s.started.UnixNano(),
		Store: s.storeStatus(ctx), Log: s.logStatus(), Sources: map[string]text.SourceStatus{}, Agents: []text.AgentStatus{},
	}
	for _, name := range []string{"APP", "SYS", "NET"} {
		out.Sources[name] = text.SourceStatus{}
	}
	for _, a := range s.ingest.Agents().All() {
		one := text.AgentStatus{
			Name: a.Name, Node: a.Node, Version: a.Version, Boot: a.Boot, Boots: a.Boots, Started: a.Started,
			LastReport: a.LastReport, LastPush: a.LastPush, Alive: now.UnixNano()-max(a.LastReport, a.LastPush) < int64(alive),
			ClockOffset: a.ClockOffset, Sources: map[string]text.SourceStatus{}, Repeated: a.Repeated, Failed: a.Failed,
		}
		for _, b := range a.Blind {
			one.Blind = append(one.Blind, text.Interval(b))
		}
		for name, c := range a.Sources {
			one.Sources[name] = sum(text.SourceStatus{}, c)
			out.Sources[name] = sum(out.Sources[name], c)
		}
		out.Agents = append(out.Agents, one)
	}
	if s.entities != nil {
		out.Entities = text.EntityStatus{File: s.config.Entities, Addresses: s.entities.Len()}
		if err := s.entities.Err(); err != nil {
			out.Entities.Error = err.Error()
		}
	}
	if s.kube != nil {
		for _, k := range s.kube.Status() {
			out.Kubernetes = append(out.Kubernetes, text.ClusterStatus(k))
		}
	}
	return out
}

func sum(t text.SourceStatus, c *ingest.Count) text.SourceStatus {
	t.Seen += c.Seen
	t.Stored += c.Stored
	t.Rejected += c.Rejected
	t.LastSpan = max(t.LastSpan, c.LastSpan)
	return t
}

func (s *Server) storeStatus(ctx context.Context) text.StoreStatus {
	st := text.StoreStatus{State: "ok", Ready: s.backend.since.Load()}
	if e := s.backend.engine; e != nil {
		st.Embedded, st.Restarts, st.PID = true, e.Restarts(), e.PID()
	}
	if why := s.backend.unsafe.Load(); why != nil {
		st.Unsafe = *why
	}
	if err := s.backend.Ready(); err != nil {
		st.State, st.Error = "starting", err.Error()
	} else if err := s.backend.Ping(ctx); err != nil {
		st.State, st.Error = "down", err.Error()
	}
	return st
}

func (s *Server) logStatus() *text.LogStatus {
	if s.log == nil {
		return nil
	}
	l := s.log.Stats()
	n, problem := s.ingest.Journal()
	if err := l.Problem(); err != nil {
		problem = err.Error()
	}
	return &text.LogStatus{Segments: l.Segments, Bytes: l.Bytes, MaxBytes: s.log.maxBytes, Spans: n.Spans, SetAside: n.SetAside,
		Damaged: l.Damaged, Uncounted: n.Uncounted, Folded: n.Folded, Error: problem}
}

// health says why spans cannot be taken or read.
func (s *Server) health(ctx context.Context) error {
	if s.log != nil {
		l := s.log.Stats()
		if err := l.Problem(); err != nil {
			return err
		}
		if l.Bytes >= s.log.maxBytes*95/100 {
			return fmt.Errorf("the log is full, with %d of %d MiB: the store does not take what lies there", l.Bytes>>20, s.log.maxBytes>>20)
		}
	}
	if err := s.backend.Ping(ctx); err != nil {
		return fmt.Errorf("the store does not answer: %w", err)
	}
	return nil
}
