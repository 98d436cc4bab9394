package export

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	grpcgzip "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// sender sends a request. rejected are the spans that a receiver did not take of those it took;
// after is how long it asks to wait. An error that is a refusal is final.
type sender interface {
	send(ctx context.Context, data *tracev1.TracesData) (rejected int, after time.Duration, err error)
	close()
}

// refusal is an answer after which the same request is not tried again (OTLP, "Failures").
type refusal struct{ why string }

func (r *refusal) Error() string { return r.why }

func newSender(c *Config) (sender, error) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return nil, err
	}
	if u.Scheme == "http" || u.Scheme == "https" {
		return &overHTTP{url: c.URL, headers: c.Headers, client: &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}}, nil
	}
	safe := insecure.NewCredentials()
	if u.Scheme == "grpcs" {
		safe = credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12})
	}
	conn, err := grpc.NewClient(u.Host, grpc.WithTransportCredentials(safe), grpc.WithDefaultCallOptions(grpc.UseCompressor(grpcgzip.Name)))
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	return &overGRPC{conn: conn, client: collector.NewTraceServiceClient(conn), headers: metadata.New(c.Headers)}, nil
}

type overGRPC struct {
	conn    *grpc.ClientConn
	client  collector.TraceServiceClient
	headers metadata.MD
}

func (s *overGRPC) close() { _ = s.conn.Close() } // nothing is left to do

func (s *overGRPC) send(ctx context.Context, data *tracev1.TracesData) (int, time.Duration, error) {
	answer, err := s.client.Export(metadata.NewOutgoingContext(ctx, s.headers), &collector.ExportTraceServiceRequest{ResourceSpans: data.ResourceSpans})
	if err == nil {
		return int(answer.GetPartialSuccess().GetRejectedSpans()), 0, nil
	}
	said := status.Convert(err)
	var after time.Duration
	asked := false
	for _, d := range said.Details() {
		if info, ok := d.(*errdetails.RetryInfo); ok {
			asked, after = true, info.GetRetryDelay().AsDuration()
		}
	}
	switch said.Code() {
	case codes.Canceled, codes.DeadlineExceeded, codes.Aborted, codes.OutOfRange, codes.Unavailable, codes.DataLoss:
		return 0, after, err
	case codes.ResourceExhausted:
		if asked {
			return 0, after, err
		}
	}
	return 0, 0, &refusal{err.Error()}
}

type overHTTP struct {
	url     string
	headers map[string]string
	client  *http.Client
}

func (s *overHTTP) close() { s.client.CloseIdleConnections() }

// maxAnswer is as much of an answer as is read.
const maxAnswer = 64 << 10

func (s *overHTTP) send(ctx context.Context, data *tracev1.TracesData) (int, time.Duration, error) {
	b, err := proto.Marshal(data)
	if err != nil {
		return 0, 0, &refusal{err.Error()}
	}
	var body bytes.Buffer
	z := gzip.NewWriter(&body)
	_, _ = z.Write(b) // a buffer takes all
	_ = z.Close()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, &body)
	if err != nil {
		return 0, 0, &refusal{err.Error()}
	}
	for k, v := range s.headers {
		req.Header.Set(k, v)
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	req.Header.Set("Content-Encoding", "gzip")
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return 0, 0, err
	}
	switch {
	case resp.StatusCode/100 == 2:
		var answer collector.ExportTraceServiceResponse
		if proto.Unmarshal(text, &answer) != nil {
			return 0, 0, nil // it took them, and says nothing of it that can be read
		}
		return int(answer.GetPartialSuccess().GetRejectedSpans()), 0, nil
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusBadGateway, resp.StatusCode == http.StatusServiceUnavailable, resp.StatusCode == http.StatusGatewayTimeout:
		return 0, retryAfter(resp.Header.Get("Retry-After")), fmt.Errorf("%s: %.200s", resp.Status, text)
	}
	return 0, 0, &refusal{fmt.Sprintf("%s: %.200s", resp.Status, text)}
}

// retryAfter is in seconds or a date; nothing of what is neither. No receiver may ask for more than an
// hour.
func retryAfter(header string) time.Duration {
	if n, err := strconv.Atoi(header); err == nil && n > 0 {
		return min(time.Duration(n)*time.Second, time.Hour)
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, min(time.Until(at), time.Hour))
	}
	return 0
}
