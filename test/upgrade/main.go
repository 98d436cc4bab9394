// Command upgrade has one version follow another on the same data, as docs/upgrade.md says that they may: a server, its embedded store and
// an agent of an earlier version keep spans, the later version's server takes their folder over while the earlier agent goes on, then its agent
// follows; all spans are read. Last the earlier server is started on what the later one left, and what it does is printed: it ends with
// a clear error, or works as before.
//
//	go tool mage upgrade REVISION
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	old := flag.String("old", "", "folder of the earlier programs")
	later := flag.String("new", "bin", "folder of the later programs")
	flag.Parse()
	for _, folder := range []*string{old, later} {
		abs, err := filepath.Abs(*folder)
		if err != nil {
			fmt.Fprintln(os.Stderr, "upgrade:", err)
			os.Exit(1)
		}
		*folder = abs
	}
	if err := run(*old, *later); err != nil {
		fmt.Fprintln(os.Stderr, "upgrade:", err)
		os.Exit(1)
	}
}

func run(old, later string) (err error) {
	dir, err := os.MkdirTemp("", "upgrade") // short: for unix sockets
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	m := &machine{dir: dir}
	defer func() {
		m.stopAll()
		if err != nil {
			for _, p := range m.running {
				err = fmt.Errorf("%w\n%s said:\n%s", err, p.cmd, p.said)
			}
		}
	}()

	earlierServer, err := m.server(old)
	if err != nil {
		return err
	}
	agent, err := m.agent(old)
	if err != nil {
		return err
	}
	if err := m.trace(old, "1"); err != nil {
		return fmt.Errorf("before: %w", err)
	}
	if err := earlierServer.stop(); err != nil {
		return err
	}
	fmt.Println("the earlier version kept a trace, and was stopped")

	laterServer, err := m.server(later)
	if err != nil {
		return err
	}
	if err := m.read(later, "1"); err != nil {
		return fmt.Errorf("what the earlier version kept: %w", err)
	}
	if err := m.trace(later, "2"); err != nil {
		return fmt.Errorf("a trace by the earlier agent: %w", err)
	}
	fmt.Println("the later server reads it, and takes spans from the earlier agent")
	if err := agent.stop(); err != nil {
		return err
	}
	if _, err = m.agent(later); err != nil {
		return err
	}
	if err := m.trace(later, "3"); err != nil {
		return fmt.Errorf("a trace by the later agent: %w", err)
	}
	fmt.Println("the later agent starts with the folder of the earlier one")
	if err := laterServer.stop(); err != nil {
		return err
	}

	if _, err = m.server(old); err != nil {
		if !strings.Contains(err.Error(), "newer version") {
			return fmt.Errorf("the earlier server on the later one's folder: %w", err)
		}
		fmt.Println("the earlier server does not start on the later one's folder, and says why")
		return nil
	}
	for _, id := range []string{"1", "2", "3"} {
		if err := m.read(old, id); err != nil {
			return fmt.Errorf("the earlier server on the later one's folder: %w", err)
		}
	}
	if err := m.trace(old, "4"); err != nil {
		return fmt.Errorf("the earlier server, the later agent: %w", err)
	}
	fmt.Println("the earlier server works with the later one's folder, and the later agent")
	return nil
}

func programOf(folder string) string { return filepath.Join(folder, "throughline") }
