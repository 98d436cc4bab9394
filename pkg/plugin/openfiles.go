package plugin

import (
	"crypto/sha256"
	"slices"
	"sync"

	"github.com/throughline-io/throughline/pkg/saved"
)

// openFiles reads files, one at a time so that no crowd of them fills the memory, and keeps
// those read last: each click on a span brings its file again.
type openFiles struct {
	mu    sync.Mutex
	kept  []*openFile // newest last
	spans int
}

// openFile is a file and those of its traces that were asked for.
type openFile struct {
	sum    [sha256.Size]byte
	file   *saved.File
	traces map[string]*assembled
	spans  int
}

// maxOpenFiles bounds the files that are kept; their spans are bounded by maxSpans.
const maxOpenFiles = 8

// read reads a file. Its errors are the user's to mend.
func (o *openFiles) read(content []byte) (*openFile, error) {
	sum := sha256.Sum256(content)
	o.mu.Lock()
	defer o.mu.Unlock()
	if at := slices.IndexFunc(o.kept, func(f *openFile) bool { return f.sum == sum }); at >= 0 {
		f := o.kept[at]
		o.kept = append(slices.Delete(o.kept, at, at+1), f)
		return f, nil
	}
	file, err := saved.Read(content, saved.Limits{Bytes: maxFileText, Spans: maxSpans})
	if err != nil {
		return nil, badInput(err)
	}
	f := &openFile{sum: sum, file: file, traces: map[string]*assembled{}}
	for _, t := range file.Traces {
		f.spans += len(t.Spans)
	}
	o.kept = append(o.kept, f)
	o.spans += f.spans
	for len(o.kept) > 1 && (o.spans > maxSpans || len(o.kept) > maxOpenFiles) {
		o.spans -= o.kept[0].spans
		o.kept = slices.Delete(o.kept, 0, 1)
	}
	return f, nil
}

// maxOpenTraces bounds the trees that are kept of one file.
const maxOpenTraces = 4

// trace is one of the file's traces as if it had been read from the store.
func (o *openFiles) trace(f *openFile, id string) (*assembled, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if t := f.traces[id]; t != nil {
		return t, nil
	}
	t, err := openTrace(f.file, id)
	if err != nil {
		return nil, err
	}
	if len(f.traces) >= maxOpenTraces {
		clear(f.traces)
	}
	f.traces[id] = t
	return t, nil
}
