package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const unitDir = "/usr/lib/systemd/system/"

// verifyUnits has systemd read the units where they are installed.
func (s *system) verifyUnits() error {
	for _, name := range []string{"throughline-server.service", "throughline-agent.service", "throughline-agent.socket"} {
		if out, err := s.run("/usr/bin/systemd-analyze", "verify", "--man=no", unitDir+name); err != nil || strings.Contains(out, "throughline") {
			return fmt.Errorf("%s: %s %w", name, out, err)
		}
	}
	return nil
}

// unit is what is read of a unit file.
type unit struct{ command, state, settings string }

func (s *system) unit(name string) (u unit, err error) {
	text, err := os.ReadFile(filepath.Join(s.root, unitDir, name))
	if err != nil {
		return u, err
	}
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch key {
		case "ExecStart":
			u.command = value
		case "StateDirectory":
			u.state = "/var/lib/" + value
		case "EnvironmentFile":
			u.settings = strings.TrimPrefix(value, "-")
		}
	}
	if u.command == "" || u.state == "" || u.settings == "" {
		return u, fmt.Errorf("%s lacks a command, a folder or a file of settings: %+v", name, u)
	}
	return u, nil
}

// daemon runs a unit's command as systemd does: with its folder and its settings, as a user.
func (s *system) daemon(name string, user uint32) (*exec.Cmd, *bytes.Buffer, error) {
	u, err := s.unit(name)
	if err != nil {
		return nil, nil, err
	}
	text, err := os.ReadFile(filepath.Join(s.root, u.settings))
	if err != nil {
		return nil, nil, err
	}
	if err := os.Mkdir(filepath.Join(s.root, u.state), 0o700); err != nil {
		return nil, nil, err
	}
	if err := os.Chown(filepath.Join(s.root, u.state), int(user), int(user)); err != nil {
		return nil, nil, err
	}
	values := map[string]string{"STATE_DIRECTORY": u.state}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(key, "#") {
			values[key] = value
		}
	}
	var argv []string
	for _, word := range strings.Fields(u.command) {
		if word == "$ARGS" { // split into words, as systemd does where no braces are
			argv = append(argv, strings.Fields(values["ARGS"])...)
			continue
		}
		argv = append(argv, os.Expand(word, func(name string) string { return values[name] }))
	}
	cmd := s.command(argv[0], argv[1:]...)
	for key, value := range values {
		cmd.Env = append(cmd.Env, key+"="+value)
	}
	log := &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: user, Gid: user}
	return cmd, log, cmd.Start()
}

// start configures both programs, starts them by their units' commands, the server as a user without rights, waits until the server knows
// the agent, and stops them as systemd does.
func (s *system) start() (err error) {
	const nobody = 65534
	library, err := filepath.Abs("node_modules/@chdb/lib-linux-x64-gnu/libchdb.so") // of the embedded store
	if err != nil {
		return err
	}
	for file, line := range map[string]string{
		serverSettings: "\nARGS=--store-memory 1000 --token of-the-test\nTHROUGHLINE_LIBCHDB=" + library + "\n", agentSettings: "\nARGS=--server 127.0.0.1:20033 --node here --token of-the-test\n",
	} {
		f, err := os.OpenFile(filepath.Join(s.root, file), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		if _, err := f.WriteString(line); err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	for _, d := range []struct {
		unit string
		user uint32
	}{{"throughline-server.service", nobody}, {"throughline-agent.service", 0}} {
		cmd, log, startErr := s.daemon(d.unit, d.user)
		if startErr != nil {
			return fmt.Errorf("%s: %w", d.unit, startErr)
		}
		defer func() {
			if stopErr := errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()); err != nil || stopErr != nil {
				err = errors.Join(err, stopErr, fmt.Errorf("%s said:\n%s", d.unit, log))
			}
		}()
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		out, err := s.run("/usr/bin/throughline", "ctl", "agent", "list", "--token", "of-the-test")
		if err == nil && strings.Contains(out, "here") {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the server knows no agent: %s %w", out, err)
		}
	}
}
