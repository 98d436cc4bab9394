package otlp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds what a zstd frame may ask the decoder to remember.
const maxWindow = 8 << 20

var (
	buffers   = sync.Pool{New: func() any { return new([]byte) }}
	gunzips   sync.Pool // *gzip.Reader
	unzstds   sync.Pool // *zstd.Decoder
	keepBytes = 4 << 20 // larger buffers are not kept
)

// buffer is memory for a body, from those that were used before.
func buffer() *[]byte {
	b := buffers.Get().(*[]byte)
	*b = (*b)[:0]
	return b
}

func giveBack(b *[]byte) {
	if cap(*b) <= keepBytes {
		buffers.Put(b)
	}
}

// readAll reads to the end, to at most limit bytes. Memory is asked for step by step, as bytes come.
func (h *hold) readAll(in io.Reader, limit int, into *[]byte) error {
	const step = 64 << 10
	asked := 0
	b := *into
	for {
		if len(b) == asked {
			if err := h.grow(step); err != nil {
				return err
			}
			asked += step
		}
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := in.Read(b[len(b):min(cap(b), asked)])
		b = b[:len(b)+n]
		*into = b
		switch {
		case len(b) > limit:
			return tooLarge(limit)
		case err == io.EOF:
			return nil
		case err != nil:
			return unreadable(err, limit)
		}
	}
}

// unreadable says why a body cannot be read.
func unreadable(err error, limit int) error {
	var oversize *http.MaxBytesError
	switch {
	case errors.As(err, &oversize), errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return tooLarge(limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errSlow
	}
	return malformed(fmt.Errorf("the body cannot be read: %w", err))
}

// decompressed is a message without its compression, to at most the receiver's limit: a small one may
// become any size. done gives its memory back; it is never nil.
func (r *Receiver) decompressed(m *message) (_ []byte, done func(), err error) {
	done = func() {}
	if m.encoding == "" || m.encoding == "identity" {
		return *m.body, done, nil
	}
	in, put, err := decompress(bytes.NewReader(*m.body), m.encoding)
	if err != nil {
		return nil, done, err
	}
	defer put()
	out := buffer()
	err = m.hold.readAll(in, r.config.MaxBody, out)
	return *out, func() { giveBack(out) }, err
}

// encodingOf reads a Content-Encoding or grpc-encoding; known is whether it can be undone.
func encodingOf(header string) (encoding string, known bool) {
	switch e := strings.ToLower(strings.TrimSpace(header)); e {
	case "", "identity", "gzip", "zstd":
		return e, true
	case "x-gzip":
		return "gzip", true
	}
	return header, false
}

// decompress undoes an encoding. put gives the decoder back.
func decompress(in io.Reader, encoding string) (_ io.Reader, put func(), err error) {
	if encoding == "gzip" {
		z, _ := gunzips.Get().(*gzip.Reader)
		if z == nil {
			z = new(gzip.Reader)
		}
		if err := z.Reset(in); err != nil {
			gunzips.Put(z)
			return nil, nil, malformed(fmt.Errorf("the body is not gzip, which its encoding says: %w", err))
		}
		return z, func() { gunzips.Put(z) }, nil
	}
	z, _ := unzstds.Get().(*zstd.Decoder)
	if z == nil {
		if z, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true)); err != nil {
			return nil, nil, fmt.Errorf("zstd decoder: %w", err)
		}
	}
	if err := z.Reset(in); err != nil {
		unzstds.Put(z)
		return nil, nil, malformed(fmt.Errorf("the body is not zstd, which its encoding says: %w", err))
	}
	return z, func() { unzstds.Put(z) }, nil
}
