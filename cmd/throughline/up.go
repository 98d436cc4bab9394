package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/throughline-io/throughline/agent"
	"github.com/throughline-io/throughline/demo/process"
	"github.com/throughline-io/throughline/server"
)

func upCommand() *cobra.Command {
	var u machine
	cmd := &cobra.Command{
		Use:   "up [flags] [-- FLAG OF THE AGENT...]",
		Short: "Trace this machine: server with its store, agent and page, until Ctrl-C",
		Long: `Starts a server with its embedded store, an agent and the page on this machine, says
where each is, and ends all of them on Ctrl-C. Spans stay in --data-dir for the next time.

What is sent to http://localhost:4318 or localhost:4317 by OpenTelemetry is taken. System
calls and packets are seen as root; without, the agent says what it lacks. What follows "--"
is given to the agent, see "throughline agent --help".

The page stands in for Grafana where none is installed. Grafana itself is set up by the files
of provisioning/ with the server's address and the token in DATA-DIR/server/token.`,
		Example: `  throughline up
  throughline up --data-dir /var/lib/throughline -- --otlp-from 10.0.0.0/8`,
		Args: func(cmd *cobra.Command, args []string) error {
			if n := cmd.ArgsLenAtDash(); n > 0 || n < 0 && len(args) > 0 {
				return fmt.Errorf("%q: what is the agent's comes behind --", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			u.agentFlags, u.out = args, cmd.OutOrStdout()
			return u.run(cmd.Context())
		},
	}
	f := cmd.Flags()
	f.StringVar(&u.dir, "data-dir", "throughline-data", "directory of spans, token and logs")
	f.StringVar(&u.http, "listen-http", server.DefaultHTTP, "address of the server's API: host:port or unix:///path (then without a page)")
	f.StringVar(&u.page, "page", "127.0.0.1:3900", "address of the page")
	f.BoolVar(&u.noPage, "no-page", false, "without the page")
	return cmd
}

// machine is a server, an agent and a page that run together.
type machine struct {
	dir, http, page string
	noPage          bool
	agentFlags      []string
	out             io.Writer

	self, sockets string
	group         *process.Group
}

// patience is how long each program may take until it answers.
const patience = time.Minute

func (u *machine) run(ctx context.Context) (err error) {
	if u.self, err = os.Executable(); err != nil {
		return err
	}
	if u.self, err = filepath.EvalSymlinks(u.self); err != nil {
		return err
	}
	unlock, err := lockDir(u.dir)
	if err != nil {
		return err
	}
	defer unlock()
	if u.sockets, err = os.MkdirTemp("", "throughline-"); err != nil { // of short names, which sockets need
		return err
	}
	defer os.RemoveAll(u.sockets)
	if u.group, err = process.NewGroup(u.dir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, u.group.Close()) }()
	for _, start := range []func(context.Context) error{u.startServer, u.startAgent, u.startPage} {
		if err := start(ctx); ctx.Err() != nil {
			return nil // Ctrl-C
		} else if err != nil {
			return err
		}
	}
	fmt.Fprintf(u.out, "logs    %s\nCtrl-C ends all of them.\n", filepath.Join(u.dir, "log"))
	select {
	case <-ctx.Done():
		return nil
	case err := <-u.group.Lost():
		return err
	}
}

// lockDir makes a directory and keeps others out of it: two servers would share a store.
func lockDir(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, "up.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("another `throughline up` runs in %s: give this one a --data-dir of its own, and other addresses", dir)
		}
		return nil, fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	return func() { f.Close() }, nil
}

func (u *machine) serverSocket() string { return "unix://" + filepath.Join(u.sockets, "server") }

func (u *machine) startServer(ctx context.Context) error {
	_, err := u.group.Start(process.Command{Name: "server", Argv: []string{u.self, "server",
		"--data-dir", filepath.Join(u.dir, "server"), "--listen-grpc", u.serverSocket(), "--listen-http", u.http}})
	if err != nil {
		return err
	}
	err = u.until(ctx, "the server", func() error { _, err := askAt(ctx, u.http, "/healthz"); return err })
	if err == nil {
		fmt.Fprintf(u.out, "server  %s, spans in %s\n", here(u.http), filepath.Join(u.dir, "server"))
	}
	return err
}

func (u *machine) startAgent(ctx context.Context) error {
	stats := "unix://" + filepath.Join(u.sockets, "agent")
	argv := []string{u.self, "agent", "--server", u.serverSocket(), "--state-dir", filepath.Join(u.dir, "agent"), "--stats", stats}
	for _, own := range []string{u.http, u.page} { // what looks at spans makes none
		if i := strings.LastIndexByte(own, ':'); i >= 0 && !strings.HasPrefix(own, "unix:") {
			argv = append(argv, "--leave-out-port", own[i+1:])
		}
	}
	if _, err := u.group.Start(process.Command{Name: "agent", Argv: append(argv, u.agentFlags...)}); err != nil {
		return err
	}
	var s agent.Stats
	err := u.until(ctx, "the agent", func() error {
		body, err := askAt(ctx, stats, "/")
		if err == nil {
			err = json.Unmarshal(body, &s)
		}
		if err == nil && !s.Ready && len(s.Failed) == 0 {
			err = errors.New("it is not ready yet")
		}
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(u.out, "agent   system calls: %s; packets: %s; OpenTelemetry: %s\n", s.SYS, s.NET, strings.Join(s.OTLP, " "))
	for _, lack := range append(s.Failed, s.Limited...) {
		fmt.Fprintln(u.out, "        lacks:", lack)
	}
	fmt.Fprintf(u.out, "        throughline agent status %s\n", stats)
	return nil
}

func (u *machine) startPage(ctx context.Context) error {
	if u.noPage || strings.HasPrefix(u.http, "unix:") {
		return nil
	}
	host, root := filepath.Join(filepath.Dir(u.self), "throughline-host"), filepath.Dir(filepath.Dir(u.self))
	for _, need := range []string{host, filepath.Join(root, "dist", "module.js")} {
		if _, err := os.Stat(need); err != nil {
			fmt.Fprintf(u.out, "page    none: %s is not there. `go tool mage build` makes it in a checkout; Grafana itself is set up by provisioning/\n", need)
			return nil
		}
	}
	token := os.Getenv("THROUGHLINE_TOKEN")
	if token == "" {
		b, err := os.ReadFile(filepath.Join(u.dir, "server", "token"))
		if err != nil {
			return fmt.Errorf("the server's token: %w", err)
		}
		token = strings.TrimSpace(string(b))
	}
	_, err := u.group.Start(process.Command{Name: "page", Argv: []string{host, "-listen", u.page, "-root", root, "-url", here(u.http) + "/clickhouse/"},
		Env: []string{"THROUGHLINE_TOKEN=" + token}}) // not among its arguments, which all may read
	if err != nil {
		return err
	}
	err = u.until(ctx, "the page", func() error { _, err := askAt(ctx, u.page, "/"); return err })
	if err == nil {
		fmt.Fprintf(u.out, "page    %s/d/Distributed_Tracing/distributed-tracing\n", here(u.page))
	}
	return err
}

// here is the URL of an address to listen at, for who is on this machine.
func here(listen string) string {
	switch {
	case strings.HasPrefix(listen, "unix:"):
		return listen
	case strings.HasPrefix(listen, ":"):
		return "http://127.0.0.1" + listen
	}
	return "http://" + listen
}

// until waits for a program to answer; one that ends says why.
func (u *machine) until(ctx context.Context, who string, answers func() error) error {
	deadline, tick := time.After(patience), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for {
		err := answers()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case ended := <-u.group.Lost():
			return ended
		case <-deadline:
			return fmt.Errorf("%s does not answer after %v: %w; its log is in %s", who, patience, err, filepath.Join(u.dir, "log"))
		case <-tick.C:
		}
	}
}
