package otlp

import (
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/grpc/encoding"
)

// gRPC finds compressors by name in one register of the process.
func init() { encoding.RegisterCompressor(zstdCompressor{}) }

// zstdCompressor is zstd for gRPC, as the collector's otlp exporter can send it. gRPC reads
// no more of a message than the server's limit, whatever it would become.
type zstdCompressor struct{}

var zstdWriters sync.Pool // *zstdWriter

func (zstdCompressor) Name() string { return "zstd" }

func (zstdCompressor) Compress(w io.Writer) (io.WriteCloser, error) {
	if z, _ := zstdWriters.Get().(*zstdWriter); z != nil {
		z.Reset(w)
		return z, nil
	}
	z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return &zstdWriter{z}, nil
}

func (zstdCompressor) Decompress(r io.Reader) (io.Reader, error) {
	if z, _ := unzstds.Get().(*zstd.Decoder); z != nil {
		if err := z.Reset(r); err != nil {
			return nil, err
		}
		return &zstdReader{z}, nil
	}
	z, err := newZstdDecoder()
	if err != nil {
		return nil, err
	}
	if err := z.Reset(r); err != nil {
		return nil, err
	}
	return &zstdReader{z}, nil
}

// zstdWriter goes back to its pool when the message is written.
type zstdWriter struct{ *zstd.Encoder }

func (z *zstdWriter) Close() error {
	err := z.Encoder.Close()
	zstdWriters.Put(z)
	return err
}

// zstdReader goes back to its pool when the message is read. A message that is given up
// before leaves its decoder to the garbage collector.
type zstdReader struct{ z *zstd.Decoder }

func (r *zstdReader) Read(p []byte) (int, error) {
	if r.z == nil {
		return 0, io.EOF
	}
	n, err := r.z.Read(p)
	if err == io.EOF {
		unzstds.Put(r.z)
		r.z = nil
	}
	return n, err
}
