package export

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"github.com/zeebo/xxh3"
)

// Key names a request by its bytes. The zero key names none.
type Key [16]byte

// KeyOf is the key of a request's body. A body can be made to have the key of another one that is known,
// but nobody knows what another sender will send, and who sends both keeps out only its own spans:
// SHA-256 was a twelfth of what a span costs the agent.
func KeyOf(body []byte) Key { return xxh3.Hash128(body).Bytes() }

// requests are those that were made durable lately, in this run or an earlier one. Who was not
// answered, because the agent died or the answer was lost, sends the same bytes again: OpenTelemetry's
// exporters do so for a minute or two.
//
// Those of segments that still lie in the log are known from there; a segment is deleted when its keys
// are in a file. There are two files, and two sets in memory: when the newer one is full, the older one
// is dropped.
type requests struct {
	path string

	mu           sync.Mutex
	newer, older map[Key]struct{}

	file    *os.File // of the drainer alone
	written int      // keys in it
}

// mostRequests is how many keys a set and a file have: some minutes of a busy node.
const mostRequests = 100_000

// openRequests reads what an earlier run left.
func openRequests(path string) (*requests, error) {
	r := &requests{path: path, newer: map[Key]struct{}{}}
	for _, name := range []string{path + ".older", path} {
		data, err := os.ReadFile(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("the requests that were answered: %w", err)
		}
		for ; len(data) >= len(Key{}); data = data[len(Key{}):] {
			r.newer[Key(data)] = struct{}{}
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the requests that were answered: %w", err)
	}
	size, err := f.Seek(0, io.SeekEnd)
	whole := size - size%int64(len(Key{})) // what stands behind was being written when the agent died
	if err = errors.Join(err, f.Truncate(whole)); err != nil {
		f.Close()
		return nil, fmt.Errorf("the requests that were answered: %w", err)
	}
	r.file, r.written = f, int(whole)/len(Key{})
	return r, nil
}

// has reports whether a request was made durable.
func (r *requests) has(k Key) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.newer[k]; ok {
		return true
	}
	_, ok := r.older[k]
	return ok
}

// add notes requests that are in the log.
func (r *requests) add(keys []Key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range keys {
		if len(r.newer) >= mostRequests {
			r.older, r.newer = r.newer, map[Key]struct{}{}
		}
		r.newer[k] = struct{}{}
	}
}

// keep makes durable which requests were in a segment, before the segment is deleted.
func (r *requests) keep(keys []Key) error {
	if len(keys) == 0 {
		return nil
	}
	if r.written >= mostRequests {
		if err := os.Rename(r.path, r.path+".older"); err != nil {
			return err
		}
		f, err := os.OpenFile(r.path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
		if err != nil {
			return err
		}
		r.file.Close()
		r.file, r.written = f, 0
	}
	data := make([]byte, 0, len(keys)*len(Key{}))
	for _, k := range keys {
		data = append(data, k[:]...)
	}
	if _, err := r.file.WriteAt(data, int64(r.written)*int64(len(Key{}))); err != nil {
		return err
	}
	r.written += len(keys)
	return r.file.Sync()
}

func (r *requests) close() error { return r.file.Close() }
