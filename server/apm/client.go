package apm

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

const (
	// maxAnswer bounds what an APM says of one trace.
	maxAnswer = 16 << 20
	// answersAtOnce bounds how many such answers are in memory.
	answersAtOnce = 8
)

// client asks one APM over HTTP.
type client struct {
	config Config
	base   *url.URL
	http   *http.Client
}

func newClient(c Config) (*client, error) {
	base, err := url.Parse(strings.TrimRight(c.URL, "/"))
	if err != nil {
		return nil, err
	}
	t := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: c.Timeout, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2: true, MaxIdleConnsPerHost: answersAtOnce, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 1 << 20,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
	}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		t.TLSClientConfig.RootCAs = x509.NewCertPool()
		if !t.TLSClientConfig.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s: %s holds no certificate in PEM", c.Name, c.CAFile)
		}
	}
	// A redirect would take headers, which may be secrets, to where it leads.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client{c, base, &http.Client{Transport: t, CheckRedirect: stay}}, nil
}

// answer is what an APM said.
type answer struct {
	status int
	body   []byte
}

// ask sends a request; body nil is a GET, else a POST of JSON. Its errors have a reason; any status is
// an answer.
func (c *client) ask(ctx context.Context, body []byte, path ...string) (answer, error) {
	method := http.MethodGet
	if body != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base.JoinPath(path...).String(), bytes.NewReader(body))
	if err != nil {
		return answer{}, failed(away, err)
	}
	for name, value := range c.config.Headers {
		req.Header.Set(name, value)
	}
	if c.config.TokenFile != "" {
		token, err := os.ReadFile(c.config.TokenFile)
		if err != nil {
			return answer{}, failed(refused, err)
		}
		req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set(Asking, "1")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return answer{}, failed(reasonOf(ctx, err), inner(err))
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1)) // unpacked: the transport does that
	switch {
	case err != nil:
		return answer{}, failed(reasonOf(ctx, err), fmt.Errorf("its answer broke off: %w", err))
	case len(text) > maxAnswer:
		return answer{}, failed(tooLarge, fmt.Errorf("its answer has more than %d MiB", maxAnswer>>20))
	}
	return answer{resp.StatusCode, text}, nil
}

// inner is an error without the URL, which may hold a password.
func inner(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

// unexpected is the error of a status that is no answer.
func (a answer) unexpected() error {
	text := strings.Join(strings.Fields(string(a.body[:min(len(a.body), 300)])), " ")
	why := fmt.Errorf("it answered %d %s: %.200q", a.status, http.StatusText(a.status), text)
	switch {
	case a.status/100 == 3:
		why = fmt.Errorf("it answered %d, which leads elsewhere: give the URL it leads to", a.status)
	case a.status/100 == 5:
		return failed(away, why)
	}
	return failed(refused, why)
}
