package shop

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
)

// poolSize is the number of idle connections kept per host: net/http's default of 2 makes
// every third call open a new one.
const poolSize = 64

// newClient is a client with otelhttp around what wrap makes of the transport, so that
// what wrap does happens inside the CLIENT span.
func newClient(cfg Config, wrap func(http.RoundTripper) http.RoundTripper) *http.Client {
	transport := &http.Transport{MaxIdleConns: 4 * poolSize, MaxIdleConnsPerHost: poolSize, IdleConnTimeout: 90 * time.Second}
	if cfg.Break == BreakPool {
		transport.MaxConnsPerHost = 1
	}
	var base http.RoundTripper = transport
	if wrap != nil {
		base = wrap(base)
	}
	return &http.Client{Transport: otelhttp.NewTransport(base), Timeout: 30 * time.Second}
}

// call sends a request and reads the answer to its end, so that the connection is reused.
func call(ctx context.Context, client *http.Client, method, url string, body string) error {
	var r io.Reader
	if body != "" {
		r = bytes.NewReader([]byte(body))
	}
	req, err := http.NewRequestWithContext(ctx, method, url, r)
	if err != nil {
		return err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode >= 400 {
		return fmt.Errorf("%s %s: %s", method, url, resp.Status)
	}
	return nil
}
