package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// patience is how long anything may take.
const patience = time.Minute

// machine is a folder, and programs that use it.
type machine struct {
	dir     string
	running []*program
}

// program is one that runs.
type program struct {
	cmd   *exec.Cmd
	said  *bytes.Buffer
	ended chan struct{}
	err   error
}

func (m *machine) start(args ...string) (*program, error) {
	p := &program{cmd: exec.Command(args[0], args[1:]...), said: &bytes.Buffer{}, ended: make(chan struct{})}
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = m.dir, p.said, p.said
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { defer close(p.ended); p.err = p.cmd.Wait() }()
	m.running = append(m.running, p)
	return p, nil
}

// stop stops it as systemd does.
func (p *program) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-p.ended
	return p.err
}

func (m *machine) stopAll() {
	for _, p := range m.running {
		_ = p.stop() // what matters was asked before
	}
}

func (m *machine) socket(name string) string { return filepath.Join(m.dir, name) }

// server starts one and waits until it is well; an error says how it ended.
func (m *machine) server(folder string) (*program, error) {
	library, err := filepath.Abs(cmp.Or(os.Getenv("THROUGHLINE_LIBCHDB"), "node_modules/@chdb/lib-linux-x64-gnu/libchdb.so"))
	if err != nil {
		return nil, err
	}
	p, err := m.start(programOf(folder), "server", "--data-dir", m.socket("data"), "--listen-grpc", "unix://"+m.socket("g"), "--listen-http", "unix://"+m.socket("h"),
		"--store-library", library, "--store-memory", "1000", "--log-age", "200ms")
	if err != nil {
		return nil, err
	}
	return p, m.until(p, func() error { _, err := m.ask(folder, "trace", "search", "--limit", "1"); return err })
}

// agent starts one that only receives OpenTelemetry's spans.
func (m *machine) agent(folder string) (*program, error) {
	p, err := m.start(programOf(folder), "agent", "--server", "unix://"+m.socket("g"), "--sys-variant", "off", "--net", "off", "--otlp-grpc", "", "--otlp-native", "",
		"--otlp-http", otlp, "--state-dir", m.socket("agent"))
	if err != nil {
		return nil, err
	}
	return p, m.until(p, func() error {
		resp, err := http.Post("http://"+otlp+"/v1/traces", "application/json", strings.NewReader("{}"))
		if err == nil {
			err = resp.Body.Close()
		}
		return err
	})
}

// otlp is where agents receive, one after the other.
const otlp = "127.0.73.1:4318"

func (m *machine) until(p *program, is func() error) error {
	for deadline := time.Now().Add(patience); ; {
		err := is()
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s: %w\n%s", p.cmd.Args[1], err, p.said)
		}
		select {
		case <-p.ended:
			return fmt.Errorf("%s ended: %w\n%s", p.cmd.Args[1], p.err, p.said)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// trace sends one by the agent, and reads it.
func (m *machine) trace(folder, number string) error {
	now := time.Now().UnixNano()
	var spans []string
	for i := range 5 {
		parent := ""
		if i > 0 {
			parent = fmt.Sprintf(`"parentSpanId": "%015d%s", `, i, number)
		}
		spans = append(spans, fmt.Sprintf(`{"traceId": %q, "spanId": "%015d%s", %s"name": "step %d", "kind": 1, "startTimeUnixNano": "%d", "endTimeUnixNano": "%d"}`,
			traceID(number), i+1, number, parent, i, now+int64(i), now+1000))
	}
	body := fmt.Sprintf(`{"resourceSpans": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "upgraded"}}]}, "scopeSpans": [{"spans": [%s]}]}]}`, strings.Join(spans, ", "))
	resp, err := http.Post("http://"+otlp+"/v1/traces", "application/json", strings.NewReader(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s %w", resp.Status, text, err)
	}
	deadline := time.Now().Add(patience)
	for {
		err := m.read(folder, number)
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func traceID(number string) string { return strings.Repeat("0", 31) + number }

// read looks whether all spans of a trace are there, each below the one before.
func (m *machine) read(folder, number string) error {
	out, err := m.ask(folder, "trace", "get", traceID(number))
	if err != nil {
		return err
	}
	at := -1
	for i := range 5 {
		next := strings.Index(out, fmt.Sprintf("step %d", i))
		if next <= at {
			return fmt.Errorf("trace %s is\n%s", number, out)
		}
		at = next
	}
	return nil
}

// ask runs a command.
func (m *machine) ask(folder string, args ...string) (string, error) {
	out, err := exec.Command(programOf(folder), append(args, "--server", "unix://"+m.socket("h"))...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return string(out), nil
}
