package pyruntime

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// sleeps is a Python with a loop in which a function says the address of the context that it is run in, on a line, and then
// waits for its input to end. Another thread was begun later.
const sleeps = `
import asyncio, contextvars, sys, threading
threading.Thread(target=threading.Event().wait, daemon=True).start()
async def main():
    context = contextvars.copy_context()
    context.run(lambda: (print(id(context), flush=True), sys.stdin.read()))
asyncio.run(main())
`

// pythons are those of the machine.
func pythons(t *testing.T) []string {
	t.Helper()
	found, _ := filepath.Glob("/usr/bin/python3.?*")
	if others, _ := filepath.Glob(filepath.Join(os.Getenv("HOME"), ".pyenv/versions/3.*/bin/python3")); others != nil {
		found = append(found, others...)
	}
	var list []string
	for _, path := range found {
		if exec.Command(path, "-c", "import asyncio; asyncio.run").Run() == nil {
			list = append(list, path)
		}
	}
	if len(list) == 0 {
		t.Fatal("no Python: install python3")
	}
	return list
}

// What is found in a running Python holds the address of the context that its first thread is in.
func TestContextAt(t *testing.T) {
	t.Parallel()
	for _, python := range pythons(t) {
		t.Run(python, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(python, "-c", sleeps)
			in, _ := cmd.StdinPipe()
			out, _ := cmd.StdoutPipe()
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { in.Close(); _ = cmd.Wait() }()
			var want uint64
			if _, err := fmt.Fscan(out, &want); err != nil {
				t.Fatal(err)
			}
			root := fmt.Sprintf("/proc/%d", cmd.Process.Pid)
			maps, err := os.ReadFile(root + "/maps")
			if err != nil {
				t.Fatal(err)
			}
			at, err := ContextAt(root, string(maps))
			if err != nil {
				t.Fatal(err)
			}
			mem, err := os.Open(root + "/mem")
			if err != nil {
				t.Fatal(err)
			}
			defer mem.Close()
			if got := (&memory{ReaderAt: mem}).words(at, 1); len(got) != 1 || got[0] != want {
				t.Errorf("%x at %x, want %x", got, at, want)
			}
		})
	}
}

// ram is memory that has words at some addresses.
type ram map[uint64]uint64

func (r ram) ReadAt(b []byte, at int64) (int, error) {
	for i := 0; i+word <= len(b); i += word {
		binary.LittleEndian.PutUint64(b[i:], r[uint64(at)+uint64(i)])
	}
	return len(b), nil
}

// python is one as memory: a runtime with an interpreter whose threads stand one behind the other.
func python(threads ...uint64) ram {
	const runtime, interpreter = 0x10000, 0x20000
	r := ram{runtime + 80: interpreter, runtime + 88: interpreter, interpreter + 128: threads[0]}
	for i, at := range threads {
		r[at+threadInterpreter*word] = interpreter
		if i+1 < len(threads) {
			r[at+threadNext*word] = threads[i+1]
		}
	}
	return r
}

func TestTheFirstThreadCounts(t *testing.T) {
	t.Parallel()
	const runtime, contextType, context = 0x10000, 0x90000, 0x70000
	r := python(0x40000, 0x50000)
	r[0x40000+200] = context // of the thread that came later
	r[context+typeWord*word] = contextType
	if at, err := contextAt(&memory{ReaderAt: r}, runtime, contextType); err == nil {
		t.Errorf("found %x, of another thread than the first", at)
	}
	r[0x50000+224] = context
	if at, err := contextAt(&memory{ReaderAt: r}, runtime, contextType); err != nil || at != 0x50000+224 {
		t.Errorf("found %x, %v", at, err)
	}
	r[context+typeWord*word]++
	if _, err := contextAt(&memory{ReaderAt: r}, runtime, contextType); !errors.Is(err, ErrNoContext) {
		t.Errorf("an object of another type is taken for a context: %v", err)
	}
}

// Whatever a process has in its memory, the search ends.
func TestAListInACircleEnds(t *testing.T) {
	t.Parallel()
	r := python(0x40000, 0x50000)
	r[0x50000+threadNext*word] = 0x40000
	if _, err := contextAt(&memory{ReaderAt: r}, 0x10000, 0x90000); !errors.Is(err, ErrNoContext) {
		t.Error(err)
	}
	if _, err := contextAt(&memory{ReaderAt: noMemory{}}, 0x10000, 0x90000); !errors.Is(err, ErrNoContext) {
		t.Error(err)
	}
}

// A program may have in its memory what leads from one thread to the next without end.
func TestASearchEndsSoon(t *testing.T) {
	t.Parallel()
	m := &memory{ReaderAt: maze{}}
	if _, err := contextAt(m, 0x10000, 0x90000); !errors.Is(err, ErrNoContext) {
		t.Error(err)
	}
	if m.reads < readsLimit {
		t.Errorf("%d reads: this maze is too small", m.reads)
	}
}

// maze is memory in which every other word is one pointer, and each of the others one of a kind.
type maze struct{}

func (maze) ReadAt(b []byte, at int64) (int, error) {
	for i := 0; i+word <= len(b); i += word {
		w := uint64(0x20000)
		if (uint64(at)/word+uint64(i)/word)%2 == 1 {
			w = uint64(at) + uint64(i) + 0x1000*word - word
		}
		binary.LittleEndian.PutUint64(b[i:], w)
	}
	return len(b), nil
}

type noMemory struct{}

func (noMemory) ReadAt([]byte, int64) (int, error) { return 0, io.EOF }

func TestLibrary(t *testing.T) {
	t.Parallel()
	const maps = "55d000-55e000 r--p 00000000 00:31 7 /usr/bin/python3.11\n7f1000-7f2000 r--p 00000000 00:31 8 /usr/lib/libpython3.so\n7f4000-7f5000 r--p 00000000 00:31 9 /usr/lib/libpython3.11.so.1.0\n7f5000-7f6000 r-xp 00001000 00:31 9 /usr/lib/libpython3.11.so.1.0\n7f8000-7f9000 rw-p 00000000 00:00 0\n"
	if at, ok := library(maps); !ok || at != (mapping{0x7f4000, 0x7f5000, "/usr/lib/libpython3.11.so.1.0"}) {
		t.Errorf("%+v, %t", at, ok)
	}
	if _, ok := library("55d000-55e000 r--p 00000000 00:31 7 /usr/bin/python3.11\n"); ok {
		t.Error("a library where there is none")
	}
	if at := first(maps, "/usr/bin/python3.11"); at.from != 0x55d000 {
		t.Errorf("the executable at %x", at.from)
	}
}
