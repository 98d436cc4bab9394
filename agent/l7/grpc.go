package l7

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// gRPC by HTTP/2 (github.com/grpc/grpc, doc/PROTOCOL-HTTP2.md). The protocol's name is that of OpenTelemetry's
// spans of code.
const (
	grpcName        = "gRPC"
	grpcContent     = "application/grpc"
	grpcWebContent  = "application/grpc-web" // its trailers are in the body
	grpcPrefix      = 5                      // in front of a message: whether it is compressed, and its length
	grpcTimeoutSize = 9                      // eight digits and a unit
	grpcMaxMessage  = 1024                   // of an error's text
)

// isGRPC tells a request of gRPC by its content. Where what it says of that is not known its first messages tell.
func (d *http2Dialogue) isGRPC(st *http2Stream, h *http2Head, f *Fields) {
	st.grpc = isGRPCContent(h.contentType)
	st.maybe = h.contentType == nil && d.request.blocks.unknown > 0 && (h.method == nil || string(h.method) == "POST")
	st.timeout = [grpcTimeoutSize]byte{}
	copy(st.timeout[:], h.timeout)
	if st.grpc {
		fillGRPC(f)
	}
}

func isGRPCContent(content []byte) bool {
	return bytes.HasPrefix(content, []byte(grpcContent)) && !bytes.HasPrefix(content, []byte(grpcWebContent))
}

func fillGRPC(f *Fields) {
	f.Protocol, f.Endpoint = grpcName, f.Resource
	f.Type = f.Resource[strings.LastIndexByte(f.Resource, '/')+1:]
}

// guess decides about a stream that may be of gRPC: its frames end where its messages do.
func (d *http2Dialogue) guess(st *http2Stream, request bool, x Exchanges) {
	m := st.messages(request)
	switch {
	case !st.maybe:
	case m.lost:
		st.maybe = false
	case m.n > 0 && m.left == 0 && m.have == 0:
		st.grpc, st.maybe = true, false
		if f := x.Open(d.key(st.id)); f != nil {
			fillGRPC(f)
			if f.Code == 200 {
				f.Code, f.Status = 0, span.StatusUnknown
			}
		}
	}
}

// answersGRPC takes what the header or the trailers of an answer say of a call.
func (d *http2Dialogue) answersGRPC(st *http2Stream, h *http2Head, f *Fields) {
	if st.maybe && (isGRPCContent(h.contentType) || h.grpcStatus != nil) {
		st.grpc, st.maybe = true, false
		fillGRPC(f)
	}
	if !st.grpc {
		return
	}
	if h.status != nil {
		f.Code, f.Status = grpcOfHTTP(h.code())
		if f.Status.Error() {
			f.StatusMessage = "HTTP status " + string(h.status)
		}
	}
	st.exception = st.exception || h.exception != nil && string(h.exception) != "0"
	if h.grpcStatus == nil {
		return
	}
	n, err := strconv.ParseUint(string(h.grpcStatus), 10, 16)
	if err != nil {
		return
	}
	f.Code, f.Status, f.StatusMessage = int32(n), span.GRPCStatus(int64(n)), ""
	if st.exception && n == 0 { // Triple's: the method threw, the call went well (dubbo.apache.org, Triple)
		f.Status, f.StatusMessage = span.StatusServerError, "tri-exception-code"
		if h.exception != nil {
			f.StatusMessage += " " + string(h.exception)
		}
		return
	}
	if n != 0 {
		f.StatusMessage = percentDecoded(h.grpcMessage)
	}
}

// grpcOfHTTP is what a client makes of an answer's status, which a proxy may have sent: grpc/doc/http-grpc-status-mapping.md.
// Of one that is well the trailers tell.
func grpcOfHTTP(code int32) (int32, span.Status) {
	n := int32(2) // UNKNOWN
	switch code {
	case 0, 200:
		return 0, span.StatusUnknown
	case 400:
		n = 13
	case 401:
		n = 16
	case 403:
		n = 7
	case 404:
		n = 12
	case 429, 502, 503, 504:
		n = 14
	}
	return n, span.GRPCStatus(int64(n))
}

// percentDecoded is the text of grpc-message.
func percentDecoded(v []byte) string {
	out := make([]byte, 0, min(len(v), grpcMaxMessage))
	for i := 0; i < len(v) && len(out) < grpcMaxMessage; i++ {
		if v[i] == '%' && i+2 < len(v) {
			hi, ok := hexDigit(v[i+1])
			lo, ok2 := hexDigit(v[i+2])
			if ok && ok2 {
				out = append(out, hi<<4|lo)
				i += 2
				continue
			}
		}
		out = append(out, v[i])
	}
	return strings.ToValidUTF8(string(out), "\uFFFD")
}

// cancel says what a call came to that a side gives up by a code of HTTP/2. A caller that gives up a stream of answers
// has not failed: so streams end.
func (st *http2Stream) cancel(f *Fields, code uint32, byCaller bool) {
	if !st.grpc {
		return
	}
	f.Code = grpcOfReset(code)
	if byCaller && st.answered && f.Code == grpcCancelled {
		f.Status = span.StatusUnknown
	}
}

const (
	resetRefused  = 7
	resetCancel   = 8
	resetCalm     = 11
	resetInsecure = 12

	grpcCancelled = 1
)

// grpcOfReset is the status that a client makes of a reset (PROTOCOL-HTTP2.md, "Errors").
func grpcOfReset(code uint32) int32 {
	switch code {
	case resetCancel:
		return grpcCancelled
	case resetRefused:
		return 14 // UNAVAILABLE
	case resetCalm:
		return 8 // RESOURCE_EXHAUSTED
	case resetInsecure:
		return 7 // PERMISSION_DENIED
	}
	return 13 // INTERNAL
}

// finish says what a call came to, when it is over. The attributes are OpenTelemetry's: of its metrics
// rpc.server.requests_per_rpc and responses_per_rpc, and of a request's metadata.
func (st *http2Stream) finish(f *Fields) {
	if !st.grpc {
		return
	}
	if st.requests.n > 1 || st.answers.n > 1 {
		st.requests.tell(f, "rpc.requests_per_rpc")
		st.answers.tell(f, "rpc.responses_per_rpc")
	}
	f.Several = st.answers.n > 1
	if n := bytes.IndexByte(st.timeout[:], 0); n != 0 && f.Status != span.StatusOK {
		if n < 0 {
			n = len(st.timeout)
		}
		f.attributes(span.Attribute{Key: "rpc.request.metadata.grpc-timeout", Value: textOf(st.timeout[:n]), Type: span.AttributeString})
	}
}

// grpcMessages counts the messages of one side of a call.
type grpcMessages struct {
	n      uint32
	left   uint64 // of the message that goes on
	prefix [grpcPrefix]byte
	have   uint8 // bytes of prefix
	lost   bool  // where the next message begins was not seen, or these are no messages
}

func (m *grpcMessages) tell(f *Fields, key string) {
	if !m.lost {
		f.attributes(span.Attribute{Key: key, Value: numberText(uint64(m.n)), Type: span.AttributeInt})
	}
}

// read takes the next bytes of a frame that has so many left, data as far as they were captured. more: it has to see
// what comes behind the n bytes that it took, which may lie beyond data; else the rest of the frame needs not be seen.
func (m *grpcMessages) read(data []byte, left, missing int) (n int, more bool) {
	for n < left && !m.lost {
		if m.left > 0 {
			pass := int(min(m.left, uint64(left-n)))
			m.left -= uint64(pass)
			n += pass
			continue
		}
		want := min(grpcPrefix-int(m.have), left-n)
		if len(data) < n+want {
			if len(data)+missing > n && missing > 0 {
				m.lost = true
				break
			}
			return n, true
		}
		copy(m.prefix[m.have:], data[n:n+want])
		m.have += uint8(want)
		n += want
		if m.have < grpcPrefix {
			break
		}
		m.have, m.left = 0, uint64(binary.BigEndian.Uint32(m.prefix[1:]))
		if m.n++; m.prefix[0] > 1 {
			m.lost = true
		}
	}
	return left, false
}
