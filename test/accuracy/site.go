package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/throughline-io/throughline/demo/mariadb"
	"github.com/throughline-io/throughline/demo/process"
)

// site is where a case runs, with an agent of its own.
type site struct {
	*bed
	c     Case
	dir   string
	group *process.Group
	ctx   context.Context // of the case's start
	agent *agentProcess
}

// open starts the programs of a case.
func (b *bed) open(ctx context.Context, c Case) (s *site, err error) {
	if c.Database {
		if err := b.database(ctx); err != nil {
			return nil, err
		}
	}
	s = &site{bed: b, c: c, dir: b.path(c.Name), ctx: ctx}
	if s.group, err = process.NewGroup(s.dir); err != nil {
		return nil, err
	}
	if err := c.Start(ctx, s); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *site) close() error { return s.group.Close() }

func (s *site) path(name string) string { return s.dir + "/" + name }

// inDir names the case's directory in a text.
func (s *site) inDir(text string) string { return strings.ReplaceAll(text, "DIR", s.dir) }

// run starts a program of the case, which the client asks, or a proxy does.
func (s *site) run(pod, name string, env []string, argv ...string) error {
	return s.runIn(s.ctx, s.group, pod, middlePort, process.Command{Name: name, Env: env, Argv: argv})
}

// runBehind starts one that a proxy in its pod asks.
func (s *site) runBehind(pod, name string, env []string, argv ...string) error {
	return s.runIn(s.ctx, s.group, pod, sidecarPort, process.Command{Name: name, Env: env, Argv: argv})
}

// environment tells the programs of middle/ what to call, and an SDK where spans go: as fast as its batches allow.
func (s *site) environment() []string {
	env := []string{"BACKEND=http://" + s.backend(), "BACKEND_GRPC=" + net.JoinHostPort(s.addr("backend"), grpcPort), fmt.Sprintf("BACKGROUND=%dms", s.background.Milliseconds())}
	if s.c.Database {
		env = append(env, "DATABASE="+s.addr("database"), "DATABASE_PORT="+mariadb.Port)
	}
	if s.c.SDK {
		env = append(env, "OTEL_SERVICE_NAME=middle", "OTEL_TRACES_EXPORTER=otlp", "OTEL_METRICS_EXPORTER=none", "OTEL_LOGS_EXPORTER=none",
			"OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+net.JoinHostPort(spec.NodeAddr(0).String(), "4318"),
			"OTEL_BSP_SCHEDULE_DELAY=500", "OTEL_BSP_MAX_QUEUE_SIZE=65536")
	}
	return env
}

// Loaded is what the client says of its requests.
type Loaded struct {
	Answered, Wrong, Failed int
	Seconds                 float64
	MedianMS                float64 `json:"median_ms"`
	Fault                   string
}

// load makes requests and waits for the answers.
func (s *site) load(ctx context.Context, ids string, requests, connections int, rate float64) (l Loaded, err error) {
	var out bytes.Buffer
	argv := append(s.inPod("client"), s.traffic, "ask", "-addr", net.JoinHostPort(s.addr(s.entry()), middlePort), "-path", s.c.path(), "-ids", ids,
		"-requests", strconv.Itoa(requests), "-connections", strconv.Itoa(connections), "-rate", strconv.FormatFloat(rate, 'f', -1, 64))
	if s.c.Load.traceparent {
		argv = append(argv, "-traceparent")
	}
	if s.c.Load.requestID {
		argv = append(argv, "-request-id")
	}
	if s.c.Load.grpc {
		argv = append(argv, "-grpc")
	}
	p, err := s.group.Start(process.Command{Name: "client", Argv: argv, Stdout: &out})
	if err != nil {
		return l, err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	if err := p.Wait(ctx); err != nil {
		return l, err
	}
	return l, json.Unmarshal(out.Bytes(), &l)
}

func (s *site) entry() string {
	if s.c.Entry != "" {
		return s.c.Entry
	}
	return "middle"
}
