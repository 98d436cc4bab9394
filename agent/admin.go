package agent

import (
	"context"
	"fmt"
	"net/http"
	"net/http/pprof"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// serveAdmin answers for those who watch over the agent: /metrics, /healthz (it runs), /readyz (all that
// was asked for works), and /debug/pprof/ where it is asked for.
func (a *agent) serveAdmin(ctx context.Context) error {
	if a.config.Admin == "" {
		return nil
	}
	at, err := a.serveLocal(ctx, a.config.Admin, a.admin())
	if err != nil {
		return err
	}
	a.config.Log.Info("metrics and health", "address", at.String())
	return nil
}

func (a *agent) admin() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(ledgerCollector{a}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "the agent runs") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		switch s := a.stats(); {
		case s.Ready:
			fmt.Fprintln(w, "all that was asked for works")
		case len(s.Failed) > 0:
			http.Error(w, strings.Join(s.Failed, "\n"), http.StatusServiceUnavailable)
		default:
			http.Error(w, "the agent starts", http.StatusServiceUnavailable)
		}
	})
	if a.config.Pprof {
		mux.HandleFunc("/debug/pprof/", pprof.Index)
		mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
		mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	}
	return mux
}

// ledgerCollector gives the ledger and the state of the parts as Prometheus metrics.
type ledgerCollector struct{ agent *agent }

var (
	ledgerTotal = prometheus.NewDesc("throughline_agent_ledger_total", "What came in, went on and was lost since the start, by stage, source and reason.", []string{"stage", "source", "what"}, nil)
	partUp      = prometheus.NewDesc("throughline_agent_part_up", "Whether a part that was asked for works.", []string{"part"}, nil)
	isReady     = prometheus.NewDesc("throughline_agent_ready", "Whether all that was asked for works.", nil, nil)
)

// Describe is of prometheus.Collector.
func (c ledgerCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{ledgerTotal, partUp, isReady} {
		to <- d
	}
}

// Collect is of prometheus.Collector.
func (c ledgerCollector) Collect(to chan<- prometheus.Metric) {
	s := c.agent.stats()
	for _, l := range s.Ledger {
		to <- prometheus.MustNewConstMetric(ledgerTotal, prometheus.CounterValue, float64(l.Count), l.Stage, l.Source, l.What)
	}
	gauge := func(d *prometheus.Desc, is bool, labels ...string) {
		v := 0.0
		if is {
			v = 1
		}
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(isReady, s.Ready)
	for name, state := range map[string]string{"SYS": s.SYS, "NET": s.NET} {
		if state != "off" {
			gauge(partUp, !strings.HasPrefix(state, failedBecause), name)
		}
	}
	c.agent.receivers.mu.Lock()
	defer c.agent.receivers.mu.Unlock()
	for _, l := range c.agent.receivers.all {
		gauge(partUp, l.Listener != nil, l.name)
	}
}
