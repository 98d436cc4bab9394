package store

import (
	"io"
	"net/http"
	"sync"
)

// body reads byte slices one after the other, without joining them. The transport may read
// a request's body after the request has failed; Close ends that, so that the slices can
// be used again. The transport also looks for more after the last byte, as late as when the answer
// is there (net/http's transferWriter): that is told the end, closed or not, for an error would cut
// the connection off which the answer is being read.
type body struct {
	mu   sync.Mutex
	rest [][]byte
	at   int
	shut bool
}

func (b *body) Read(p []byte) (n int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.shut && len(b.rest) > 0 {
		return 0, http.ErrBodyReadAfterClose
	}
	for n < len(p) && len(b.rest) > 0 {
		c := copy(p[n:], b.rest[0][b.at:])
		n += c
		if b.at += c; b.at == len(b.rest[0]) {
			b.rest, b.at = b.rest[1:], 0
		}
	}
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// Close waits for a read that is under way.
func (b *body) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shut = true
	return nil
}

// bodies are those of one request: the transport may ask for another one when it sends the
// request again.
type bodies struct {
	mu  sync.Mutex
	all []*body
}

func (b *bodies) open(data [][]byte) io.ReadCloser {
	b.mu.Lock()
	defer b.mu.Unlock()
	one := &body{rest: data}
	b.all = append(b.all, one)
	return one
}

func (b *bodies) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, one := range b.all {
		one.Close()
	}
}

func size(data [][]byte) (n int64) {
	for _, d := range data {
		n += int64(len(d))
	}
	return n
}
