// host serves Throughline's Grafana plugin without a Grafana: the built backend and
// module.js files in a page made of Grafana's own packages. See README.md for what is
// emulated.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/throughline-io/throughline/test/host/hostd"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "host:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("host", flag.ExitOnError)
	var (
		listen  = flags.String("listen", "127.0.0.1:0", "address of the page")
		root    = flags.String("root", ".", "the repository: where dist/ and test/host/page/dist are")
		url     = flags.String("url", "", "URL of the data source: a server's http://host:20418/clickhouse/ or a ClickHouse")
		token   = flags.String("token", os.Getenv("THROUGHLINE_TOKEN"), "token of the server (default: $THROUGHLINE_TOKEN)")
		theme   = flags.String("theme", "dark", "dark or light")
		subPath = flags.String("sub-path", "", "serve below this path, such as /grafana")
		fixture = flags.Bool("fixture", false, "serve the recorded reference traces, from a server of its own, in place of -url")
		crowd   = flags.Int("crowd", 0, "with -fixture: so many further traces of 100 spans, for measuring")
		shapes  = flags.String("shapes", shapesUsual, "with -fixture: traces of OpenTelemetry alone to store: usual, all (large ones too) or none")
		webshop = flags.Bool("webshop", true, "with -fixture: store the reference traces; without, what is stored is of OpenTelemetry alone")
		control = flags.Bool("control", false, "with -fixture: take a test's commands from standard input, and end with it")
	)
	if err := flags.Parse(args); err != nil {
		return err
	}
	ready := func(url string) { fmt.Println(url) }
	if *fixture == (*url != "") {
		return fmt.Errorf("give either -url or -fixture")
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	serving := hostd.Options{
		Listen: *listen, DistDir: filepath.Join(*root, "dist"), PageDir: filepath.Join(*root, "test/host/page/dist"),
		Provisioning: filepath.Join(*root, "provisioning"), SubPath: strings.TrimRight(*subPath, "/"), Theme: *theme,
	}
	if *fixture {
		f, err := startFixture(ctx, *root, stored{webshop: *webshop, crowd: *crowd, shapes: *shapes})
		if err != nil {
			return fmt.Errorf("start the fixture: %w", err)
		}
		defer f.close()
		*url, *token = f.url, f.token
		f.serve = func(subPath string) (string, error) {
			other := serving
			other.Listen, other.SubPath = "127.0.0.1:0", subPath
			h, err := hostd.Start(ctx, other)
			if err != nil {
				return "", err
			}
			return h.URL(), nil
		}
		if *control {
			ready = func(url string) {
				fmt.Println(url)
				go func() {
					defer stop()
					f.control(ctx, os.Stdin, os.Stdout)
				}()
			}
		}
	}
	serving.Environment = map[string]string{"THROUGHLINE_URL": *url, "THROUGHLINE_TOKEN": *token}
	return hostd.Run(ctx, serving, ready)
}
