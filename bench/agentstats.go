package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
)

// agentStats is what an agent says of itself, as far as it matters here.
type agentStats struct {
	Ready  bool
	NET    string
	Ledger []struct {
		Stage, Source, What string
		Count               uint64
	}
}

func (s *agentStats) get(ctx context.Context, socket string) error {
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://agent/", nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(s)
}

func (s *agentStats) line(stage, source, what string) uint64 {
	for _, l := range s.Ledger {
		if l.Stage == stage && l.Source == source && l.What == what {
			return l.Count
		}
	}
	return 0
}
