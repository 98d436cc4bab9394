package otlp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds what a zstd frame may ask the decoder to remember.
const maxWindow = 8 << 20

var (
	buffers   = sync.Pool{New: func() any { return new(bytes.Buffer) }}
	gunzips   sync.Pool // *gzip.Reader
	unzstds   sync.Pool // *zstd.Decoder
	keepBytes = 4 << 20 // larger buffers are not kept
)

// body reads a request's body, decompressed, to at most the receiver's limit: a small
// body may decompress to any size. done gives the memory back; it is never nil.
func (r *Receiver) body(req *http.Request) (_ []byte, done func(), err error) {
	limit := r.config.MaxBody
	// A compressed body that is larger than the limit is larger still decompressed.
	if req.ContentLength > int64(limit) {
		return nil, func() {}, tooLarge(limit)
	}
	in, put, err := decompress(io.LimitReader(req.Body, int64(limit)+1), req.Header.Get("Content-Encoding"))
	if err != nil {
		return nil, func() {}, err
	}
	defer put()
	buf := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	reserved := int64(0)
	done = func() {
		r.release(reserved)
		if buf.Cap() <= keepBytes {
			buffers.Put(buf)
		}
	}
	// Step by step: memory is asked for before it is taken.
	for {
		const step = 1 << 16
		if err := r.reserve(step); err != nil {
			return nil, done, err
		}
		reserved += step
		n, err := io.CopyN(buf, in, step)
		switch {
		case buf.Len() > limit:
			return nil, done, tooLarge(limit)
		case err == io.EOF && n < step:
			return buf.Bytes(), done, nil
		case err != nil:
			var oversize *http.MaxBytesError
			if errors.As(err, &oversize) {
				return nil, done, tooLarge(limit)
			}
			if errors.Is(err, zstd.ErrWindowSizeExceeded) || errors.Is(err, zstd.ErrDecoderSizeExceeded) {
				return nil, done, tooLarge(limit)
			}
			return nil, done, malformed(fmt.Errorf("the body cannot be read: %w", err))
		}
	}
}

// decompress undoes a Content-Encoding. put gives the decoder back.
func decompress(in io.Reader, encoding string) (_ io.Reader, put func(), err error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return in, func() {}, nil
	case "gzip", "x-gzip":
		z, _ := gunzips.Get().(*gzip.Reader)
		if z == nil {
			z = new(gzip.Reader)
		}
		if err := z.Reset(in); err != nil {
			gunzips.Put(z)
			return nil, nil, malformed(fmt.Errorf("the body is not gzip, which its Content-Encoding says: %w", err))
		}
		return z, func() { gunzips.Put(z) }, nil
	case "zstd":
		z, _ := unzstds.Get().(*zstd.Decoder)
		if z == nil {
			if z, err = newZstdDecoder(); err != nil {
				return nil, nil, err
			}
		}
		if err := z.Reset(in); err != nil {
			unzstds.Put(z)
			return nil, nil, malformed(fmt.Errorf("the body is not zstd, which its Content-Encoding says: %w", err))
		}
		return z, func() { unzstds.Put(z) }, nil
	}
	return nil, nil, unsupported("Content-Encoding %q is not supported: use gzip, zstd or none", encoding)
}

func newZstdDecoder() (*zstd.Decoder, error) {
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, fmt.Errorf("zstd decoder: %w", err)
	}
	return z, nil
}
