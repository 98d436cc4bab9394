package query

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// asking is a server whose statements go to a store that is answer.
func asking(t *testing.T, c Config, answer http.HandlerFunc) *httptest.Server {
	t.Helper()
	store := httptest.NewServer(answer)
	t.Cleanup(store.Close)
	u, err := url.Parse(store.URL)
	if err != nil {
		t.Fatal(err)
	}
	c.Token, c.ClickHouse = "secret", &Target{URL: u, Transport: http.DefaultTransport}
	s := httptest.NewServer(New(c))
	t.Cleanup(s.Close)
	return s
}

// The time in which a statement must have come says nothing of how long it may run.
func TestAStatementMayTakeLongerThanItTakesToArrive(t *testing.T) {
	t.Parallel()
	const arrival = 100 * time.Millisecond
	s := asking(t, Config{BodyTime: arrival}, func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(5 * arrival):
			_, _ = io.WriteString(w, "1\n")
		case <-r.Context().Done():
		}
	})
	for method, body := range map[string]io.Reader{http.MethodGet: nil, http.MethodPost: strings.NewReader(" 1")} {
		req, _ := http.NewRequestWithContext(t.Context(), method, s.URL+"/clickhouse/?query=SELECT+1", body)
		req.Header.Set("X-ClickHouse-Key", "secret")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK || string(body) != "1\n" || err != nil {
			t.Errorf("%s: %d %s %v", method, resp.StatusCode, body, err)
		}
		resp.Body.Close()
	}
}

// Who asks for statements is shown what was acknowledged: the log is waited for first.
func TestStatementsWaitForTheLog(t *testing.T) {
	t.Parallel()
	waited := make(chan struct{})
	s := asking(t, Config{Fresh: func(context.Context) { close(waited) }}, func(w http.ResponseWriter, _ *http.Request) {
		select {
		case <-waited:
		default:
			w.WriteHeader(http.StatusTeapot)
		}
	})
	resp, err := http.Get(s.URL + "/clickhouse/?query=SELECT+1&password=secret")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("without the token: %d", resp.StatusCode)
	}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/clickhouse/?query=SELECT+1", nil)
	req.Header.Set("X-ClickHouse-Key", "secret")
	if resp, err = http.DefaultClient.Do(req); err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("%d", resp.StatusCode)
	}
}

// A reader that asks and does not read is cut off: it holds a place in the store. One that reads
// may take as long as it likes.
func TestAReaderThatDoesNotReadIsCutOff(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{}, 1)
	s := asking(t, Config{WriteTime: time.Second}, func(w http.ResponseWriter, r *http.Request) {
		defer func() { ended <- struct{}{} }()
		block := make([]byte, 1<<20)
		for r.Context().Err() == nil {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	ask := func() net.Conn {
		c, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		if _, err := io.WriteString(c, "GET /clickhouse/?query=SELECT+1 HTTP/1.1\r\nHost: x\r\nX-ClickHouse-Key: secret\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		return c
	}
	ask()
	<-ended // or the test ends by its time
	c := ask()
	for range 5 { // a slow reader
		if _, err := io.CopyN(io.Discard, c, 1<<20); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	c.Close()
	<-ended
}

// A store that hangs is no healthy server, and must not make the question hang.
func TestHealthTellsOfAStoreThatHangs(t *testing.T) {
	t.Parallel()
	for want, health := range map[int]func(context.Context) error{
		http.StatusOK:                 func(context.Context) error { return nil },
		http.StatusServiceUnavailable: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
		http.StatusTeapot:             nil,
	} {
		c := Config{Health: health}
		if want == http.StatusTeapot {
			c.Ready, want = func() error { return errors.New("starting") }, http.StatusServiceUnavailable
			c.Health = func(context.Context) error { return nil }
		}
		w := httptest.NewRecorder()
		New(c).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/healthz", nil))
		if w.Code != want {
			t.Errorf("%d %s, want %d", w.Code, w.Body, want)
		}
	}
}
