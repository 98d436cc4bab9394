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
	{Name: "go-http-otel", About: "Go net/http with otelhttp, database/sql without", Start: startGo, Database: true, SDK: true},
	{Name: "go-errgroup-otel", About: "Go with otelhttp, three calls at once", Start: startGo, Path: "/g/", Calls: 3, SDK: true},
}

func startGo(ctx context.Context, s *site) error {
	program, err := s.goProgram(ctx, "./test/accuracy/middle/go")
	if err != nil {
		return err
	}
	return s.run("middle", "go", s.environment(), program)
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
