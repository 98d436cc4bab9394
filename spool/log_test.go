package spool

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"
	"testing"
	"time"
)

func TestRecordsComeInOrderAndOnce(t *testing.T) {
	t.Parallel()
	l := open(t, t.TempDir(), onDemand)
	put(t, l, 1, 2, 3)
	if got := consume(t, l); !slices.Equal(got, []uint64{1, 2, 3}) {
		t.Fatalf("got %v", got)
	}
	put(t, l, 4)
	if got := consume(t, l); !slices.Equal(got, []uint64{4}) {
		t.Fatalf("got %v", got)
	}
	if s := l.Stats(); s.Segments != 0 || s.Bytes != 0 || s.Appended != 4 || s.AppendedRows != 4 || s.Done != 2 {
		t.Fatalf("%+v", s)
	}
}

// A segment that was not done comes again, under the ID that the consumer's store knows.
func TestARestartGivesTheSameSegments(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := open(t, dir, onDemand)
	var ids []ID
	for n := range uint64(3) {
		put(t, l, 2*n, 2*n+1)
		if err := l.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, next(t, l).ID)
	}
	put(t, l, 6) // in the open segment
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(t, dir, onDemand)
	if got := l.Stats().Recovered; got != 4 {
		t.Fatalf("%d segments recovered", got)
	}
	for n := range uint64(3) {
		s := next(t, l)
		if s.ID != ids[n] || !s.Recovered {
			t.Fatalf("segment %d: %+v, want ID %v", n, s, ids[n])
		}
		if got := read(t, s); !slices.Equal(got, []uint64{2 * n, 2*n + 1}) {
			t.Fatalf("segment %d has %v", n, got)
		}
	}
	put(t, l, 7)
	if got := consume(t, l); !slices.Equal(got, []uint64{6, 7}) {
		t.Fatalf("got %v", got)
	}
}

// A look at what waits takes nothing and counts nothing.
func TestPeekTakesNothing(t *testing.T) {
	t.Parallel()
	dir, path, content := written(t, 0, 1, 2)
	content[headerSize+frameSize+100+frameSize]++ // record 1
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	l := open(t, dir, onDemand)
	for range 2 {
		var got []uint64
		if err := l.Peek(func(_ *Segment, record []byte) { got = append(got, number(t, record)) }); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, []uint64{0, 2}) {
			t.Fatalf("got %v", got)
		}
	}
	if got := consume(t, l); !slices.Equal(got, []uint64{0, 2}) {
		t.Fatalf("got %v", got)
	}
	if s := l.Stats(); s.Damaged != 1 || s.Done != 1 {
		t.Fatalf("%+v", s)
	}
}

func TestSegmentsAreSealedByRowsBytesAndAge(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]Options{
		"rows":  {SegmentRows: 3, SegmentAge: time.Hour},
		"bytes": {SegmentBytes: headerSize + 3*(frameSize+100), SegmentAge: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := open(t, t.TempDir(), opt)
			put(t, l, upTo(7)...)
			for range 2 {
				if s := next(t, l); s.Records != 3 || s.Rows != 3 {
					t.Fatalf("%+v", s)
				}
			}
			if l.waiting() != 0 {
				t.Fatal("sealed too early")
			}
		})
	}
	t.Run("age", func(t *testing.T) {
		t.Parallel()
		l := open(t, t.TempDir(), Options{SegmentAge: time.Millisecond})
		put(t, l, 1)
		if got := read(t, next(t, l)); !slices.Equal(got, []uint64{1}) {
			t.Fatalf("got %v", got)
		}
	})
}

// A consumer that takes longer for a segment than it takes to fill one by age gets larger ones, and
// catches up.
func TestAConsumerThatIsBehindGetsLargerSegments(t *testing.T) {
	t.Parallel()
	l := open(t, t.TempDir(), Options{SegmentAge: time.Nanosecond})
	put(t, l, 1) // sealed at once, and taken by nobody
	for n := range uint64(100) {
		put(t, l, n+2)
	}
	if n := l.waiting(); n != 1 {
		t.Fatalf("%d segments wait", n)
	}
	if got := read(t, next(t, l)); !slices.Equal(got, []uint64{1}) {
		t.Fatalf("got %v", got)
	}
	if got := read(t, next(t, l)); len(got) != 100 {
		t.Fatalf("%d records in the second", len(got))
	}
}

// A consumer whose work costs the same however small a segment is gets small ones later.
func TestASmallSegmentMayBeOlder(t *testing.T) {
	t.Parallel()
	l := open(t, t.TempDir(), Options{SegmentAge: time.Millisecond, SmallRows: 3, SmallAge: time.Hour})
	put(t, l, 1, 2)
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if s, err := l.Next(short); err == nil {
		t.Fatalf("a segment of %d rows was sealed, before the hour", s.Rows)
	}
	put(t, l, 3) // now it is as old as any other may be
	if s := next(t, l); s.Rows != 3 {
		t.Fatalf("%d rows", s.Rows)
	}
	l = open(t, t.TempDir(), Options{SegmentAge: time.Hour, SmallRows: 3, SmallAge: time.Millisecond})
	put(t, l, 1)
	if s := next(t, l); s.Rows != 1 {
		t.Fatalf("%d rows", s.Rows)
	}
}

func TestAppendSaysWhichSegmentHasTheRecord(t *testing.T) {
	t.Parallel()
	l := open(t, t.TempDir(), Options{SegmentRows: 1, SegmentAge: time.Hour})
	for n := range uint64(3) {
		id, err := l.Append(t.Context(), 1, record(n, 50)[:20], record(n, 50)[20:])
		if err != nil {
			t.Fatal(err)
		}
		s := next(t, l)
		if got := read(t, s); s.ID != id || !slices.Equal(got, []uint64{n}) {
			t.Fatalf("%v in %v, told %v", got, s.ID, id)
		}
	}
}

// The cap refuses, and what the consumer ends with makes room.
func TestAFullLogRefusesUntilTheConsumerCatchesUp(t *testing.T) {
	t.Parallel()
	l := open(t, t.TempDir(), Options{SegmentAge: time.Hour, MaxBytes: headerSize + 5*(frameSize+100)})
	put(t, l, upTo(4)...) // room is kept for a header
	_, err := l.Append(t.Context(), 1, record(4, 100))
	if !errors.Is(err, ErrFull) {
		t.Fatalf("got %v", err)
	}
	s := next(t, l) // sealed though it is neither large nor old: it is what is in the way
	if got := read(t, s); len(got) != 4 {
		t.Fatalf("got %v", got)
	}
	if err := l.Done(s); err != nil {
		t.Fatal(err)
	}
	put(t, l, 4)
	if s := l.Stats(); s.Refused != 1 || s.Appended != 5 {
		t.Fatalf("%+v", s)
	}
}

func TestRecordsThatNeverFitAreToldApart(t *testing.T) {
	t.Parallel()
	l := open(t, t.TempDir(), Options{MaxRecord: 1000, MaxBytes: 900})
	for _, size := range []int{900, 1001} {
		if _, err := l.Append(t.Context(), 1, make([]byte, size)); !errors.Is(err, ErrTooLarge) {
			t.Fatalf("%d bytes: %v", size, err)
		}
	}
}

// Records above GroupBytes, empty ones and ones of no parts are records like any other.
func TestRecordsOfAllSizes(t *testing.T) {
	t.Parallel()
	l := open(t, t.TempDir(), Options{SegmentAge: time.Hour, GroupBytes: 1000})
	sizes := []int{0, 1, 999, 1000, 1001, windowBytes - 1, windowBytes, 1 << 20, 0}
	var all sync.WaitGroup
	for _, size := range sizes {
		all.Go(func() {
			if _, err := l.Append(t.Context(), 3, make([]byte, size)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if err := l.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, err := next(t, l).Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var got []int
	for r.Next() {
		got = append(got, len(r.Record()))
		if r.Rows() != 3 {
			t.Fatalf("%d rows", r.Rows())
		}
	}
	slices.Sort(got)
	slices.Sort(sizes)
	if !slices.Equal(got, sizes) || r.Err() != nil {
		t.Fatalf("got %v, want %v; %v", got, sizes, r.Err())
	}
}

func TestOneProcessHasTheFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := open(t, dir, Options{})
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrLocked) {
		t.Fatalf("got %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir, Options{})
}

func TestAClosedLogSaysSo(t *testing.T) {
	t.Parallel()
	l := open(t, t.TempDir(), onDemand)
	put(t, l, 1)
	if err := l.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := next(t, l)
	waits := make(chan error)
	go func() {
		_, err := l.Next(context.Background())
		waits <- err
	}()
	l.Close()
	_, err := l.Append(t.Context(), 1, nil)
	for what, err := range map[string]error{"Append": err, "Next": <-waits, "Done": l.Done(s), "Seal": l.Seal(t.Context()), "Drain": l.Drain(t.Context())} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	t.Parallel()
	l := open(t, t.TempDir(), onDemand)
	put(t, l, 1)
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("the client went away")
	cancel(why)
	_, next := l.Next(ctx)
	for what, err := range map[string]error{"Next": next, "Drain": l.Drain(ctx)} {
		if !errors.Is(err, why) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A reader of the store waits for what was acknowledged before it asked, and no longer.
func TestDrainWaitsForTheConsumer(t *testing.T) {
	t.Parallel()
	l := open(t, t.TempDir(), onDemand)
	if err := l.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	put(t, l, 1)
	drained := make(chan error, 1)
	go func() { drained <- l.Drain(t.Context()) }()
	s := next(t, l)
	select {
	case <-drained:
		t.Fatal("drained before Done")
	default:
	}
	put(t, l, 2)
	if err := l.Done(s); err != nil {
		t.Fatal(err)
	}
	if err := <-drained; err != nil {
		t.Fatal(err)
	}
}

func TestAFolderOfANewerVersionIsNotTouched(t *testing.T) {
	t.Parallel()
	dir, path, content := written(t, 1)
	_, id, _ := parseName(files(t, dir)[0][len(dir)+1:])
	newer := newerHeader(id)
	if err := os.WriteFile(path, append(newer, content[headerSize:]...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrVersion) {
		t.Fatalf("got %v", err)
	}
	if now, _ := os.ReadFile(path); len(now) != len(content) {
		t.Fatal("the file was changed")
	}
}
