package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/throughline-io/throughline/agent"
	"github.com/throughline-io/throughline/server"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"throughline": main})
}

// The scripts of testdata/script run the real command line against a real server with its store, and
// agents that receive OTLP. They say what a user types and what he reads.
func TestScripts(t *testing.T) {
	t.Parallel()
	at := startServer(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("THROUGHLINE_SERVER", at.api)
			e.Setenv("THROUGHLINE_LIBCHDB", at.library)
			e.Setenv("PATH", e.Getenv("PATH")+string(os.PathListSeparator)+at.programs)
			e.Setenv("USER", "ann")
			e.Values["server"] = at
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"agent": startAgent, "eventually": eventually},
	})
}

// serving is where a server answers.
type serving struct {
	api, agents string
	programs    string // the folder of throughline-store
	library     string
}

func startServer(t *testing.T) *serving {
	t.Helper()
	if runtime.GOARCH != "amd64" {
		t.Skip("the embedded engine is for linux/amd64")
	}
	dir, err := os.MkdirTemp("", "ctl") // short: for unix sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	store := filepath.Join(dir, "throughline-store")
	if out, err := exec.Command("go", "build", "-o", store, "../throughline-store").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	library := os.Getenv("THROUGHLINE_LIBCHDB")
	if library == "" {
		library, _ = filepath.Abs("../../node_modules/@chdb/lib-linux-x64-gnu/libchdb.so")
	}
	at := &serving{agents: "unix://" + filepath.Join(dir, "agents"), programs: dir, library: library}
	listening := make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- server.Run(ctx, server.Config{
			DataDir: filepath.Join(dir, "data"), GRPC: []string{at.agents}, HTTP: []string{"127.0.0.1:0"}, StoreBinary: store, StoreLibrary: library,
			StoreMemory: 1 << 30, Version: "test", Log: slog.New(slog.DiscardHandler),
			Listening: func(_, http []net.Addr) { at.api = "http://" + http[0].String(); close(listening) },
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case <-listening:
	case err := <-ended:
		t.Fatalf("the server ended: %v", err)
	}
	return at
}

// startAgent is `agent NAME GROUP ADDRESS`: an agent that receives native OTLP there until the script ends.
func startAgent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: agent NAME GROUP ADDRESS")
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- agent.Run(ctx, agent.Config{
			Name: args[0], Node: "node-of-" + args[0], Group: args[1], OTLPNative: args[2], Control: true, SYS: "off",
			Server: ts.Value("server").(*serving).agents, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		})
	}()
	ts.Defer(func() {
		cancel()
		if err := <-ended; err != nil {
			ts.Fatalf("agent %s: %v", args[0], err)
		}
	})
}

// eventually is `eventually PATTERN COMMAND...`: the command is run until its output matches.
func eventually(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: eventually PATTERN COMMAND...")
	}
	pattern := regexp.MustCompile("(?m)" + args[0])
	deadline := time.Now().Add(time.Minute)
	program := filepath.Join(strings.Split(ts.Getenv("PATH"), string(os.PathListSeparator))[0], args[1])
	for {
		cmd := exec.Command(program, args[2:]...) // not ts.Exec, which prints each try
		cmd.Dir, cmd.Env = ts.MkAbs("."), []string{"PATH=" + ts.Getenv("PATH"), "USER=ann", "THROUGHLINE_SERVER=" + ts.Getenv("THROUGHLINE_SERVER")}
		out, err := cmd.CombinedOutput()
		if err == nil && pattern.Match(out) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("waited in vain for %s in\n%s%v", args[0], out, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// Every command that only has others fails for one that it does not have.
func TestEveryCommandRefusesWhatItDoesNotHave(t *testing.T) {
	t.Parallel()
	var paths [][]string
	var walk func(path []string)
	walk = func(path []string) {
		found, _, err := rootCommand().Find(path)
		if err != nil {
			t.Fatal(err)
		}
		if found.HasSubCommands() {
			paths = append(paths, path)
		}
		for _, c := range found.Commands() {
			walk(append(slices.Clone(path), c.Name()))
		}
	}
	walk(nil)
	if len(paths) < 7 {
		t.Fatalf("commands with others: %v", paths)
	}
	for _, path := range paths {
		root := rootCommand()
		root.SetArgs(append(path, "no-such-command"))
		root.SetOut(io.Discard)
		if err := root.ExecuteContext(t.Context()); err == nil {
			t.Error(fmt.Sprint(path, ": no error"))
		}
	}
}
