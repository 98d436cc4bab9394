package spool

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func newerHeader(id ID) []byte {
	b := appendHeader(nil, id, time.Now())
	binary.LittleEndian.PutUint32(b[8:], version+1)
	binary.LittleEndian.PutUint32(b[36:], checksum(b[:36]))
	return b
}

// A process dies in the middle of a write: the records before it are there, nothing else is,
// and new ones go on.
func TestATornTailIsCutAtEveryByte(t *testing.T) {
	t.Parallel()
	const size = frameSize + 100
	dir, path, content := written(t, 0, 1, 2)
	for cut := range len(content) {
		if err := os.WriteFile(path, content[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		l := open(t, dir, onDemand)
		whole := max(0, cut-headerSize) / size
		torn := cut - headerSize - whole*size
		if whole == 0 {
			torn = max(0, cut-headerSize)
		}
		if s := l.Stats(); s.TornBytes != uint64(torn) {
			t.Fatalf("cut at %d: %d bytes torn, want %d", cut, s.TornBytes, torn)
		}
		put(t, l, 9)
		if got, want := consume(t, l), append(upTo(uint64(whole)), 9); !slices.Equal(got, want) {
			t.Fatalf("cut at %d: %v, want %v", cut, got, want)
		}
		if s := l.Stats(); s.Damaged != 0 || s.Aside != 0 {
			t.Fatalf("cut at %d: %+v", cut, s)
		}
		l.Close()
	}
}

// What was cut once is gone from the file: it is no damage to later starts.
func TestACutTailStaysCut(t *testing.T) {
	t.Parallel()
	dir, path, content := written(t, 0, 1)
	if err := os.WriteFile(path, content[:len(content)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	for n := range uint64(3) {
		l := open(t, dir, onDemand)
		put(t, l, 5+n)
		if s := l.Stats(); n > 0 && s.TornBytes > 0 {
			t.Fatalf("%+v", s)
		}
		l.Close()
	}
	l := open(t, dir, onDemand)
	if got := consume(t, l); !slices.Equal(got, []uint64{0, 5, 6, 7}) {
		t.Fatalf("got %v", got)
	}
	if s := l.Stats(); s.Damaged > 0 || s.Aside > 0 {
		t.Fatalf("%+v", s)
	}
}

// A disk that loses power may have written the end of a group and not its beginning.
func TestAHoleInTheTailIsCutToo(t *testing.T) {
	t.Parallel()
	dir, path, content := written(t, 0, 1, 2)
	clear(content[headerSize+frameSize+100:])
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	l := open(t, dir, onDemand)
	if got := consume(t, l); !slices.Equal(got, []uint64{0}) {
		t.Fatalf("got %v", got)
	}
	if s := l.Stats(); s.TornBytes != 2*(frameSize+100) || s.Damaged != 0 {
		t.Fatalf("%+v", s)
	}
}

// One bit turns over, anywhere: no wrong record is read, at most one sound one is lost, it is
// counted, and the file stays for a look.
func TestABitFlipCostsOneRecordAtMost(t *testing.T) {
	t.Parallel()
	dir, path, content := written(t, 0, 1, 2, 3)
	name := filepath.Base(path)
	l := open(t, dir, onDemand) // the file is older than its newest segment
	put(t, l, 100)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	last := files(t, dir)[1]
	lastContent, err := os.ReadFile(last)
	if err != nil {
		t.Fatal(err)
	}
	for bit := 0; bit < 8*len(content); bit += 7 {
		bad := slices.Clone(content)
		bad[bit/8] ^= 1 << (bit % 8)
		for file, content := range map[string][]byte{path: bad, last: lastContent} {
			if err := os.WriteFile(file, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		l := open(t, dir, onDemand)
		got := consume(t, l)
		want := []uint64{0, 1, 2, 3, 100}
		if at := bit/8 - headerSize; at >= 0 {
			want = slices.Delete(want, at/(frameSize+100), at/(frameSize+100)+1)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("bit %d: %v, want %v", bit, got, want)
		}
		if s := l.Stats(); s.Damaged != 1 || s.Aside != 1 || s.SetAside != 1 {
			t.Fatalf("bit %d: %+v", bit, s)
		}
		l.Close()
		if err := os.Remove(filepath.Join(dir, "aside", name)); err != nil {
			t.Fatal(err)
		}
	}
}

// A frame inside a record, or one of another place, is no frame.
func TestFramesInsideRecordsAreNotRead(t *testing.T) {
	t.Parallel()
	_, _, inner := written(t, 5, 6)
	dir := t.TempDir()
	l := open(t, dir, onDemand)
	put(t, l, 0)
	if _, err := l.Append(t.Context(), 1, inner); err != nil {
		t.Fatal(err)
	}
	put(t, l, 1)
	if err := l.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := next(t, l)
	content, err := os.ReadFile(s.path)
	if err != nil {
		t.Fatal(err)
	}
	content[headerSize+frameSize+100]++ // the frame of the record that has frames inside
	if err := os.WriteFile(s.path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := read(t, s); !slices.Equal(got, []uint64{0, 1}) {
		t.Fatalf("got %v", got)
	}
}

// A block of another segment, at the very place, is no frame of this one.
func TestFramesOfOtherSegmentsAreNotRead(t *testing.T) {
	t.Parallel()
	_, _, other := written(t, 7, 8, 9)
	dir, path, content := written(t, 0, 1, 2)
	const middle = headerSize + frameSize + 100
	copy(content[middle:middle+frameSize+100], other[middle:])
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := consume(t, open(t, dir, onDemand)); !slices.Equal(got, []uint64{0, 2}) {
		t.Fatalf("got %v", got)
	}
}

// Nor is a block of this one at another place: its record would come twice.
func TestFramesOfOtherPlacesAreNotRead(t *testing.T) {
	t.Parallel()
	dir, path, content := written(t, 0, 1, 2)
	const size = frameSize + 100
	copy(content[headerSize+size:headerSize+2*size], content[headerSize:])
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := consume(t, open(t, dir, onDemand)); !slices.Equal(got, []uint64{0, 2}) {
		t.Fatalf("got %v", got)
	}
}

func FuzzReader(f *testing.F) {
	id := ID{1}
	sound := appendHeader(nil, id, time.Unix(1, 0))
	for n := range uint64(3) {
		b := record(n, 40)
		at := len(sound)
		sound = appendFrame(sound, 1, len(b), checksum(b), [][]byte{b})
		place(sound[at:], id.seed(), int64(at))
	}
	f.Add(sound, 0, byte(0))
	f.Add(sound[:len(sound)-3], 50, byte(1))
	f.Add(filled(sound), len(sound)+7, byte(0))
	f.Add([]byte(nil), 0, byte(0))
	f.Fuzz(func(t *testing.T, content []byte, at int, flip byte) {
		if at >= 0 && at < len(content) {
			content = slices.Clone(content)
			content[at] ^= flip
		}
		path := filepath.Join(t.TempDir(), fileName(1, id))
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		s := &Segment{ID: id, Number: 1, Bytes: int64(len(content)), path: path}
		r, err := s.Open()
		if err != nil {
			return // a header of another version
		}
		defer r.Close()
		read := int64(0)
		for r.Next() {
			read += frameSize + int64(len(r.Record()))
		}
		_, bytes := r.Damage()
		if all := read + bytes + r.filled; r.Err() != nil || all != int64(len(content)) && all+headerSize != int64(len(content)) {
			t.Fatalf("%d bytes read, %d damaged of %d: %v", read, bytes, len(content), r.Err())
		}
	})
}
