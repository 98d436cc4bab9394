package query

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/store"
)

// asked is a store that keeps what it was asked for.
type asked struct {
	Store
	search store.SearchQuery
}

func (a *asked) Search(_ context.Context, q store.SearchQuery) (store.Found, error) {
	a.search = q
	return store.Found{}, nil
}

func (a *asked) WhyNothing(context.Context, store.SearchQuery) ([]string, error) { return nil, nil }

// A search without an end ends now: spans of a node whose clock is hours ahead would be the newest,
// and fill every list.
func TestASearchWithoutAnEndEndsNow(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	a := &asked{}
	s := New(Config{Store: a, Now: func() time.Time { return now }})
	for query, want := range map[string]time.Time{
		"":                   now.Add(ahead),
		"?from=now-6h":       now.Add(ahead),
		"?to=1800018000000":  now.Add(5 * time.Hour), // who asks for what is ahead gets it
		"?scope=all&limit=1": now.Add(ahead),
	} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/search"+query, nil))
		if w.Code != http.StatusOK || a.search.To != want.UnixNano() {
			t.Errorf("%q: %d %s, to %v, want %v", query, w.Code, w.Body, time.Unix(0, a.search.To), want)
		}
	}
	if ahead > 5*time.Minute {
		t.Errorf("%v ahead is no clock that is a little wrong", ahead)
	}
}
