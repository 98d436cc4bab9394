package otlp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/throughline-io/throughline/agent/export"
	"github.com/throughline-io/throughline/pkg/otlp"
)

// refusal is why a request is not taken, as OTLP/HTTP and OTLP/gRPC say it.
type refusal struct {
	http  int
	grpc  codes.Code
	why   string
	after time.Duration // when to come back; 0: the same request will never be taken
}

func (r *refusal) Error() string { return r.why }

// retryAfter is when a sender may come back. Exporters count their tries: told 1 s, those of Python,
// JavaScript, Java and Rust give a batch up after 4 s, told 3 s after 9 s, and 30 s they do not wait.
const retryAfter = 3 * time.Second

var (
	errBusy  = &refusal{http.StatusServiceUnavailable, codes.Unavailable, "too many requests are being read at once: send again later", retryAfter}
	errShare = &refusal{http.StatusTooManyRequests, codes.ResourceExhausted, "this sender has too many requests under way at once: send again later", retryAfter}
	errSlow  = &refusal{http.StatusServiceUnavailable, codes.Unavailable, "the request comes too slowly: send again later, or smaller batches", retryAfter}
)

func tooLarge(limit int) *refusal {
	return &refusal{http.StatusRequestEntityTooLarge, codes.InvalidArgument, fmt.Sprintf("the request has more than %d bytes when decompressed: send smaller batches", limit), 0}
}

func unsupported(format string, args ...any) *refusal {
	return &refusal{http.StatusUnsupportedMediaType, codes.Unimplemented, fmt.Sprintf(format, args...), 0}
}

func malformed(err error) *refusal {
	return &refusal{http.StatusBadRequest, codes.InvalidArgument, err.Error(), 0}
}

// refuse finds the refusal for an error, and counts it.
func (r *Receiver) refuse(err error) *refusal {
	var f *refusal
	switch {
	case errors.As(err, &f):
	case errors.Is(err, otlp.ErrTooMany):
		f = &refusal{http.StatusRequestEntityTooLarge, codes.InvalidArgument, err.Error(), 0}
	case errors.Is(err, export.ErrFull):
		f = &refusal{http.StatusServiceUnavailable, codes.Unavailable, err.Error(), retryAfter}
	case errors.Is(err, export.ErrDown), errors.Is(err, export.ErrClosed), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		f = &refusal{http.StatusServiceUnavailable, codes.Unavailable, err.Error(), retryAfter}
	case errors.Is(err, export.ErrRefused):
		f = &refusal{http.StatusInternalServerError, codes.Internal, err.Error(), 0}
	default:
		f = malformed(err)
	}
	switch {
	case f.after > 0:
		r.count.later.Add(1)
	case f.http == http.StatusRequestEntityTooLarge:
		r.count.tooLarge.Add(1)
	case f.http == http.StatusUnsupportedMediaType:
		r.count.unsupported.Add(1)
	case f.http == http.StatusBadRequest:
		r.count.malformed.Add(1)
	default:
		r.count.other.Add(1)
	}
	return f
}

// proto is the refusal as google.rpc.Status, the body of OTLP's errors.
func (r *refusal) proto() *spb.Status {
	s := status.New(r.grpc, r.why)
	if r.after > 0 {
		// OTLP/gRPC: RESOURCE_EXHAUSTED is retried only with a RetryInfo.
		if d, err := s.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(r.after)}); err == nil {
			s = d
		}
	}
	return s.Proto()
}
