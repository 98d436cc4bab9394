package groups

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/throughline-io/throughline/demo/process"
	"github.com/throughline-io/throughline/server/text"
)

const (
	token = "groups"
	// patience is how long anything may take here before it counts as not coming.
	patience = 2 * time.Minute
)

// bed is a server, its store and agents, all of them programs.
type bed struct {
	dir, api, program string
	group             *process.Group
	agents            []string // the host of each
}

func newBed(t *testing.T, agents int) *bed {
	t.Helper()
	if runtime.GOARCH != "amd64" {
		t.Skip("the embedded engine is for linux/amd64")
	}
	dir, err := os.MkdirTemp("", "groups") // short: for unix sockets
	if err != nil {
		t.Fatal(err)
	}
	b := &bed{dir: dir, program: filepath.Join(dir, "throughline")}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("logs are in %s", dir)
			return
		}
		os.RemoveAll(dir)
	})
	build := exec.Command("go", "build", "-o", dir, "./cmd/throughline", "./cmd/throughline-store")
	build.Dir, build.Env = "../../..", append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if b.group, err = process.NewGroup(dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.group.Close(); err != nil {
			t.Error(err)
		}
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.api = l.Addr().String()
	l.Close()
	library := os.Getenv("THROUGHLINE_LIBCHDB")
	if library == "" {
		library, _ = filepath.Abs("../../../node_modules/@chdb/lib-linux-x64-gnu/libchdb.so")
	}
	b.start(t, "server", "server", "--data-dir", filepath.Join(dir, "data"), "--listen-grpc", b.socket(), "--listen-http", b.api, "--token", token,
		"--store-library", library, "--store-memory", "1000", "--log-age", "200ms")
	for i := range agents {
		b.agents = append(b.agents, fmt.Sprintf("127.72.%d.%d", i/200, i%200+1))
		b.startAgent(t, i)
	}
	return b
}

func (b *bed) socket() string { return "unix://" + filepath.Join(b.dir, "s") }

func (b *bed) start(t *testing.T, name string, args ...string) *process.Process {
	t.Helper()
	p, err := b.group.Start(process.Command{Name: name, Argv: append([]string{b.program}, args...)})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// startAgent starts one that needs no rights: it receives OTLP, at an address of its own.
func (b *bed) startAgent(t *testing.T, i int) {
	t.Helper()
	name := fmt.Sprintf("agent-%03d", i)
	b.start(t, name, "agent", "--name", name, "--server", b.socket(), "--sys-variant", "off", "--net", "off", "--otlp-http", "", "--otlp-grpc", "",
		"--otlp-native", b.at(i, firstPort), "--state-dir", filepath.Join(b.dir, name))
}

func (b *bed) at(agent, port int) string { return fmt.Sprintf("%s:%d", b.agents[agent], port) }

// call asks the server.
func (b *bed) call(method, path, body string) ([]byte, error) {
	req, err := http.NewRequest(method, "http://"+b.api+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s %s", method, path, resp.Status, bytes.TrimSpace(answer))
	}
	return answer, err
}

// list is what the server knows of the agents.
func (b *bed) list() (all text.Agents, err error) {
	answer, err := b.call(http.MethodGet, "/api/v1/agents", "")
	if err == nil {
		err = json.Unmarshal(answer, &all)
	}
	return all, err
}

// inForce counts the agents in which a version is in force and that listen on its port.
func (b *bed) inForce(t *testing.T, version uint64, port int) (n int) {
	t.Helper()
	all, err := b.list()
	if err != nil {
		return 0 // the server starts
	}
	for _, a := range all.Agents {
		if a.Error != "" {
			t.Fatalf("%s: %s", a.Name, a.Error)
		}
		if r := a.Receivers; a.Connected && a.Version == version && len(r) == 3 && r[2].Listening == r[2].Configured && strings.HasSuffix(r[2].Listening, fmt.Sprint(":", port)) {
			n++
		}
	}
	return n
}

// await waits for a condition, and fails where a program has ended.
func (b *bed) await(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !is() {
		select {
		case err := <-b.group.Lost():
			t.Fatal(err)
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited %v in vain: %s", patience, what)
		}
	}
}
