package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/throughline-io/throughline/demo/lab"
	"github.com/throughline-io/throughline/demo/process"
)

const (
	captureRounds      = 3
	captureBursts      = 6 // in a round; the least of all was disturbed least
	captureRequests    = 5_000
	captureConnections = 16
)

// captured is what one build of the agent costs.
type captured struct {
	bin     string
	request float64            // CPU µs of the agent for a request that it saw
	get     float64            // the same for a GET of Redis; infinite: it sees none
	lost    float64            // share of the requests that it did not see, in the worst round
	calls   map[string]float64 // CPU ns of a system call, by callKinds
}

func (c *captured) least(kind string, ns float64) {
	if least, ok := c.calls[kind]; !ok || ns < least {
		c.calls[kind] = ns
	}
}

// capture measures what it costs to look at requests and at system calls: the agent, which sees each
// HTTP request at the system calls of both ends and in the packets of both pods' interfaces; and what
// its hooks add to a call, beside the same without an agent. Builds take turns.
func capture(ctx context.Context, o options) error {
	s, err := startService("tlbench-")
	if err != nil {
		return err
	}
	defer s.close()
	caller, err := startRole("call", s.lab.PodNetns("client"))
	if err != nil {
		return err
	}
	defer caller.end()
	job := askJob{URL: s.url, Requests: captureRequests, Connections: captureConnections}

	cached, err := startCache(s.lab)
	if err != nil {
		return err
	}
	defer cached.close()
	asked := []asked{{s.client, job}, {cached.client, askJob{URL: cached.address, Requests: captureRequests, Connections: captureConnections}}}

	without := &captured{calls: map[string]float64{}}
	builds := []*captured{{bin: o.bin, request: math.Inf(1), get: math.Inf(1), calls: map[string]float64{}}}
	if o.beside != "" {
		builds = append([]*captured{{bin: o.beside, request: math.Inf(1), get: math.Inf(1), calls: map[string]float64{}}}, builds...)
	}
	for range captureRounds {
		if err := callAll(caller, without); err != nil {
			return err
		}
		for _, b := range builds {
			if err := b.round(ctx, s.lab, asked, caller, o.profileOf(b.bin)); err != nil {
				return fmt.Errorf("%s: %w", b.bin, err)
			}
		}
	}
	printCaptured(without, builds)
	return nil
}

// asked is a program that asks, and what for.
type asked struct {
	client *roleProgram
	job    askJob
}

// round measures once with an agent of its own: HTTP, then Redis.
func (c *captured) round(ctx context.Context, l *lab.Lab, asked []asked, caller *roleProgram, profile string) error {
	b, agent, err := newCapturing(ctx, c.bin, l, profile != "")
	if err != nil {
		return err
	}
	defer b.close()
	profiled := make(chan error, 1)
	go func() { profiled <- b.profile(ctx, profile) }()
	seen := 0.0
	for i, least := range []*float64{&c.request, &c.get} {
		lost, err := b.bursts(ctx, agent, asked[i], &seen, least)
		if err != nil {
			return err
		}
		if i == 0 {
			c.lost = max(c.lost, lost)
		}
	}
	if err := <-profiled; err != nil {
		return err
	}
	return callAll(caller, c)
}

// bursts measures what an agent spends on a request, and says which share of a burst it did not see. seen are the
// requests before.
func (b *bed) bursts(ctx context.Context, agent int, a asked, seen, least *float64) (lost float64, err error) {
	for burst := range captureBursts + 1 {
		before, err := process.RunTime(agent)
		if err != nil {
			return lost, err
		}
		if err := a.client.do(a.job, nil); err != nil {
			return lost, err
		}
		now, err := b.exported(ctx, *seen+float64(a.job.Requests))
		if err != nil {
			return lost, err
		}
		after, err := process.RunTime(agent)
		if err != nil {
			return lost, err
		}
		if now == *seen {
			return 1, nil // a protocol that it does not read
		}
		if burst > 0 { // behind what happens once
			*least = min(*least, float64(after-before)/1e3/(now-*seen))
			lost = max(lost, 1-(now-*seen)/float64(a.job.Requests))
		}
		*seen = now
	}
	return lost, nil
}

// newCapturing starts a server and an agent that looks at a lab's node, with more flags.
func newCapturing(ctx context.Context, bin string, l *lab.Lab, profile bool, more ...string) (b *bed, agent int, err error) {
	if b, err = newBed(ctx, bin, false); err != nil {
		return nil, 0, err
	}
	b.stats = filepath.Join(b.dir, "stats.sock")
	argv := []string{filepath.Join(bin, "throughline"), "agent", "--node", "bench", "--server", b.grpc, "--netns", lab.NetnsPath(l.NodeNetns(0)),
		"--otlp-http", "", "--otlp-grpc", "", "--otlp-native", "", "--stats", "unix://" + b.stats}
	argv = append(argv, more...)
	if profile {
		ports, err := freePorts(1)
		if err != nil {
			return nil, 0, err
		}
		b.admin = fmt.Sprintf("127.0.0.1:%d", ports[0])
		argv = append(argv, "--admin", b.admin, "--pprof")
	}
	p, err := start(b.dir, "agent", argv...)
	if err != nil {
		b.close()
		return nil, 0, err
	}
	b.programs = append(b.programs, p)
	if err := b.await(ctx, func(s *agentStats) bool { return s.Ready && (s.NET == "on" || slices.Contains(more, "--net")) }); err != nil {
		log, _ := os.ReadFile(p.log)
		b.close()
		return nil, 0, fmt.Errorf("%w; the agent said:\n%s", err, log)
	}
	return b, p.pid(), nil
}

// profileOf is where the profile of a build goes, "" for nowhere.
func (o options) profileOf(bin string) string {
	if bin == o.bin {
		return o.profile
	}
	return "" // an older agent gives none
}

// profile writes a profile of the agent's next seconds.
func (b *bed) profile(ctx context.Context, path string) error {
	if path == "" {
		return nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+b.admin+"/debug/pprof/profile?seconds=5", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(f, resp.Body)
	return err
}

// exported waits until the server has what the agent saw of so many requests, or all that it will see,
// and says of how many that was: each gives a span at both ends and at both interfaces.
func (b *bed) exported(ctx context.Context, want float64) (requests float64, err error) {
	last, still := uint64(0), 0
	err = b.await(ctx, func(s *agentStats) bool {
		in := s.line("export", "SYS", "in") + s.line("export", "NET", "in")
		if still++; in != last {
			last, still = in, 0
		}
		return (float64(in) >= 4*want || still > 20) && s.line("export", "SYS", "out")+s.line("export", "NET", "out") == in
	})
	return float64(last) / 4, err
}

// await waits until an agent says something of itself.
func (b *bed) await(ctx context.Context, there func(*agentStats) bool) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var s agentStats
	for {
		s = agentStats{}
		if err := s.get(ctx, b.stats); err == nil && there(&s) {
			return nil
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return fmt.Errorf("the agent is not as far: %v", s.Ledger)
		}
	}
}

func printCaptured(without *captured, builds []*captured) {
	fmt.Printf("\ncapture: HTTP requests by %d connections, seen at both ends and at both veths; the least of %d bursts of %d; %s\n", captureConnections, captureRounds*captureBursts, captureRequests, load1())
	of := func(name string, value func(*captured) float64, unit string) {
		fmt.Printf("  %-50s", name)
		for _, b := range builds {
			fmt.Printf("  %*s %s", max(8, len(b.bin)-3), strconv.FormatFloat(value(b), 'f', 1, 64), unit)
		}
		if len(builds) == 2 { // beside the older one
			fmt.Printf("  %4.0f %%", 100*value(builds[1])/value(builds[0]))
		}
		fmt.Println()
	}
	fmt.Printf("  %-50s", "build")
	for _, b := range builds {
		fmt.Printf("  %11s", b.bin)
	}
	fmt.Println()
	of("agent's CPU per request", func(c *captured) float64 { return c.request }, "µs")
	of("agent's CPU per GET of Redis", func(c *captured) float64 { return c.get }, "µs")
	of("  of that of a request", func(c *captured) float64 { return 100 * c.get / c.request }, "%")
	for _, b := range builds {
		fmt.Printf("  %s did not see %.1f %% of the requests, in the worst burst\n", b.bin, 100*b.lost)
	}
	for _, k := range callKinds {
		alone := without.calls[k.name]
		of(fmt.Sprintf("added to %s (%.0f ns)", k.name, alone), func(c *captured) float64 { return c.calls[k.name] - alone }, "ns")
	}
}
