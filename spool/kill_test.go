package spool

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The test binary is also the process that is killed: with this variable it appends and
// consumes in a folder until it dies, and prints the number of each acknowledged record.
const victim = "THROUGHLINE_SPOOL_VICTIM"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victim); dir != "" {
		if err := live(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// live never returns but for an error.
func live(dir string) error {
	l, err := Open(dir, Options{SegmentBytes: 64 << 10, SegmentAge: 20 * time.Millisecond})
	if err != nil {
		return err
	}
	first, err := strconv.ParseUint(os.Getenv(victim+"_FIRST"), 10, 64)
	if err != nil {
		return err
	}
	failed := make(chan error)
	for worker := range uint64(8) {
		go func() {
			for n := first + worker; ; n += 8 {
				if _, err := l.Append(background, 1, record(n, 8+int(n%3000))); err != nil {
					failed <- err
					return
				}
				os.Stdout.WriteString(strconv.FormatUint(n, 10) + "\n") // one write: whole or not at all
			}
		}()
	}
	go func() { failed <- store(l, filepath.Join(dir, "store")) }()
	return <-failed
}

// store is a consumer as the server's: what has a known token is dropped.
func store(l *Log, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for {
		s, err := l.Next(background)
		if err != nil {
			return err
		}
		numbers, err := s.numbers()
		if err != nil {
			return err
		}
		block := filepath.Join(dir, s.ID.String())
		if _, err := os.Stat(block); err != nil {
			if err := os.WriteFile(block+".new", numbers, 0o600); err != nil {
				return err
			}
			if err := os.Rename(block+".new", block); err != nil {
				return err
			}
		}
		if err := l.Done(s); err != nil {
			return err
		}
	}
}

// numbers are the segment's, eight bytes each; an error: a record is wrong.
func (s *Segment) numbers() (all []byte, err error) {
	r, err := s.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	for r.Next() {
		n := binary.LittleEndian.Uint64(r.Record())
		if string(r.Record()) != string(record(n, 8+int(n%3000))) {
			return nil, fmt.Errorf("record %d is not as it was appended", n)
		}
		all = append(all, r.Record()[:8]...)
	}
	if places, _ := r.Damage(); places > 0 {
		return nil, fmt.Errorf("%s is damaged", s.path)
	}
	return all, r.Err()
}

// A process is killed at any moment, again and again: each acknowledged record reaches the
// store, and reaches it once. THROUGHLINE_SPOOL_KILLS makes it long.
func TestKilledProcessesLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	acknowledged := map[uint64]bool{}
	for round := range long(t, "THROUGHLINE_SPOOL_KILLS", 5) {
		// Each round has numbers of its own: one that was not acknowledged may be stored too.
		for _, n := range kill(t, dir, uint64(round)<<32, time.Duration(rand.IntN(300))*time.Millisecond) {
			acknowledged[n] = true
		}
	}
	l := open(t, dir, onDemand)
	failed := make(chan error, 1)
	go func() { failed <- store(l, filepath.Join(dir, "store")) }()
	if err := l.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.Close()
	<-failed
	stored := map[uint64]bool{}
	blocks, _ := filepath.Glob(filepath.Join(dir, "store", "*"))
	for _, block := range blocks {
		if strings.HasSuffix(block, ".new") {
			continue
		}
		b, err := os.ReadFile(block)
		if err != nil {
			t.Fatal(err)
		}
		for ; len(b) >= 8; b = b[8:] {
			n := binary.LittleEndian.Uint64(b)
			if stored[n] {
				t.Errorf("record %d is stored twice", n)
			}
			stored[n] = true
		}
	}
	for n := range acknowledged {
		if !stored[n] {
			t.Errorf("record %d was acknowledged and is lost", n)
		}
	}
	if s := l.Stats(); s.Aside > 0 {
		t.Errorf("%+v", s)
	}
	t.Logf("%d acknowledged, %d stored in %d segments", len(acknowledged), len(stored), len(blocks))
}

// kill runs a victim for a while after its first record and returns what it acknowledged.
func kill(t *testing.T, dir string, first uint64, after time.Duration) (acknowledged []uint64) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victim+"="+dir, victim+"_FIRST="+strconv.FormatUint(first, 10))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	said := new(strings.Builder)
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(after, func() { cmd.Process.Kill() })
	for lines := bufio.NewScanner(out); lines.Scan(); {
		n, err := strconv.ParseUint(lines.Text(), 10, 64)
		if err != nil {
			t.Fatalf("%q", lines.Text())
		}
		acknowledged = append(acknowledged, n)
	}
	cmd.Wait()
	if said.Len() > 0 {
		t.Fatal(said)
	}
	return acknowledged
}
