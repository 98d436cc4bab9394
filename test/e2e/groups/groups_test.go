package groups

import (
	"flag"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var full = flag.Bool("full", false, "a hundred agents, and more changes")

const (
	firstPort = 38086
	service   = "groups"
	config    = "external_agent_http_proxy_enabled: 1\nexternal_agent_http_proxy_port: %d\n"
)

// A change reaches every agent of the group and moves its receiver while clients send, and each span that was
// sent is in the store, once.
func TestReceiversOfAllAgentsMoveUnderLoad(t *testing.T) {
	t.Parallel()
	agents, moves, every, rest := 10, 3, 20*time.Millisecond, time.Duration(0)
	if *full {
		agents, moves, every, rest = 100, 10, 500*time.Millisecond, 2*time.Second
	}
	b := newBed(t, agents)
	b.await(t, "the server knows its groups", func() bool { _, err := b.call(http.MethodGet, "/api/v1/agent-groups", ""); return err == nil })
	b.await(t, "all agents are connected", func() bool { return b.inForce(t, 0, firstPort) == agents })
	l := newLoad(b, firstPort, every)
	method := http.MethodPost
	var took []time.Duration
	for version := 1; version <= moves; version++ {
		port := firstPort + version
		more := l.acknowledged.Load() + int64(3*agents) // there is load before, at and behind each change
		b.await(t, "requests are acknowledged", func() bool { return l.acknowledged.Load() >= more })
		began := time.Now()
		if _, err := b.call(method, "/api/v1/agent-groups/default/config", fmt.Sprintf(config, port)); err != nil {
			t.Fatal(err)
		}
		b.await(t, fmt.Sprintf("version %d is in force everywhere", version), func() bool { return b.inForce(t, uint64(version), port) == agents })
		took = append(took, time.Since(began))
		l.port.Store(int64(port))
		method = http.MethodPut
		time.Sleep(rest) // for the figures: the next change meets agents at rest
	}
	if *full { // until the addresses before are closed, and those who stayed there have gone
		b.await(t, "the addresses before are closed", func() bool {
			all, err := b.list()
			if err != nil {
				return false
			}
			for _, a := range all.Agents {
				if a.Receivers[2].Leaving != "" {
					return false
				}
			}
			return true
		})
	}
	l.end()
	for i, err := range l.lost {
		if i < 10 {
			t.Error(err)
		}
	}
	sent := l.acknowledged.Load() * perRequest
	count := func(what string) int64 {
		answer, err := b.call(http.MethodPost, "/clickhouse/?database=throughline", "SELECT "+what+" FROM spans WHERE service = '"+service+"'")
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(answer)), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	b.await(t, "the store has what was acknowledged", func() bool { return count("uniqExact(trace_id, span_id)") >= sent })
	if stored, rows := count("uniqExact(trace_id, span_id)"), count("count()"); stored != sent || rows != sent {
		t.Errorf("%d spans were acknowledged, %d are stored, in %d rows", sent, stored, rows)
	}
	slices.Sort(took)
	t.Logf("%d agents, %d changes: in force everywhere after %v (median), %v (longest); %d spans sent meanwhile, %d requests not answered, %d connections refused",
		agents, moves, took[len(took)/2].Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond), sent, len(l.lost), l.refused.Load())
}
