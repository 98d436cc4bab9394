package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
)

var nodeCases = []Case{
	{Name: "node-http", About: "Node, http.request with kept connections", Start: startNode(), Path: "/h/", Short: true},
	{Name: "node-fetch", About: "Node, fetch (undici), mysql2", Start: startNode("mysql2@3"), Database: true},
	{Name: "node-grpc", About: "grpc-js server and client, mysql2", Start: startNodeScript("grpc.js", "mysql2@3", "@grpc/grpc-js@1"), Database: true, Load: byGRPC},
	{Name: "bun", About: "the service of node-fetch in Bun, with its own fetch", Start: startIn("bun", "bun@1", "run"), Database: true},
	{Name: "bun-http", About: "the service of node-http in Bun", Start: startIn("bun", "bun@1", "run"), Path: "/h/"},
	{Name: "deno", About: "the service of node-fetch in Deno, with its own fetch (hyper)", Start: startIn("deno", "deno@2", "run", "--allow-all"), Database: true},
	{Name: "deno-http", About: "the service of node-http in Deno", Start: startIn("deno", "deno@2", "run", "--allow-all"), Path: "/h/"},
	{Name: "node-otel", About: "the same with auto-instrumentations-node and its defaults", Start: startNode("mysql2@3", "@opentelemetry/api@1", "@opentelemetry/auto-instrumentations-node"), Database: true, SDK: true},
}

func startNode(packages ...string) func(context.Context, *site) error {
	return startNodeScript("middle.js", packages...)
}

// startNodeScript starts a service in Node, with packages of npm.
func startNodeScript(name string, packages ...string) func(context.Context, *site) error {
	return func(ctx context.Context, s *site) error {
		if err := apt(ctx, "node", "nodejs"); err != nil {
			return err
		}
		script, err := filepath.Abs(filepath.Join("test/accuracy/middle/node", name))
		if err != nil {
			return err
		}
		env, argv := s.environment(), []string{"node"}
		if len(packages) > 0 {
			dir, err := s.npm(ctx, packages)
			if err != nil {
				return err
			}
			env = append(env, "NODE_PATH="+filepath.Join(dir, "node_modules"))
			if s.c.SDK {
				argv = append(argv, "--require", filepath.Join(dir, "node_modules", "@opentelemetry/auto-instrumentations-node/build/src/register.js"))
			}
		}
		return s.run("middle", "node", env, append(argv, script)...)
	}
}

// startIn starts the service of Node in another runtime of JavaScript, which is a package of npm.
func startIn(program, of string, argv ...string) func(context.Context, *site) error {
	return func(ctx context.Context, s *site) error {
		dir, err := s.npm(ctx, []string{of, "mysql2@3"})
		if err != nil {
			return err
		}
		text, err := os.ReadFile("test/accuracy/middle/node/middle.js")
		if err != nil {
			return err
		}
		script := filepath.Join(dir, "middle.cjs") // beside its packages
		if err := os.WriteFile(script, text, 0o644); err != nil {
			return err
		}
		return s.run("middle", program, s.environment(), append(append([]string{filepath.Join(dir, "node_modules", ".bin", program)}, argv...), script)...)
	}
}

// npm installs packages into a directory of their own.
func (b *bed) npm(ctx context.Context, packages []string) (string, error) {
	return b.kept("node", packages, func(dir string) error {
		if err := apt(ctx, "npm", "npm"); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"private": true}`), 0o644); err != nil {
			return err
		}
		return quietly(ctx, exec.CommandContext(ctx, "npm", append([]string{"install", "--prefix", dir, "--no-audit", "--no-fund"}, packages...)...))
	})
}
