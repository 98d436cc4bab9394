package main

import (
	"context"
	"fmt"
	"os/exec"
)

var goCases = []Case{
	{Name: "go-http", About: "Go net/http handler and client, database/sql", Start: startGo, Database: true, Short: true},
	{Name: "go-errgroup", About: "Go, three calls at once by errgroup", Start: startGo, Path: "/g/", Calls: 3},
	{Name: "go-worker", About: "Go, 8 workers behind a channel", Start: startGo, Path: "/p/", Database: true},
	{Name: "go-grpc", About: "grpc-go server and client, database/sql", Start: startGo, Database: true, Load: byGRPC, Short: true, ShortAt: "1,16"},
	{Name: "go-grpc-http", About: "grpc-go server; net/http client, database/sql", Start: startGo, Path: "/h/", Database: true, Load: byGRPC},
	{Name: "go-grpc-client", About: "Go net/http handler; grpc-go client, database/sql", Start: startGo, Path: "/r/", Database: true},
	{Name: "go-http-otel", About: "Go net/http with otelhttp, database/sql without", Start: startGo, Database: true, SDK: true},
	{Name: "go-errgroup-otel", About: "Go with otelhttp, three calls at once", Start: startGo, Path: "/g/", Calls: 3, SDK: true},
}

// byGRPC: the client calls by gRPC, all its requests by one connection.
var byGRPC = loadOptions{grpc: true}

func startGo(ctx context.Context, s *site) error {
	program, err := s.goProgram(ctx, "./test/accuracy/middle/go")
	if err != nil {
		return err
	}
	argv := []string{program}
	if s.c.Load.grpc {
		argv = append(argv, "grpc")
	}
	return s.run("middle", "go", s.environment(), argv...)
}

// goProgram builds a program of the repository, once a run.
func (b *bed) goProgram(ctx context.Context, pkg string) (string, error) {
	return b.once(pkg, func() (string, error) {
		out := b.path("program-" + fmt.Sprint(len(b.installed)))
		text, err := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", out, pkg).CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("build %s: %w\n%s", pkg, err, text)
		}
		return out, nil
	})
}
