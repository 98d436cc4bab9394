package agent

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
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
	Failed  []string   `json:"failed"`  // which of these parts do not work, and why
	Limited []string   `json:"limited"` // what does not do all it could, and what it lacks
	TLS     TLS        `json:"tls"`
	Ledger  []Line     `json:"ledger"`
	Blind   []Interval `json:"blind"` // before this run
}

// TLS is what is seen of what processes say inside of TLS.
type TLS struct {
	Read   []string `json:"read"`   // libraries whose calls are seen, and how many processes use each
	Unread []string `json:"unread"` // programs that speak TLS which is not seen, and why
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
	capture    *sys.Capture // nil: of no system calls
	sysHooks   string
	netCapture string
	ready      bool
	limits     []string
	blind      []Interval
}

// failed are the parts that were asked for and do not work. The state's lock is held.
func (a *agent) failed() (list []string) {
	for _, part := range []struct{ name, state string }{{"SYS", a.state.sysHooks}, {"NET", a.state.netCapture}} {
		if why, yes := strings.CutPrefix(part.state, failedBecause); yes {
			list = append(list, part.name+": "+why)
		}
	}
	if err := a.receivers.failed(); err != nil {
		list = append(list, strings.Split(err.Error(), "\n")...)
	}
	if err := a.output.Problem(); err != nil {
		list = append(list, "log on disk: "+err.Error())
	}
	return list
}

// idle is why an agent of which no part works has nothing to do; nil: one works.
func (a *agent) idle() error {
	a.state.mu.Lock()
	defer a.state.mu.Unlock()
	if a.sources.sys != nil || a.sources.net != nil || len(a.receivers.listening()) > 0 {
		return nil
	}
	if failed := a.failed(); len(failed) > 0 {
		return errors.New(strings.Join(failed, "; "))
	}
	return nil
}

const (
	failedBecause = "failed: "
	offByGroup    = "off, by the agent group"
)

func (s *state) sys(c *sys.Capture, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.sysHooks = failedBecause + err.Error()
		return
	}
	s.capture, s.sysHooks = c, c.Hooks()
}

func (s *state) net(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.netCapture = "on"; err != nil {
		s.netCapture = failedBecause + err.Error()
	}
}

func (s *state) limit(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits = append(s.limits, what)
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
	s := Stats{Agent: a.config.Name, Node: a.config.Node, Version: a.config.Version, Boot: a.identity.boot, Started: a.started, SYS: "off", NET: "off", OTLP: []string{}, Ledger: []Line{}, Blind: []Interval{}, Failed: []string{}, Limited: []string{}, TLS: TLS{[]string{}, []string{}}}
	for _, r := range a.ledger.Rows() {
		s.Ledger = append(s.Ledger, Line{r.Stage, r.Source, r.What, r.Count})
	}
	for _, l := range a.receivers.listening() {
		s.OTLP = append(s.OTLP, l.Addr().String())
	}
	a.state.mu.Lock()
	defer a.state.mu.Unlock()
	if a.state.capture != nil {
		read, unread := a.state.capture.TLSOf()
		s.TLS.Read, s.TLS.Unread = append(s.TLS.Read, read...), append(s.TLS.Unread, unread...)
	}
	if a.state.sysHooks != "" {
		s.SYS = a.state.sysHooks
	}
	if a.state.netCapture != "" {
		s.NET = a.state.netCapture
	}
	works := func(state string) bool { return state != "" && !strings.HasPrefix(state, failedBecause) }
	if works(a.state.sysHooks) && a.sources.muteSYS.Load() {
		s.SYS = offByGroup
	}
	if works(a.state.netCapture) && a.sources.muteNET.Load() {
		s.NET = offByGroup
	}
	s.Failed = append(s.Failed, a.failed()...)
	s.Limited = append(s.Limited, a.state.limits...)
	s.Ready = a.state.ready && len(s.Failed) == 0
	s.Blind = append(s.Blind, a.state.blind...)
	return s
}

// serveStats answers every GET with the agent's Stats until ctx is done.
func (a *agent) serveStats(ctx context.Context) error {
	if a.config.Stats == "" {
		return nil
	}
	_, err := a.serveLocal(ctx, a.config.Stats, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(a.stats()) //nolint:errcheck // who asked is gone
	}))
	return err
}

// serveLocal answers at an address of the agent's own network namespace until ctx is done.
func (a *agent) serveLocal(ctx context.Context, address string, handler http.Handler) (net.Addr, error) {
	l, err := listenLocal(ctx, address)
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, WriteTimeout: 2 * time.Minute}
	context.AfterFunc(ctx, func() { server.Close() })
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			a.config.Log.Error("nobody is answered here any more", "address", address, "error", err)
		}
	}()
	return l.Addr(), nil
}
