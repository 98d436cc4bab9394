package pyruntime

import (
	"encoding/binary"
	"errors"
	"io"
)

// What CPython keeps, of every version since 3.7 (Include/internal/pycore_runtime.h, Include/cpython/pystate.h): in _PyRuntime
// the address of the first PyInterpreterState, twice, in that the latest PyThreadState, which begins with these words.
const (
	threadPrevious = iota
	threadNext
	threadInterpreter
	threadWords // that are looked at, for the context
)

const (
	word         = 8
	runtimeRead  = 4 << 10  // bytes of _PyRuntime: the list of interpreters is near its beginning
	interpreters = 32       // looked at, of what may be one
	interpRead   = 16 << 10 // bytes of one
	threadRead   = 512      // bytes of a PyThreadState
	threadsKept  = 4096     // of one interpreter
	typeWord     = 1        // of an object, behind the count of references
	userHalf     = 1 << 47  // addresses of programs are below, on all processors we know
	readsLimit   = 1 << 15  // of a search, whatever a program has in its memory; one takes some thousand
)

// ErrNoContext says that a Python was not found to be in a context.
var ErrNoContext = errors.New("the first thread of the Python is in no context that is found")

// memory reads a process's memory by its addresses.
type memory struct {
	io.ReaderAt
	reads int
}

// words reads as many words as there are, n at most; none once too much was read.
func (m *memory) words(at uint64, n int) []uint64 {
	if m.reads++; m.reads > readsLimit {
		return nil
	}
	b := make([]byte, n*word)
	got, _ := m.ReadAt(b, int64(at)) // the rest is not mapped
	out := make([]uint64, got/word)
	for i := range out {
		out[i] = binary.LittleEndian.Uint64(b[i*word:])
	}
	return out
}

// isPointer reports whether a word may be one to an object.
func isPointer(w uint64) bool { return w >= 4096 && w < userHalf && w%word == 0 }

// contextAt is the address of the word of the first thread that holds the address of its context. runtime and contextType are the
// addresses of _PyRuntime and PyContext_Type.
func contextAt(m *memory, runtime, contextType uint64) (uint64, error) {
	for _, interpreter := range m.interpreters(runtime) {
		first := m.firstThread(interpreter)
		if first == 0 {
			continue
		}
		for i, w := range m.words(first, threadRead/word) {
			if i < threadWords || !isPointer(w) {
				continue
			}
			if object := m.words(w, typeWord+1); len(object) > typeWord && object[typeWord] == contextType {
				return first + uint64(i)*word, nil
			}
		}
	}
	return 0, ErrNoContext
}

// interpreters are what may be one: the first is named twice, as the main one, too.
func (m *memory) interpreters(runtime uint64) (list []uint64) {
	seen := map[uint64]int{}
	for _, w := range m.words(runtime, runtimeRead/word) {
		if !isPointer(w) {
			continue
		}
		if seen[w]++; seen[w] == 2 && len(list) < interpreters {
			list = append(list, w)
		}
	}
	return list
}

// firstThread is the oldest thread of an interpreter, that at the end of the list; 0 if it is none.
func (m *memory) firstThread(interpreter uint64) uint64 {
	for _, thread := range m.words(interpreter, interpRead/word) {
		if !isPointer(thread) || thread == interpreter {
			continue
		}
		for range threadsKept {
			w := m.words(thread, threadWords)
			if len(w) < threadWords || w[threadInterpreter] != interpreter {
				break
			}
			if w[threadNext] == 0 {
				return thread
			}
			thread = w[threadNext]
		}
	}
	return 0
}
