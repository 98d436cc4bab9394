package export_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/throughline-io/throughline/agent/export"
	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/wire"
	"github.com/throughline-io/throughline/spool"
)

// logged is a queue with a log in dir, of the run that boot names.
func logged(t *testing.T, s *server, dir string, boot uint64, change func(*export.Config)) *export.Queue {
	t.Helper()
	q, _ := newQueue(t, s, func(c *export.Config) {
		c.Dir, c.Boot, c.Linger = dir, boot, time.Millisecond
		if change != nil {
			change(c)
		}
	})
	return q
}

func key(name string) export.Key { return export.KeyOf([]byte(name)) }

func put(t *testing.T, q *export.Queue, from, n int, k export.Key) {
	t.Helper()
	d, err := q.Put(spans(from, n), k)
	if err == nil {
		_, err = d.Wait(deadline(t))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// until waits for what must come.
func until(t *testing.T, what string, there func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !there(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func stored(t *testing.T, s *server, n int) {
	t.Helper()
	until(t, fmt.Sprintf("%d spans are stored", n), func() bool { return s.count() >= n })
}

var errAway = status.Error(codes.Unavailable, "away")

// With a log a batch is acknowledged while the server is away, and reaches it from the next run, in
// order and under the boot and sequence numbers of the run that took it: so the server recognises what
// it had before the agent died.
func TestWhatIsInTheLogIsPushedByTheNextRun(t *testing.T) {
	t.Parallel()
	s, dir := newServer(t), t.TempDir()
	s.behave(func(*wire.PushRequest) error { return errAway })
	q := logged(t, s, dir, 7, nil)
	for i := range 5 {
		put(t, q, 1+10*i, 10, key(string(rune('a'+i))))
	}
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	if s.count() != 0 {
		t.Fatalf("%d spans are stored already", s.count())
	}
	before := len(s.received())
	s.behave(nil)
	q = logged(t, s, dir, 8, nil)
	put(t, q, 1000, 1, key("new"))
	stored(t, s, 51)
	var old, all []uint64
	for _, p := range s.received()[before:] {
		if all = append(all, p.GetBoot()); p.GetBoot() == 7 {
			old = append(old, p.GetSequence())
		}
	}
	slices.Sort(old)
	if all[len(all)-1] != 8 || !slices.IsSorted(all) || len(slices.Compact(old)) != len(old) || old[0] != 1 {
		t.Errorf("boots %v, sequence numbers of the earlier run %v", all, old)
	}
	for id, n := range s.stored {
		if n != 1 {
			t.Errorf("span %d was stored %d times", id, n)
		}
	}
}

// A request whose sender got no answer comes again, to this run or the next: it is in the log, or was.
func TestARequestThatComesAgainAfterARestartIsStoredOnce(t *testing.T) {
	t.Parallel()
	s, dir := newServer(t), t.TempDir()
	q := logged(t, s, dir, 7, nil)
	put(t, q, 1, 3, key("pushed"))
	stored(t, s, 3)
	until(t, "its segment is gone, and it is noted that it was there", func() bool {
		data, _ := os.ReadFile(filepath.Join(dir, "requests"))
		return len(data) > 0
	})
	s.behave(func(*wire.PushRequest) error { return errAway })
	put(t, q, 4, 3, key("waits"))
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	s.behave(nil)
	for boot := range uint64(3) {
		q = logged(t, s, dir, 8+boot, nil)
		put(t, q, 1, 3, key("pushed"))
		put(t, q, 4, 3, key("waits"))
		if err := q.Close(); err != nil {
			t.Fatal(err)
		}
	}
	q = logged(t, s, dir, 20, nil)
	put(t, q, 7, 1, key("last"))
	stored(t, s, 7)
	for id, n := range s.stored {
		if n != 1 {
			t.Errorf("span %d was stored %d times", id, n)
		}
	}
}

// A log is bounded: when it is full senders are told to come later, and it takes again when the server
// has taken from it.
func TestAFullLogRefusesUntilTheServerTakesFromIt(t *testing.T) {
	t.Parallel()
	s, dir := newServer(t), t.TempDir()
	s.behave(func(*wire.PushRequest) error { return errAway })
	q := logged(t, s, dir, 7, func(c *export.Config) { c.LogBytes = 256 << 10 })
	acknowledged := 0
	for i := 0; ; i++ {
		if i == 10_000 {
			t.Fatal("a log of 256 KiB is never full")
		}
		if _, err := q.Send(deadline(t), spans(1+100*i, 100)); err != nil {
			if !errors.Is(err, export.ErrFull) {
				t.Fatal(err)
			}
			break
		}
		acknowledged += 100
	}
	s.behave(nil)
	stored(t, s, acknowledged)
	if s.count() != acknowledged {
		t.Errorf("%d spans are stored, %d were acknowledged", s.count(), acknowledged)
	}
	for err := export.ErrFull; err != nil; {
		if _, err = q.Send(deadline(t), spans(1_000_000, 1)); err != nil && !errors.Is(err, export.ErrFull) {
			t.Fatal(err)
		}
	}
}

// What the server will never take is kept where somebody can look at it, and holds nobody up.
func TestARefusedRecordIsSetAside(t *testing.T) {
	t.Parallel()
	s, dir := newServer(t), t.TempDir()
	s.behave(func(p *wire.PushRequest) error {
		if p.GetSequence() == 1 {
			return status.Error(codes.InvalidArgument, "nonsense")
		}
		return nil
	})
	q := logged(t, s, dir, 7, nil)
	put(t, q, 1, 3, export.Key{})
	put(t, q, 4, 3, export.Key{})
	stored(t, s, 3)
	until(t, "a record is set aside, with the reason beside it", func() bool {
		found, _ := filepath.Glob(filepath.Join(dir, "log", "aside", "*.record.txt"))
		if len(found) == 0 {
			return false
		}
		if len(found) != 1 {
			t.Fatalf("set aside: %v", found)
		}
		why, err := os.ReadFile(found[0]) // it may be on its way still
		return err == nil && bytes.Contains(why, []byte("nonsense"))
	})
}

// A log whose disk failed takes nothing until a restart: senders are told to come later, what nobody sends
// again is counted under that reason, and the queue says why.
func TestALogWhoseDiskFailedIsSaid(t *testing.T) {
	t.Parallel()
	l, dir := new(ledger.Ledger), t.TempDir()
	q := logged(t, newServer(t), dir, 1, func(c *export.Config) { c.Ledger = l })
	if err := q.Problem(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "log")); err != nil {
		t.Fatal(err)
	}
	if _, err := q.Send(deadline(t), spans(1, 10)); !errors.Is(err, export.ErrFull) {
		t.Errorf("a sender is told %v", err)
	}
	q.Add(&span.Span{ID: 20, Source: span.SYS, Start: 1e18})
	if err := q.Flush(deadline(t)); err != nil {
		t.Fatal(err)
	}
	if n, closed := line(l, "SYS", "dropped: the log on disk took nothing"), line(l, "SYS", "dropped: shutdown"); n != 1 || closed != 0 {
		t.Errorf("the ledger has %d spans under the reason, %d under a shutdown", n, closed)
	}
	if err := q.Problem(); !errors.Is(err, spool.ErrBroken) {
		t.Errorf("the queue says %v", err)
	}
}
