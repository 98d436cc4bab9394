package server

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/throughline-io/throughline/server/text"
)

// Readers have places of their own in the store. While all are taken, so that searches wait, spans
// are acknowledged and stored.
func TestSearchesTakeNoPlaceFromInserts(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	asked, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	get := func(ctx context.Context, path string, query url.Values) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.http+path+"?"+query.Encode(), nil)
		if err != nil {
			return err
		}
		req.Header.Set("X-ClickHouse-Key", r.token)
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			resp.Body.Close()
		}
		return err
	}
	ended := make(chan struct{})
	const places = 4 // of readers
	for range places {
		go func() {
			defer func() { ended <- struct{}{} }()
			_ = get(asked, "/clickhouse/", url.Values{"query": {"SELECT sum(sleepEachRow(1)) FROM numbers(600)"}, "max_block_size": {"1"}})
		}()
	}
	search := func() error {
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		return get(short, "/api/v1/search", url.Values{"scope": {"all"}})
	}
	until(t, "a search waits for a place", func() bool { err := search(); return err != nil && strings.Contains(err.Error(), "deadline") })
	for range 3 {
		var before, after text.Status
		r.ask(t, "/api/v1/status", nil, &before)
		r.push(t, webshop())
		until(t, "the spans are stored", func() bool {
			_ = search() // which asks for what lies in the log, and waits
			r.ask(t, "/api/v1/status", nil, &after)
			return after.Log.Spans >= before.Log.Spans+100
		})
	}
	giveUp()
	for range places {
		<-ended
	}
	until(t, "searches are answered again", func() bool { return search() == nil })
}
