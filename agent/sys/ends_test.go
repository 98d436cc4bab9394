package sys

import (
	"errors"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// localPair is both ends of an AF_UNIX stream that is connected to a name, in the namespace.
func (b *bed) localPair() (fds [2]int) {
	b.t.Helper()
	var err error
	b.in(func() { fds, err = connectLocally() })
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { unix.Close(fds[0]); unix.Close(fds[1]) })
	return fds
}

func connectLocally() (fds [2]int, err error) {
	l, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return fds, err
	}
	defer unix.Close(l)
	if err := errors.Join(unix.Bind(l, &unix.SockaddrUnix{Name: "@"}), unix.Listen(l, 1)); err != nil { // the kernel finds a name
		return fds, err
	}
	name, err := unix.Getsockname(l)
	if err != nil {
		return fds, err
	}
	if fds[0], err = unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0); err != nil {
		return fds, err
	}
	if err := unix.Connect(fds[0], name); err != nil {
		return fds, err
	}
	fds[1], _, err = unix.Accept(l)
	return fds, err
}

// inodeOf is the inode number of an open file.
func inodeOf(t *testing.T, fd int) uint64 {
	t.Helper()
	var s unix.Stat_t
	if err := unix.Fstat(fd, &s); err != nil {
		t.Fatal(err)
	}
	return s.Ino
}

// Of an AF_UNIX stream the first call of each end tells both ends, and then one a second or so. The others have nothing behind
// their payload: the inode number says whose they are.
func TestEndsOfALocalStreamAreNotToldWithEachCall(t *testing.T) {
	t.Parallel()
	for _, one := range suited(ladder(TPBTF), preempts()) {
		t.Run(one.String(), func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			p, err := load(Auto, options{payload: 1024, ring: 4 << 20, only: &one})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			if err := p.coll.Maps["namespaces"].Put(b.inode, uint8(1)); err != nil {
				t.Fatal(err)
			}
			p.changed()
			fds := b.localPair()
			const calls = 200 // of each end
			message, room := []byte("GET / HTTP/1.1\r\n\r\n"), make([]byte, 64)
			for range calls {
				if _, err := unix.Write(fds[0], message); err != nil {
					t.Fatal(err)
				}
				if _, err := unix.Read(fds[1], room); err != nil {
					t.Fatal(err)
				}
			}
			r, err := openRing(p.coll.Maps["events"])
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			inodes := [2]uint64{inodeOf(t, fds[0]), inodeOf(t, fds[1])}
			var seen, told [2]int
			r.Drain(func(record []byte) {
				e, ok := parseEvent(record)
				if !ok {
					t.Fatalf("a record of %d bytes", len(record))
				}
				end := slices.Index(inodes[:], e.Socket)
				if end < 0 || !e.isLocal() || string(e.payload) != string(message) {
					t.Errorf("%+v, payload %q", e.SockioEvent, e.payload)
					return
				}
				if seen[end]++; !e.tellsEnds() {
					if seen[end] == 1 {
						t.Errorf("the first call of end %d does not tell its ends", end)
					}
					return
				}
				told[end]++
				if l := endsOf(&e); l.peer != inodes[1-end] || l.serves != (end == 1) || l.path == "" {
					t.Errorf("end %d, %d, peer %d, serves %t, path %q", end, e.Socket, l.peer, l.serves, l.path)
				}
			}, 1<<20)
			if seen != [2]int{calls, calls} || told[0] == calls || told[1] == calls {
				t.Errorf("%v calls seen, of which %v tell their ends; want all of %d seen", seen, told, calls)
			}
		})
	}
}
