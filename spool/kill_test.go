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
	"sync"
	"testing"
	"time"
)

// The test binary is also the process that is killed: with this variable, three words, it
// appends and consumes in a folder until it dies, puts blocks into another, and prints the
// number of each acknowledged record, from a first one on.
const victim = "THROUGHLINE_SPOOL_VICTIM"

func TestMain(m *testing.M) {
	if words := strings.Fields(os.Getenv(victim)); len(words) == 3 {
		first, err := strconv.ParseUint(words[2], 10, 64)
		if err == nil {
			err = live(words[0], words[1], first)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// live never returns but for an error.
func live(dir, blocks string, first uint64) error {
	l, err := Open(dir, Options{SegmentBytes: 64 << 10, SegmentAge: 20 * time.Millisecond})
	if err != nil {
		return err
	}
	failed := make(chan error)
	for worker := range uint64(8) {
		go func() {
			for n := first + worker; ; n += 8 {
				if _, err := l.Append(background, 1, record(n, sizeOf(n))); err != nil {
					failed <- err
					return
				}
				os.Stdout.WriteString(strconv.FormatUint(n, 10) + "\n") // one write: whole or not at all
			}
		}()
	}
	go func() { failed <- store(l, blocks) }()
	return <-failed
}

// sizeOf is how long a record is: most are small, and some make a group that is written past the page cache.
func sizeOf(n uint64) int {
	if n%50 == 0 {
		return directBytes + int(n%50_000)
	}
	return 8 + int(n%3000)
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
		if string(r.Record()) != string(record(n, sizeOf(n))) {
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
	dir, blocks := t.TempDir(), t.TempDir()
	acknowledged := map[uint64]bool{}
	for round := range long(t, "THROUGHLINE_SPOOL_KILLS", 5) {
		said := run(t, dir, blocks, round, func(n uint64) { acknowledged[n] = true }, func(p *os.Process) { p.Kill() })
		if said != "" {
			t.Fatal(said)
		}
	}
	reachedOnce(t, dir, blocks, acknowledged)
}

// run runs a victim, tells what it acknowledged, and ends it after a while. Each round has
// numbers of its own: one that was not acknowledged may be stored too.
func run(t *testing.T, dir, blocks string, round int, acknowledged func(uint64), end func(*os.Process)) (said string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %d", victim, dir, blocks, uint64(round)<<32))
	var errors strings.Builder
	cmd.Stderr = &errors
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	atSomeTime := sync.OnceFunc(func() {
		time.AfterFunc(time.Duration(rand.IntN(300))*time.Millisecond, func() {
			defer close(ended)
			end(cmd.Process)
		})
	})
	if round%2 == 1 { // also while it starts
		atSomeTime()
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		atSomeTime()
		n, err := strconv.ParseUint(lines.Text(), 10, 64)
		if err != nil {
			t.Fatalf("%q", lines.Text())
		}
		acknowledged(n)
	}
	atSomeTime() // it died by itself, which the caller sees
	cmd.Wait()
	<-ended
	return errors.String()
}

// reachedOnce consumes what is left and looks for every record in the store.
func reachedOnce(t *testing.T, dir, blocks string, acknowledged map[uint64]bool) {
	t.Helper()
	l := open(t, dir, onDemand)
	failed := make(chan error, 1)
	go func() { failed <- store(l, blocks) }()
	drained := make(chan error, 1)
	go func() { drained <- l.Drain(t.Context()) }()
	select {
	case err := <-failed:
		t.Fatal(err)
	case err := <-drained:
		if err != nil {
			t.Fatal(err)
		}
	}
	s := l.Stats()
	l.Close()
	<-failed
	stored := map[uint64]bool{}
	files, _ := filepath.Glob(filepath.Join(blocks, "*"))
	for _, file := range files {
		if strings.HasSuffix(file, ".new") {
			continue
		}
		b, err := os.ReadFile(file)
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
	if s.Aside > 0 || len(acknowledged) == 0 {
		t.Errorf("%+v", s)
	}
	t.Logf("%d acknowledged, %d stored in %d segments", len(acknowledged), len(stored), len(files))
}
