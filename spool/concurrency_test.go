package spool

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var background = context.Background()

// Many append, some give up; several consume, seal and drain: all that was acknowledged comes
// once, in few groups.
func TestManyAppendAndConsume(t *testing.T) {
	t.Parallel()
	l := open(t, t.TempDir(), Options{SegmentRows: 100, SegmentAge: time.Millisecond, GroupBytes: 5000})
	var got, acknowledged sync.Map
	var consumers, appenders sync.WaitGroup
	for range 3 {
		consumers.Go(func() {
			for {
				s, err := l.Next(background)
				if errors.Is(err, ErrClosed) {
					return
				}
				for _, n := range read(t, s) {
					if _, twice := got.LoadOrStore(n, true); twice {
						t.Errorf("record %d comes twice", n)
					}
				}
				if err := l.Done(s); err != nil {
					t.Error(err)
				}
			}
		})
	}
	var total atomic.Int64
	for worker := range uint64(16) {
		appenders.Go(func() {
			for n := 1000 * worker; n < 1000*worker+200; n++ {
				ctx, cancel := context.WithCancel(background)
				if n%7 == 0 {
					go cancel()
				}
				_, err := l.Append(ctx, 1, record(n, int(n%2000)))
				cancel()
				if err == nil {
					acknowledged.Store(n, true)
					total.Add(1)
				} else if !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
				if n%50 == 0 {
					if err := l.Drain(background); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	appenders.Wait()
	if err := l.Drain(background); err != nil {
		t.Fatal(err)
	}
	l.Close()
	consumers.Wait()
	acknowledged.Range(func(n, _ any) bool {
		if _, ok := got.Load(n); !ok {
			t.Errorf("record %d was acknowledged and never given", n)
		}
		return true
	})
	if s := l.Stats(); s.Groups > s.Appended || s.Bytes != 0 || s.Segments != 0 {
		t.Errorf("%+v", s)
	}
}

// Who comes while a group is written shares the next write: one fdatasync for all of them.
func TestAppendersShareOneSync(t *testing.T) {
	t.Parallel()
	slow := &slowDisk{entered: make(chan struct{}), leave: make(chan struct{})}
	l := open(t, t.TempDir(), Options{SegmentAge: time.Hour, disk: slow})
	var all sync.WaitGroup
	all.Go(func() { put(t, l, 0) })
	<-slow.entered
	for n := range uint64(50) {
		all.Go(func() { put(t, l, n+1) })
	}
	for l.pendingRecords() < 50 {
		time.Sleep(time.Millisecond)
	}
	slow.leave <- struct{}{}
	<-slow.entered
	slow.leave <- struct{}{}
	all.Wait()
	if s := l.Stats(); s.Groups != 2 || s.Appended != 51 {
		t.Fatalf("%+v", s)
	}
}

// A disk that hangs holds no more memory than one group: further appends wait outside, and
// who gives up leaves.
func TestAHangingDiskHoldsOneGroup(t *testing.T) {
	t.Parallel()
	slow := &slowDisk{entered: make(chan struct{}), leave: make(chan struct{})}
	l := open(t, t.TempDir(), Options{SegmentAge: time.Hour, GroupBytes: 3 * (frameSize + 100), disk: slow})
	ctx, giveUp := context.WithCancel(t.Context())
	var all sync.WaitGroup
	add := func() {
		if _, err := l.Append(ctx, 1, record(1, 100)); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
	all.Go(add)
	<-slow.entered
	for range 20 {
		all.Go(add)
	}
	for l.pendingRecords() < 3 {
		time.Sleep(time.Millisecond)
	}
	giveUp()
	all.Wait()
	if n := l.pendingRecords(); n != 3 {
		t.Errorf("%d records wait", n)
	}
	close(slow.leave)
	go func() {
		for range slow.entered {
		}
	}()
	l.Close()
	close(slow.entered)
}

func (l *Log) pendingRecords() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pending.records
}

// slowDisk stands in every fdatasync until it may leave.
type slowDisk struct {
	osDisk
	entered, leave chan struct{}
}

func (d *slowDisk) create(path string) (file, error) {
	f, err := d.osDisk.create(path)
	return slowFile{f, d}, err
}

type slowFile struct {
	file
	disk *slowDisk
}

func (f slowFile) sync() error {
	f.disk.entered <- struct{}{}
	<-f.disk.leave
	return f.file.sync()
}
