//go:build mage

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/magefile/mage/mg"
	"github.com/magefile/mage/sh"
)

// step is one part of the tests; each prints its name and how long it took.
type step struct {
	name string
	run  func(context.Context) error
}

// Test runs every check and test: what CI runs.
func Test(ctx context.Context) error {
	mg.Deps(func() error { return install("demo", "browser", "generate", "test", "https") })
	return steps(ctx, []step{
		{"front end's packages", func(context.Context) error { return npm() }},
		{"format", formatted},
		{"generated files are up to date", generated},
		{"build", func(context.Context) error { Build(); return nil }},
		{"go.mod is tidy", command("go", "mod", "tidy", "-diff")},
		{"go vet", command("go", "vet", "./...")},
		{"staticcheck", command("go", "tool", "staticcheck", "./...")},
		{"types and lint of the front end", command("npm", "run", "--silent", "check")},
		{"Go tests", command("go", "test", "./...")},
		{"Go tests with the race detector", command("go", append([]string{"test", "-race", "-skip", served}, raced...)...)},
		{"faults: nothing is lost or counted twice", command("go", "run", "./test/e2e/faults")},
		{"a noisy pod pays alone", command("go", "run", "./bench", "-only", "noisy", "-seconds", "3")},
		{"accuracy: calls hang under their requests, and none under another", command("go", "run", "./test/accuracy", "-short")},
		{"front-end tests", command("npm", "run", "--silent", "test")},
		{"browser tests", browser},
		{"the page over live data, then over a slow network", browserLive},
		{"the demo: one trace, exact", func(context.Context) error { return demoExact("--once") }},
		{"the demo: 100 traces, 10 at a time, exact", func(context.Context) error { return demoExact("--traces", "100", "--concurrency", "10") }},
		{"the demo: the other system call hooks, exact", func(context.Context) error {
			return demoExact("--traces", "50", "--concurrency", "10", "--sys-variant", "tracepoint")
		}},
		{"the demo: the server is killed, nothing is lost", func(context.Context) error {
			return demoExact("--traces", "200", "--concurrency", "4", "--kill", "server", "--kills", "3")
		}},
		{"the demo: a slow network is named", func(context.Context) error { return demoExact("--once", "--break", "network") }},
	})
}

// served are tests against real servers, which take most of the time there: the race detector sees the same code in the
// package's others, and sees nothing of the servers.
const served = "^(TestKafka|TestRabbitMQ|TestTLSOf.*|TestDNS|TestNATS|TestMemcached|TestPostgres|TestRedis.*|TestMongoDB|TestMQTT|TestWebSocket|TestDubbo|" +
	"TestMariaDBsConnector|TestHAProxysPROXYProtocol|TestGRPC.*|TestCallsOfGRPCHandlers|TestAChildProcessEndsNoRequest|TestWhatATimerAsksIsOfNoRequest|TestThreadsOfAPoolThatHandRequestsOn|TestCallsThatSayMoreThanTheirRequest)$"

// raced are the packages whose tests also run with the race detector: those with
// goroutines of their own.
var raced = []string{"./agent/...", "./certificate/...", "./server/...", "./spool/...", "./pkg/span/...", "./pkg/trace/...", "./pkg/wire/..."}

// Faults breaks everything that can break, as often as it takes to be believed, and prints what
// was acknowledged, lost and counted twice, and how long it took to recover. It takes hours.
func Faults(ctx context.Context) error {
	mg.SerialDeps(Programs)
	return steps(ctx, []step{
		{"the log on disk: killed, without power, stopped", func(context.Context) error {
			long := map[string]string{"THROUGHLINE_SPOOL_KILLS": "1000", "THROUGHLINE_SPOOL_LIVES": "200", "THROUGHLINE_SPOOL_STOPS": "100"}
			return sh.RunWithV(long, "go", "test", "-count=1", "-timeout=3h", "-run", "Kill|Power|Stopped", "./spool")
		}},
		{"agent, server and store", command("go", "run", "./test/e2e/faults", "--full")},
		{"agent groups", command("go", "test", "-count=1", "-v", "./test/e2e/groups", "-full")},
	})
}

// Collectors has a real collector of OpenTelemetry's pass traces on, in each mode that docs/apm.md describes.
// It is built first, which takes minutes.
func Collectors() error {
	mg.SerialDeps(Programs)
	bin, err := filepath.Abs("bin")
	if err != nil {
		return err
	}
	collector, err := sh.Output("go", "run", "./test/e2e/faults", "-bin", bin, "-build", "collector")
	if err != nil {
		return err
	}
	return sh.RunV("go", "test", "-count=1", "-v", "-run", "Collectors", "./server", "-collector", collector, "-agent", filepath.Join(bin, "throughline"))
}

// Jaeger exports the WebShop into a real Jaeger 2 and reads its tree there. It is built first, which takes minutes.
func Jaeger() error {
	program, err := filepath.Abs("bin/jaeger")
	if err != nil {
		return err
	}
	if err := sh.RunV("go", "build", "-C", "server/testdata/jaeger", "-o", program, "github.com/jaegertracing/jaeger/cmd/jaeger"); err != nil {
		return err
	}
	return sh.RunV("go", "test", "-count=1", "-v", "-run", "Jaeger", "./server", "-jaeger", program)
}

func steps(ctx context.Context, all []step) error {
	for i, s := range all {
		fmt.Printf("\n== %d/%d %s\n", i+1, len(all), s.name)
		began := time.Now()
		if err := s.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		fmt.Printf("-- %s: %.1f s\n", s.name, time.Since(began).Seconds())
	}
	return nil
}

func command(name string, args ...string) func(context.Context) error {
	return func(context.Context) error { return sh.RunV(name, args...) }
}

func formatted(context.Context) error {
	out, err := sh.Output("gofmt", "-l", "agent", "bpf", "certificate", "cmd", "demo", "pkg", "server", "spool", "test", "bench", "layers_test.go", "Magefile.go", "magefile_check.go", "magefile_kube.go", "magefile_package.go", "magefile_release.go")
	if err != nil {
		return err
	}
	if out != "" {
		return fmt.Errorf("not formatted (run `go tool mage format`):\n%s", out)
	}
	return nil
}

// generated regenerates what is committed and fails if that changes a byte.
func generated(context.Context) error {
	before, err := sh.Output("git", "status", "--porcelain")
	if err != nil {
		return err
	}
	if err := Generate(); err != nil {
		return err
	}
	after, err := sh.Output("git", "status", "--porcelain")
	if err != nil {
		return err
	}
	var changed []string
	for _, line := range strings.Split(after, "\n") {
		if line != "" && !strings.Contains(before, line) {
			changed = append(changed, line)
		}
	}
	if len(changed) > 0 {
		return fmt.Errorf("`go tool mage generate` changes committed files; commit what it makes:\n%s", strings.Join(changed, "\n"))
	}
	return nil
}

// browser drives the page in a real browser, over spans that are stored for it.
func browser(context.Context) error {
	return sh.RunV("npm", "run", "--silent", "test:browser")
}

// browserLive drives the page over the requests of a running demo, and compares what it shows
// with the server's HTTP API; then over a demo whose network loses packets.
func browserLive(context.Context) error {
	if err := root(); err != nil {
		return err
	}
	return sh.RunV("npm", "run", "--silent", "test:live")
}

// demoExact runs the demo, which fails unless every trace is exact.
func demoExact(args ...string) error {
	if err := root(); err != nil {
		return err
	}
	return sh.RunV("bin/throughline", append([]string{"demo", "webshop", "--no-page"}, args...)...)
}

func root() error {
	if os.Geteuid() != 0 {
		return errors.New("the demo makes network namespaces and loads eBPF programs: run the tests as root")
	}
	return nil
}
