package webshop

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// api is the server's public HTTP API: what the demo checks is what a user gets.
type api struct {
	base   string
	token  string
	client *http.Client
}

func newAPI(base, token string) *api {
	return &api{base: base, token: token, client: &http.Client{Timeout: 30 * time.Second}}
}

func (a *api) get(ctx context.Context, path string, query url.Values) ([]byte, error) {
	u := a.base + path
	if len(query) > 0 {
		u += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	resp, err := a.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("GET %s: %w", path, err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: %s: %.300s", path, resp.Status, body)
	}
	return body, nil
}

func (a *api) healthy(ctx context.Context) error {
	_, err := a.get(ctx, "/healthz", nil)
	return err
}

// trace is a trace as the API prints it.
func (a *api) trace(ctx context.Context, id string, from time.Time) ([]byte, error) {
	return a.get(ctx, "/api/v1/traces/"+url.PathEscape(id), url.Values{"from": {nanos(from)}})
}

// root is a row of the search for requests.
type root struct {
	TraceID  string `json:"trace_id"`
	Start    int64  `json:"start"`
	Duration int64  `json:"duration"`
	Service  string `json:"service"`
}

// roots are the requests to web-shop since a moment, oldest first.
func (a *api) roots(ctx context.Context, since time.Time, limit int) ([]root, error) {
	body, err := a.get(ctx, "/api/v1/search", url.Values{
		"from": {nanos(since)}, "service": {"web-shop"}, "source": {"APP"}, "scope": {"roots"}, "limit": {strconv.Itoa(limit)},
	})
	if err != nil {
		return nil, err
	}
	var answer struct {
		Spans []root `json:"spans"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("search: %w in %.200s", err, body)
	}
	var out []root
	for i := len(answer.Spans) - 1; i >= 0; i-- {
		if answer.Spans[i].Service == "web-shop" {
			out = append(out, answer.Spans[i])
		}
	}
	return out, nil
}

func nanos(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) }
