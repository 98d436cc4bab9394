package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
)

const pythonDir = "test/accuracy/middle/python"

var pythonCases = []Case{
	{Name: "py-threads", About: "Python http.server, a thread for each connection; requests, PyMySQL", Start: python("wsgi.py"), Database: true, Share: 0.5},
	{Name: "py-gunicorn-sync", About: "gunicorn, 4 processes; requests, PyMySQL", Start: gunicorn("-k", "sync", "-w", "4"), Database: true, Share: 0.5},
	{Name: "py-gunicorn-gthread", About: "gunicorn, 2 processes with 16 threads; requests, PyMySQL", Start: gunicorn("-k", "gthread", "-w", "2", "--threads", "16"), Database: true, Share: 0.5, Short: true},
	{Name: "py-pool", About: "gunicorn with threads, calls by a ThreadPoolExecutor", Start: gunicorn("-k", "gthread", "-w", "1", "--threads", "16"), Path: "/p/", Database: true, Share: 0.5},
	{Name: "py-aiohttp", About: "asyncio: aiohttp server and client, aiomysql", Start: python("aio.py"), Database: true, Share: 0.5, Short: true},
}

// python starts a script.
func python(script string) func(context.Context, *site) error {
	return func(ctx context.Context, s *site) error {
		return startPython(ctx, s, "python", filepath.Join(pythonDir, script))
	}
}

func gunicorn(flags ...string) func(context.Context, *site) error {
	argv := append([]string{"gunicorn", "--bind", "0.0.0.0:8080", "--keep-alive", "30", "--timeout", "60", "--backlog", "256"}, flags...)
	return func(ctx context.Context, s *site) error { return startPython(ctx, s, append(argv, "wsgi:app")...) }
}

// startPython starts a program of the virtual environment.
func startPython(ctx context.Context, s *site, argv ...string) error {
	venv, err := s.virtualEnvironment(ctx, filepath.Join(pythonDir, "requirements.txt"))
	if err != nil {
		return err
	}
	sources, err := filepath.Abs(pythonDir)
	if err != nil {
		return err
	}
	argv[0] = filepath.Join(venv, "bin", argv[0])
	if len(argv) == 2 {
		argv[1] = filepath.Join(sources, filepath.Base(argv[1]))
	}
	return s.run("middle", "python", append(s.environment(), "PYTHONPATH="+sources, "PYTHONDONTWRITEBYTECODE=1"), argv...)
}

// virtualEnvironment has the packages that a file names.
func (b *bed) virtualEnvironment(ctx context.Context, requirements string) (string, error) {
	text, err := os.ReadFile(requirements)
	if err != nil {
		return "", err
	}
	return b.kept("python", []string{string(text)}, func(dir string) error {
		if err := quietly(ctx, exec.CommandContext(ctx, "python3", "-m", "venv", dir)); err != nil {
			if err := apt(ctx, "", "python3-venv"); err != nil { // Debian has it apart
				return err
			}
			if err := quietly(ctx, exec.CommandContext(ctx, "python3", "-m", "venv", "--clear", dir)); err != nil {
				return err
			}
		}
		return quietly(ctx, exec.CommandContext(ctx, filepath.Join(dir, "bin", "pip"), "install", "-q", "-r", requirements))
	})
}
