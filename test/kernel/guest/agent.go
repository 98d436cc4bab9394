package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"time"

	"golang.org/x/sys/unix"

	"github.com/throughline-io/throughline/agent"
)

const (
	receiverSocket = "/run/receiver.sock"
	statsSocket    = "/run/stats.sock"
)

// startAgent starts the agent as a node has it, but for its OTLP receivers.
func startAgent(variant string) (*exec.Cmd, error) {
	cmd := exec.Command("/throughline", "agent", "--name", "node", "--node", "node",
		"--server", "unix://"+receiverSocket, "--stats", "unix://"+statsSocket,
		"--sys-variant", variant, "--sys-tls", "--otlp-http", "", "--otlp-grpc", "", "--otlp-native", "")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd, cmd.Start()
}

// statsOf is what the agent says of itself.
func statsOf() (s agent.Stats, err error) {
	c := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", statsSocket)
		},
	}}
	answer, err := c.Get("http://agent/")
	if err != nil {
		return s, err
	}
	defer answer.Body.Close()
	return s, json.NewDecoder(answer.Body).Decode(&s)
}

// end ends a program as an operator does, and reports how it ended.
func end(cmd *exec.Cmd) error {
	if err := cmd.Process.Signal(unix.SIGTERM); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		return fmt.Errorf("%s goes on after SIGTERM", cmd.Args[0])
	}
}

// patience is how long something may take in a machine that is emulated, on a processor that others use.
const patience = 5 * time.Minute

// within waits until a condition holds.
func within(what string, holds func() bool) error {
	for began := time.Now(); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Since(began) > patience {
			return fmt.Errorf("not within %s: %s", patience, what)
		}
	}
	return nil
}
