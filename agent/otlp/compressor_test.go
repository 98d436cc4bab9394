package otlp_test

import (
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/gzip" // for clients that compress by gzip
)

// gRPC finds compressors by name in one register of the process.
func init() { encoding.RegisterCompressor(zstdCompressor{}) }

// zstdCompressor is zstd for gRPC clients, as the collector's otlp exporter can send it.
type zstdCompressor struct{}

func (zstdCompressor) Name() string { return "zstd" }

func (zstdCompressor) Compress(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) }

func (zstdCompressor) Decompress(io.Reader) (io.Reader, error) {
	return nil, errors.New("the receiver compresses no answers")
}
