package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/throughline-io/throughline/demo/process"
)

const (
	tlsRounds   = 3
	tlsBursts   = 3 // in a round, behind the first, which is not counted
	tlsRequests = 8_000
)

// lookAtTLS is how an agent is started: not at all, without looking into TLS, and with that.
type lookAtTLS struct {
	name        string
	agent, into bool
	flags       []string
}

var looksAtTLS = []lookAtTLS{
	{name: "no agent"},
	{"system calls", true, false, []string{"--sys-tls=false"}},
	{"inside of TLS", true, true, []string{"--sys-tls=true"}},
}

// askedByTLS is what a server's requests cost under one of these. The best burst is told, which was disturbed least.
type askedByTLS struct {
	rate   float64 // requests/s
	server float64 // its CPU, µs per request
	agent  float64 // the agent's
	moved  float64 // calls of the library per request that moved bytes
	seen   float64 // requests of which the agent made a span, of all, in the worst round
}

// inTLS measures what it costs a server of HTTPS to be looked at, its client not being looked at: nginx with a file, by OpenSSL, and a
// service in Go. Rounds without an agent and with one take turns.
func inTLS(ctx context.Context, o options) error {
	s, err := startSecured()
	if err != nil {
		return err
	}
	defer s.close()
	table := map[string][]askedByTLS{}
	for _, v := range s.servers {
		for range looksAtTLS {
			table[v.name] = append(table[v.name], askedByTLS{server: math.Inf(1), agent: math.Inf(1), seen: 1})
		}
	}
	for range tlsRounds {
		for i, look := range looksAtTLS {
			if err := s.round(ctx, o.bin, look, func(v secured) *askedByTLS { return &table[v.name][i] }); err != nil {
				return fmt.Errorf("%s: %w", look.name, err)
			}
		}
	}
	fmt.Printf("\ntls: requests of HTTPS by %d connections, the client not looked at, NET off; the best of %d bursts of %d each; %s\n", captureConnections, tlsRounds*tlsBursts, tlsRequests, load1())
	for _, v := range s.servers {
		fmt.Printf("  %s\n", v.name)
		none, calls := table[v.name][0], table[v.name][1]
		for i, look := range looksAtTLS {
			a := table[v.name][i]
			fmt.Printf("    %-14s %7.0f requests/s  %5.1f %%  server's CPU %6.1f µs a request, %+5.1f %%", look.name, a.rate, 100*a.rate/none.rate, a.server, 100*(a.server/none.server-1))
			if look.agent {
				fmt.Printf("  agent's %5.1f µs", a.agent)
			}
			if a.moved > 0 {
				fmt.Printf("  %.0f ns added to each of %.1f calls that move bytes, beside system calls; %.1f %% of the requests seen", 1e3*(a.server-calls.server)/a.moved, a.moved, 100*a.seen)
			}
			fmt.Println()
		}
	}
	return nil
}

// round measures each server once under a look.
func (s *securedBed) round(ctx context.Context, bin string, look lookAtTLS, of func(secured) *askedByTLS) error {
	agent := func() (time.Duration, error) { return 0, nil }
	var b *bed
	if look.agent {
		var pid int
		var err error
		if b, pid, err = newCapturing(ctx, bin, s.lab, false, append([]string{"--net", "off"}, look.flags...)...); err != nil {
			return err
		}
		defer b.close()
		agent = func() (time.Duration, error) { return process.RunTime(pid) }
	}
	for _, v := range s.servers {
		if err := s.warm(ctx, b, look, v); err != nil {
			return err
		}
		a := of(v)
		for range tlsBursts {
			if err := s.burst(ctx, b, v, agent, a); err != nil {
				return err
			}
		}
	}
	return nil
}

// burst asks a server, and keeps what is best.
func (s *securedBed) burst(ctx context.Context, b *bed, v secured, agent func() (time.Duration, error), a *askedByTLS) error {
	var stats, after agentStats
	if b != nil {
		if err := stats.get(ctx, b.stats); err != nil {
			return err
		}
	}
	server, err := process.RunTime(v.pid)
	if err != nil {
		return err
	}
	its, err := agent()
	if err != nil {
		return err
	}
	began := time.Now()
	if err := s.client.do(s.job(v), nil); err != nil {
		return err
	}
	took := time.Since(began).Seconds()
	serverAfter, err := process.RunTime(v.pid)
	if err != nil {
		return err
	}
	a.rate = max(a.rate, tlsRequests/took)
	a.server = min(a.server, float64(serverAfter-server)/1e3/tlsRequests)
	if b == nil {
		return nil
	}
	if err := b.settled(ctx, agentIdle); err != nil {
		return err
	}
	itsAfter, err := agent()
	if err != nil {
		return err
	}
	if err := b.settled(ctx, agentCounts); err != nil {
		return err
	}
	if err := after.get(ctx, b.stats); err != nil {
		return err
	}
	a.agent = min(a.agent, float64(itsAfter-its)/1e3/tlsRequests)
	since := func(stage, what string) float64 {
		return float64(after.line(stage, "SYS", what) - stats.line(stage, "SYS", what))
	}
	if moved := since("tls", "calls in"); moved > 0 {
		a.moved = moved / tlsRequests
		a.seen = min(a.seen, since("sys", "out")/tlsRequests)
	}
	return nil
}

// warm asks, until a library that is looked into has probes.
func (s *securedBed) warm(ctx context.Context, b *bed, look lookAtTLS, v secured) error {
	job := s.job(v)
	job.Requests /= 8
	for {
		if err := s.client.do(job, nil); err != nil || !look.into {
			return err
		}
		before := agentStats{}
		if err := before.get(ctx, b.stats); err != nil {
			return err
		}
		if err := s.client.do(job, nil); err != nil {
			return err
		}
		if err := b.settled(ctx, agentCounts); err != nil {
			return err
		}
		after := agentStats{}
		if err := after.get(ctx, b.stats); err != nil {
			return err
		}
		if after.line("sys", "SYS", "out") > before.line("sys", "SYS", "out") {
			return nil
		}
	}
}

// How often an agent is asked in vain for more, every tenth of a second, until it has told all that it saw, and until it has
// told what the kernel counted, which it does once a second.
const agentIdle, agentCounts = 3, 12

// settled waits until what an agent says of itself has stayed the same so often.
func (b *bed) settled(ctx context.Context, often int) error {
	last, still := uint64(0), 0
	return b.await(ctx, func(s *agentStats) bool {
		in := s.line("sys", "SYS", "calls in") + s.line("sys", "SYS", "out") + s.line("export", "SYS", "out")
		if still++; in != last {
			last, still = in, 0
		}
		return still >= often
	})
}
