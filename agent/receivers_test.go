package agent_test

import (
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"google.golang.org/grpc/credentials"

	"github.com/throughline-io/throughline/agent"
	"github.com/throughline-io/throughline/certificate"
	"github.com/throughline-io/throughline/certificate/certificatetest"
)

// stub is spans for an exporter.
func stub() []sdktrace.ReadOnlySpan {
	return tracetest.SpanStubs{{Name: "x"}}.Snapshots()
}

// A receiver with a token takes spans from who shows it, over HTTP and gRPC, and says to others how.
func TestSendersShowTheReceiversToken(t *testing.T) {
	t.Parallel()
	r := run(t, newServer(t), func(c *agent.Config) { c.OTLPToken = "geheim" })
	http1, grpc := r.stats.OTLP[0], r.stats.OTLP[1]
	for token, want := range map[string]string{"Bearer geheim": "", "bearer geheim": "", "Bearer falsch": "wants a token", "": "wants a token"} {
		headers := map[string]string{"authorization": token}
		overHTTP, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpoint(http1), otlptracehttp.WithInsecure(), otlptracehttp.WithHeaders(headers))
		if err != nil {
			t.Fatal(err)
		}
		overGRPC, err := otlptracegrpc.New(t.Context(), otlptracegrpc.WithEndpoint(grpc), otlptracegrpc.WithInsecure(), otlptracegrpc.WithHeaders(headers))
		if err != nil {
			t.Fatal(err)
		}
		for name, err := range map[string]error{"HTTP": overHTTP.ExportSpans(t.Context(), stub()), "gRPC": overGRPC.ExportSpans(t.Context(), stub())} {
			switch {
			case want == "" && err != nil && !strings.Contains(err.Error(), "partial success"): // the stub has no ids
				t.Errorf("%s, %q: %v", name, token, err)
			case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
				t.Errorf("%s, %q: %v, want %q", name, token, err, want)
			}
		}
	}
	answer, err := http.Post("http://"+http1+"/v1/traces", "application/json", strings.NewReader(oneSpan))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if said, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusUnauthorized || answer.Header.Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("%s %v %s", answer.Status, answer.Header, said)
	}
}

// Receivers speak TLS with a certificate, and with an authority for senders only to those who show one
// of it; HTTP and gRPC alike.
func TestReceiversSpeakTLS(t *testing.T) {
	t.Parallel()
	pair, own := certificatetest.New(t, time.Hour), certificatetest.New(t, time.Hour)
	r := run(t, newServer(t), func(c *agent.Config) {
		c.OTLPTLS = agent.ServerTLS{Cert: pair.Cert, Key: pair.Key, ClientCA: own.CA}
	})
	client := func(c certificate.Client) *tls.Config {
		c.Log = slog.New(slog.DiscardHandler)
		config, err := c.Config()
		if err != nil {
			t.Fatal(err)
		}
		return config()
	}
	for name, c := range map[string]struct {
		tls *tls.Config
		ok  bool
	}{
		"with a certificate": {client(certificate.Client{CA: pair.CA, Cert: own.Cert, Key: own.Key}), true},
		"without":            {client(certificate.Client{CA: pair.CA}), false},
	} {
		overHTTP, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpoint(r.stats.OTLP[0]), otlptracehttp.WithTLSClientConfig(c.tls), otlptracehttp.WithRetry(otlptracehttp.RetryConfig{}))
		if err != nil {
			t.Fatal(err)
		}
		overGRPC, err := otlptracegrpc.New(t.Context(), otlptracegrpc.WithEndpoint(r.stats.OTLP[1]), otlptracegrpc.WithTLSCredentials(credentials.NewTLS(c.tls)), otlptracegrpc.WithRetry(otlptracegrpc.RetryConfig{}))
		if err != nil {
			t.Fatal(err)
		}
		for over, err := range map[string]error{"HTTP": overHTTP.ExportSpans(t.Context(), stub()), "gRPC": overGRPC.ExportSpans(t.Context(), stub())} {
			if taken := err == nil || strings.Contains(err.Error(), "partial success"); taken != c.ok {
				t.Errorf("%s, %s: %v", name, over, err)
			}
		}
	}
}
