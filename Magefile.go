//go:build mage

// Everything that is done to this repository: `go tool mage` lists it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/magefile/mage/mg"
	"github.com/magefile/mage/sh"
	// Grafana's plugin tools look for this import; its targets are under `go tool mage grafana:*`.
	//mage:import grafana
	_ "github.com/grafana/grafana-plugin-sdk-go/build"
)

// Default is what `go tool mage` does without a target.
var Default = Build

// packages are Debian's packages that each purpose needs: a program, and where it comes from.
var packages = map[string][][2]string{
	"demo":     {{"mariadbd", "mariadb-server-core"}, {"mariadb-install-db", "mariadb-server-core"}, {"my_print_defaults", "mariadb-client-core"}, {"resolveip", "mariadb-server-core"}, {"hey", "hey"}, {"strace", "strace"}},
	"browser":  {{"chromium", "chromium"}},
	"kernels":  {{"qemu-system-x86_64", "qemu-system-x86"}, {"xz", "xz-utils"}, {"dpkg-deb", "dpkg"}},
	"test":     {{"ip", "iproute2"}, {"python3", "python3"}, {"pip3", "python3-pip"}, {"curl", "curl"}, {"git", "git"}, {"cpio", "cpio"}, {"mkfs.ext4", "e2fsprogs"}, {"/usr/lib/postgresql/15/bin/pgbench", "postgresql-15"}, {"redis-server", "redis-server"}, {"java", "openjdk-17-jre-headless"}, {"haproxy", "haproxy"}, {"nft", "nftables"}, {"mvn", "maven"}, {"/usr/lib/rabbitmq/bin/rabbitmq-server", "rabbitmq-server"}, {"dnsmasq", "dnsmasq-base"}, {"memcached", "memcached"}, {"nats-server", "nats-server"}, {"mosquitto", "mosquitto"}},
	"https":    {{"nginx", "nginx-light"}},
	"generate": {{"clang-14", "clang-14"}, {"llvm-strip-14", "llvm-14"}, {"protoc", "protobuf-compiler"}},
}

// programs are the Go programs that go to bin/.
var programs = map[string]string{
	"throughline":         "./cmd/throughline",
	"throughline-store":   "./cmd/throughline-store",
	"throughline-webshop": "./demo/webshop/service",
	"throughline-host":    "./test/host",
}

// install makes sure that the programs of a purpose are there.
func install(purposes ...string) error {
	var missing []string
	for _, purpose := range purposes {
		for _, p := range packages[purpose] {
			if _, err := exec.LookPath(p[0]); err != nil {
				if _, err := os.Stat(p[0]); err != nil {
					missing = append(missing, p[1])
				}
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("install these programs first (names of Debian's packages): %s", strings.Join(missing, " "))
	}
	if os.Geteuid() != 0 {
		return fmt.Errorf("not root: run `apt-get install %s`, then again", strings.Join(missing, " "))
	}
	fmt.Println("installing", strings.Join(missing, " "))
	env := map[string]string{"DEBIAN_FRONTEND": "noninteractive"}
	args := append([]string{"install", "-y", "-qq", "--no-install-recommends"}, missing...)
	if _, err := sh.Exec(env, nil, os.Stderr, "apt-get", args...); err == nil {
		return nil
	}
	if err := sh.RunWith(env, "apt-get", "update", "-qq"); err != nil { // an old list of packages
		return err
	}
	_, err := sh.Exec(env, nil, os.Stderr, "apt-get", args...)
	return err
}

// npm installs the front end's packages as package-lock.json has them, once.
func npm() error {
	stamp := filepath.Join("node_modules", ".package-lock.json")
	newer, err := newerThan("package-lock.json", stamp)
	if err != nil || !newer {
		return err
	}
	return sh.RunV("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
}

func newerThan(a, b string) (bool, error) {
	ai, err := os.Stat(a)
	if err != nil {
		return false, err
	}
	bi, err := os.Stat(b)
	if errors.Is(err, os.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return ai.ModTime().After(bi.ModTime()), nil
}

// Programs builds the Go programs into bin/.
func Programs() error {
	for name, pkg := range programs {
		if err := sh.RunWithV(map[string]string{"CGO_ENABLED": "0"}, "go", "build", "-trimpath", "-o", filepath.Join("bin", name), pkg); err != nil {
			return err
		}
	}
	return nil
}

// Plugin builds the Grafana app with its backend into dist/.
func Plugin() error {
	mg.Deps(npm)
	if err := sh.RunV("npm", "run", "--silent", "build"); err != nil {
		return err
	}
	return backend()
}

func backend() error {
	out := fmt.Sprintf("dist/datasource/gpx_throughline_datasource_%s_%s", runtime.GOOS, runtime.GOARCH)
	return sh.RunWithV(map[string]string{"CGO_ENABLED": "0"}, "go", "build", "-trimpath", "-tags", "arrow_json_stdlib", "-o", out, "./pkg")
}

// Page builds the page that stands in for Grafana where none is installed.
func Page() error {
	mg.Deps(npm)
	return sh.RunV("node", "test/host/page/build.mjs")
}

// Build builds everything: bin/ (programs), dist/ (Grafana app) and the test host's page.
func Build() {
	mg.SerialDeps(npm, Programs, Plugin, Page)
}

// Demo runs the WebShop demo: one trace with every layer, live, until Ctrl-C.
func Demo(ctx context.Context) error {
	if err := install("demo"); err != nil {
		return err
	}
	mg.SerialDeps(Build)
	cmd := exec.CommandContext(ctx, "bin/throughline", "demo", "webshop")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return cmd.Run()
}

// Generate makes the generated files anew: eBPF objects and protobuf code.
func Generate() error {
	if err := install("generate"); err != nil {
		return err
	}
	return sh.RunV("go", "generate", "./...")
}

// Layouts makes the table of where each version of Go keeps its goroutines anew. It downloads 19
// toolchains, of which each unpacks to half a gigabyte; what CI generates anew leaves it out, and a test
// compares the table with the toolchain that runs.
func Layouts() error {
	return sh.RunV("go", "run", "./agent/goruntime/generate", "-o", "agent/goruntime/layouts.go")
}

// Kernels runs the agent on Debian's kernels from 5.10 on, in emulated machines, and writes the table in
// docs/hooks.md. It takes a quarter of an hour, and is no part of `go tool mage test`.
func Kernels(ctx context.Context) error {
	if err := install("kernels"); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "run", "./test/kernel")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// Accuracy says how often the parents found for system calls are right, in real programs of many runtimes, and
// writes the table in docs/accuracy.md. It takes an hour; a short form is part of `go tool mage test`.
func Accuracy() error {
	if err := install("demo", "test", "https"); err != nil {
		return err
	}
	mg.SerialDeps(Programs)
	return sh.RunV("go", "run", "./test/accuracy")
}

// Format formats all Go files.
func Format() error {
	return sh.RunV("gofmt", "-l", "-w", "agent", "bpf", "certificate", "cmd", "demo", "pkg", "server", "spool", "test", "bench")
}

// Fuzz runs every fuzz target for a time, as in `go tool mage fuzz 10m`.
func Fuzz(each time.Duration) error {
	return sh.RunV("go", "run", "./test/fuzzing", "-each", each.String())
}

// Noisy has one pod move as many bytes as it can for a minute beside a service, and fails unless it pays
// alone and the agent ends when it is told to.
func Noisy() error {
	mg.SerialDeps(Programs)
	return sh.RunV("go", "run", "./bench", "-only", "noisy", "-seconds", "60")
}

// Bench prints what Throughline costs and how fast it answers, on this machine, now.
func Bench() error {
	if err := install("demo", "browser", "https"); err != nil {
		return err
	}
	mg.SerialDeps(Build)
	if err := sh.RunV("go", "run", "./bench"); err != nil {
		return err
	}
	fmt.Println("\nthe WebShop under load: real requests, system calls and packets")
	if err := sh.RunV("bin/throughline", "demo", "webshop", "--no-page", "--traces", "1000", "--concurrency", "10"); err != nil {
		return err
	}
	fmt.Println("\nfrom click to picture, in the browser")
	if err := sh.RunV("npm", "run", "--silent", "bench:browser"); err != nil {
		return err
	}
	fmt.Println("\nthe panel: large traces in the browser")
	if err := sh.RunV("node", "src/panel/dev/bench.mjs"); err != nil {
		return err
	}
	fmt.Println("\nthe data source: a trace of 100,000 spans as a frame")
	return sh.RunV("go", "test", "-run", "-", "-bench", "TraceFrame|StoredTrace", "-benchtime", "3x", "./pkg/plugin")
}
