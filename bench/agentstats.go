package main

import (
	"context"
	"encoding/json"

	"github.com/throughline-io/throughline/demo/process"
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
	body, err := process.GetUnix(ctx, socket, "/")
	if err != nil {
		return err
	}
	return json.Unmarshal(body, s)
}

func (s *agentStats) line(stage, source, what string) uint64 {
	for _, l := range s.Ledger {
		if l.Stage == stage && l.Source == source && l.What == what {
			return l.Count
		}
	}
	return 0
}
