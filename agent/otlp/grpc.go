package otlp

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
)

// OTLP/gRPC is answered by hand, on net/http: a gRPC server holds a whole message, of each of a
// connection's streams, before anybody is asked whether there is room for it.

// pathExport is the one call of OTLP/gRPC's TraceService.
const pathExport = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

const typeGRPC = "application/grpc"

// isGRPC reports whether a request is of gRPC.
func isGRPC(req *http.Request) bool {
	t := req.Header.Get("Content-Type")
	return t == typeGRPC || strings.HasPrefix(t, typeGRPC+"+") || strings.HasPrefix(t, typeGRPC+";")
}

func (r *Receiver) serveGRPC(w http.ResponseWriter, req *http.Request) {
	ctx, cancel := withTimeout(req.Context(), req.Header.Get("Grpc-Timeout"))
	defer cancel()
	h := w.Header()
	h.Set("Content-Type", typeGRPC)
	h.Set("Grpc-Accept-Encoding", "gzip,zstd,identity")
	res, err := r.export(ctx, w, req)
	if err != nil {
		f := r.refuse(err)
		h.Set(http.TrailerPrefix+"Grpc-Status", strconv.Itoa(int(f.grpc)))
		h.Set(http.TrailerPrefix+"Grpc-Message", percentEncoded(f.why))
		if details, err := proto.Marshal(f.proto()); err == nil {
			h.Set(http.TrailerPrefix+"Grpc-Status-Details-Bin", base64.RawStdEncoding.EncodeToString(details))
		}
		return
	}
	answer := res.protobuf()
	frame := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(answer)))
	w.Write(append(frame, answer...)) //nolint:errcheck // a sender that is gone sends again
	h.Set(http.TrailerPrefix+"Grpc-Status", "0")
}

func (r *Receiver) export(ctx context.Context, w http.ResponseWriter, req *http.Request) (result, error) {
	switch {
	case req.ProtoMajor < 2:
		return result{}, unsupported("gRPC needs HTTP/2; for HTTP/1.1 send %s to %s", typeProtobuf, PathTraces)
	case !r.allowed(req):
		return result{}, errToken
	case req.URL.Path == pathExport:
	case req.URL.Path == pathPostSpans:
		return result{}, r.jaeger(ctx, w, req)
	case isSkyWalking(req.URL.Path):
		return result{}, r.skyWalking(ctx, w, req)
	default:
		return result{}, &refusal{http.StatusNotFound, codes.Unimplemented, "no method " + strconv.Quote(req.URL.Path) + ": spans go to " + pathExport, 0}
	}
	m, done, err := r.message(w, req, r.readFrame)
	defer done()
	if err != nil {
		return result{}, err
	}
	return r.take(ctx, m)
}

// readFrame reads the one message of a call.
func (r *Receiver) readFrame(m *message, req *http.Request) error {
	var prefix [5]byte
	if _, err := io.ReadFull(req.Body, prefix[:]); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return malformed(errors.New("the call has no message"))
		}
		return unreadable(err, r.config.MaxBody)
	}
	return r.readFramed(m, req, prefix)
}

// readFramed reads a message behind its prefix: whether it is compressed, and its length.
func (r *Receiver) readFramed(m *message, req *http.Request, prefix [5]byte) error {
	if prefix[0]&1 != 0 {
		encoding, known := encodingOf(req.Header.Get("Grpc-Encoding"))
		if !known || encoding == "" {
			return unsupported("grpc-encoding %q is not supported: use gzip, zstd or none", req.Header.Get("Grpc-Encoding"))
		}
		m.encoding = encoding
	}
	length := binary.BigEndian.Uint32(prefix[1:])
	if int64(length) > int64(r.config.MaxBody) {
		return tooLarge(r.config.MaxBody)
	}
	if err := m.hold.readAll(io.LimitReader(req.Body, int64(length)), r.config.MaxBody, m.body); err != nil {
		return err
	}
	if len(*m.body) < int(length) {
		return malformed(fmt.Errorf("the message has %d of %d bytes", len(*m.body), length))
	}
	return nil
}

// withTimeout ends a context after a gRPC timeout such as "9998m"; "" for none.
func withTimeout(ctx context.Context, timeout string) (context.Context, context.CancelFunc) {
	units := map[byte]time.Duration{'H': time.Hour, 'M': time.Minute, 'S': time.Second, 'm': time.Millisecond, 'u': time.Microsecond, 'n': time.Nanosecond}
	if n := len(timeout) - 1; n > 0 && n <= 8 {
		if v, err := strconv.ParseUint(timeout[:n], 10, 32); err == nil && units[timeout[n]] > 0 && v < 1<<20 {
			return context.WithTimeout(ctx, time.Duration(v)*units[timeout[n]])
		}
	}
	return context.WithCancel(ctx)
}

// percentEncoded is a grpc-message.
func percentEncoded(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if c >= ' ' && c <= '~' && c != '%' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
