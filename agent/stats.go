package agent

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/throughline-io/throughline/agent/sys"
)

// Stats is what an agent tells about itself.
type Stats struct {
	Agent   string     `json:"agent"`
	Node    string     `json:"node"`
	Version string     `json:"version"`
	Boot    uint64     `json:"boot,string"`
	Started time.Time  `json:"started"`
	Ready   bool       `json:"ready"` // all that is to be seen is seen
	SYS     string     `json:"sys"`   // the hooks in use, "off", or why there are none
	NET     string     `json:"net"`   // "on", "off", or why there are none
	OTLP    []string   `json:"otlp"`
	Ledger  []Line     `json:"ledger"`
	Blind   []Interval `json:"blind"` // before this run
}

// Line is a line of the ledger.
type Line struct {
	Stage  string `json:"stage"`
	Source string `json:"source,omitempty"`
	What   string `json:"what"`
	Count  uint64 `json:"count"`
}

// state is what changes after the start.
type state struct {
	mu         sync.Mutex
	sysHooks   string
	netCapture string
	ready      bool
	blind      []Interval
}

func (s *state) sys(c *sys.Capture, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.sysHooks = "failed: " + err.Error()
		return
	}
	s.sysHooks = string(c.Variant())
}

func (s *state) net(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.netCapture = "on"; err != nil {
		s.netCapture = "failed: " + err.Error()
	}
}

func (s *state) seeing() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ready = true
}

func (a *agent) blind() []Interval {
	a.state.mu.Lock()
	defer a.state.mu.Unlock()
	return a.state.blind
}

func (a *agent) stats() Stats {
	s := Stats{Agent: a.config.Name, Node: a.config.Node, Version: a.config.Version, Boot: a.identity.boot, Started: a.started, SYS: "off", NET: "off", OTLP: []string{}, Ledger: []Line{}, Blind: []Interval{}}
	for _, r := range a.ledger.Rows() {
		s.Ledger = append(s.Ledger, Line{r.Stage, r.Source, r.What, r.Count})
	}
	for _, l := range a.receivers.listeners {
		s.OTLP = append(s.OTLP, l.Addr().String())
	}
	a.state.mu.Lock()
	defer a.state.mu.Unlock()
	if a.state.sysHooks != "" {
		s.SYS = a.state.sysHooks
	}
	if a.state.netCapture != "" {
		s.NET = a.state.netCapture
	}
	s.Ready = a.state.ready
	s.Blind = append(s.Blind, a.state.blind...)
	return s
}

// serveStats answers every GET with the agent's Stats until ctx is done.
func (a *agent) serveStats(ctx context.Context) error {
	if a.config.Stats == "" {
		return nil
	}
	l, err := listenLocal(ctx, a.config.Stats)
	if err != nil {
		return err
	}
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(a.stats()) //nolint:errcheck // who asked is gone
	})}
	context.AfterFunc(ctx, func() { server.Close() })
	go server.Serve(l) //nolint:errcheck // it ends with ctx
	return nil
}
