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
	{Name: "py-waitress", About: "waitress, a thread that reads and 16 that work; requests, PyMySQL", Start: waitress, Database: true, Share: 0.5},
	{Name: "py-granian-wsgi", About: "Granian (tokio) and 16 threads of Python; requests, PyMySQL", Start: granian("wsgi", "wsgi:app"), Database: true, Share: 0.5},
	{Name: "py-granian-asgi", About: "FastAPI on Granian (tokio, asyncio); aiohttp, aiomysql", Start: granian("asgi", "asgi:app"), Path: "/h/", Database: true, Share: 0.5},
	{Name: "py-hypercorn", About: "FastAPI on Hypercorn (asyncio); aiohttp, aiomysql", Start: hypercorn, Path: "/h/", Database: true, Share: 0.5},
	{Name: "py-fork", About: "Python http.server, a process for each connection; requests, PyMySQL", Start: python("forking.py"), Database: true, Share: 0.5},
	{Name: "py-gunicorn-sync", About: "gunicorn, 4 processes; requests, PyMySQL", Start: gunicorn("-k", "sync", "-w", "4"), Database: true, Share: 0.5},
	{Name: "py-gunicorn-gthread", About: "gunicorn, 2 processes with 16 threads; requests, PyMySQL", Start: gunicorn("-k", "gthread", "-w", "2", "--threads", "16"), Database: true, Share: 0.5, Short: true},
	{Name: "py-gevent", About: "gunicorn with gevent; requests, PyMySQL", Start: gunicorn("-k", "gevent", "-w", "1"), Database: true, Share: 0.5},
	{Name: "py-pool", About: "gunicorn with threads, calls by a ThreadPoolExecutor", Start: gunicorn("-k", "gthread", "-w", "1", "--threads", "16"), Path: "/p/", Database: true, Share: 0.5},
	{Name: "py-aiohttp", About: "asyncio: aiohttp server and client, aiomysql", Start: python("aio.py"), Database: true, Share: 0.5, Short: true},
	{Name: "py-uvicorn-httpx", About: "FastAPI on uvicorn's asyncio; httpx, aiomysql", Start: uvicorn("asyncio"), Database: true, Share: 0.5},
	{Name: "py-uvicorn-aiohttp", About: "the same; aiohttp, aiomysql", Start: uvicorn("asyncio"), Path: "/h/", Database: true, Share: 0.5},
	{Name: "py-uvloop", About: "FastAPI on uvloop; aiohttp, aiomysql", Start: uvicorn("uvloop"), Path: "/h/", Database: true, Share: 0.5},
	{Name: "py-uvicorn-def", About: "FastAPI, handlers in a thread pool; requests", Start: uvicorn("asyncio"), Path: "/t/", Share: 0.5},
	{Name: "py-grpc", About: "grpcio server, 16 threads; grpcio client, PyMySQL", Start: python("grpcs.py"), Database: true, Share: 0.5, Load: byGRPC},
	{Name: "py-flask-otel", About: "Flask in gunicorn with threads, OpenTelemetry's distribution; requests, PyMySQL", Start: gunicornApp("flaskapp:app", "-k", "gthread", "-w", "1", "--threads", "16"), Database: true, Share: 0.25, SDK: true},
	{Name: "py-client-only-otel", About: "the same without Flask: nothing instruments the server", Start: gunicorn("-k", "gthread", "-w", "1", "--threads", "16"), Database: true, Share: 0.25, SDK: true},
	{Name: "py-uvicorn-otel", About: "py-uvicorn-httpx with OpenTelemetry's distribution", Start: uvicorn("asyncio"), Database: true, Share: 0.25, SDK: true},
}

// python starts a script.
func python(script string) func(context.Context, *site) error {
	return func(ctx context.Context, s *site) error {
		path, err := filepath.Abs(filepath.Join(pythonDir, script))
		if err != nil {
			return err
		}
		return startPython(ctx, s, s.run, "python", path)
	}
}

func gunicorn(flags ...string) func(context.Context, *site) error {
	return gunicornApp("wsgi:app", flags...)
}

func gunicornApp(app string, flags ...string) func(context.Context, *site) error {
	return func(ctx context.Context, s *site) error {
		return startPython(ctx, s, s.run, append(gunicornAt("0.0.0.0:"+middlePort), append(flags, app)...)...)
	}
}

// behind starts gunicorn for a proxy in its pod.
func behind(flags ...string) func(context.Context, *site) error {
	return func(ctx context.Context, s *site) error {
		return startPython(ctx, s, s.runBehind, append(gunicornAt("0.0.0.0:"+sidecarPort), append(flags, "wsgi:app")...)...)
	}
}

func gunicornAt(addr string) []string {
	return []string{"gunicorn", "--bind", addr, "--keep-alive", "30", "--timeout", "60", "--backlog", "256"}
}

func uvicorn(loop string) func(context.Context, *site) error {
	return func(ctx context.Context, s *site) error {
		return startPython(ctx, s, s.run, "uvicorn", "--host", "0.0.0.0", "--port", middlePort, "--no-access-log", "--timeout-keep-alive", "30", "--loop", loop, "asgi:app")
	}
}

func waitress(ctx context.Context, s *site) error {
	return startPython(ctx, s, s.run, "waitress-serve", "--listen", "0.0.0.0:"+middlePort, "--threads", "16", "--connection-limit", "512", "wsgi:app")
}

func hypercorn(ctx context.Context, s *site) error {
	return startPython(ctx, s, s.run, "hypercorn", "--bind", "0.0.0.0:"+middlePort, "--keep-alive", "30", "asgi:app")
}

func granian(kind, app string) func(context.Context, *site) error {
	return func(ctx context.Context, s *site) error {
		argv := []string{"granian", "--interface", kind, "--host", "0.0.0.0", "--port", middlePort, "--no-access-log"}
		if kind == "wsgi" {
			argv = append(argv, "--blocking-threads", "16")
		}
		return startPython(ctx, s, s.run, append(argv, app)...)
	}
}

// startPython starts a program of the virtual environment.
func startPython(ctx context.Context, s *site, run func(pod, name string, env []string, argv ...string) error, argv ...string) error {
	requirements := "requirements.txt"
	if s.c.SDK {
		requirements = "requirements-otel.txt"
	}
	venv, err := s.virtualEnvironment(ctx, filepath.Join(pythonDir, requirements))
	if err != nil {
		return err
	}
	sources, err := filepath.Abs(pythonDir)
	if err != nil {
		return err
	}
	argv[0] = filepath.Join(venv, "bin", argv[0])
	if s.c.SDK {
		argv = append([]string{filepath.Join(venv, "bin", "opentelemetry-instrument")}, argv...)
	}
	return run("middle", "python", append(s.environment(), "PYTHONPATH="+sources, "PYTHONDONTWRITEBYTECODE=1"), argv...)
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
