package store

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// each yields batches, and then an error where there is one.
func each(err error, batches ...*span.Batch) iter.Seq2[*span.Batch, error] {
	return func(yield func(*span.Batch, error) bool) {
		for _, b := range batches {
			if !yield(b, nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// rows is what a statement counts.
func count(t *testing.T, s *Store, sql string) string {
	t.Helper()
	return text(t, s, sql, nil)
}

func TestManyBatchesAreOneInsert(t *testing.T) {
	t.Parallel()
	s := open(t)
	var batches []*span.Batch
	for i := range uint32(20) {
		batches = append(batches, mixed(3, 3*i))
	}
	done, err := s.InsertAll(t.Context(), "a", each(nil, batches...))
	if err != nil || done.Spans != 6000 || done.Uncounted != nil {
		t.Fatalf("%+v, %v", done, err)
	}
	// APP spans of the corpus begin in one minute, others too; all of a day is one part.
	if got := count(t, s, "SELECT count(), uniqExact(_part), uniqExact(toDate(bucket)) FROM spans"); got != "6000\t1\t1" {
		t.Errorf("spans, parts and days: %q", got)
	}
}

// A server that died before it noted that an insert was made makes it again.
func TestAnInsertMadeAgainIsOneToReadersAndToMetrics(t *testing.T) {
	t.Parallel()
	s := open(t)
	for range 3 {
		if _, err := s.InsertAll(t.Context(), "a", each(nil, mixed(2, 0), mixed(2, 2))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.InsertAll(t.Context(), "b", each(nil, mixed(2, 4))); err != nil {
		t.Fatal(err)
	}
	if got := count(t, s, "SELECT count() FROM spans FINAL"); got != "600" {
		t.Errorf("spans: %q", got)
	}
	if got := count(t, s, "SELECT sum(requests_minute.count) FROM requests_minute"); got != "600" {
		t.Errorf("counted: %q", got)
	}
}

func TestAnInsertThatEndsEarlyLeavesNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	cause := errors.New("the log cannot be read")
	for _, batches := range [][]*span.Batch{nil, {mixed(1, 0)}, {mixed(50, 0), mixed(50, 50)}} {
		if _, err := s.InsertAll(t.Context(), "a", each(cause, batches...)); !errors.Is(err, cause) {
			t.Errorf("after %d batches: %v", len(batches), err)
		}
	}
	broken := mixed(1, 0)
	broken.Service[7] = 1 << 20 // a batch that was not checked
	if _, err := s.InsertAll(t.Context(), "a", each(nil, mixed(1, 1), broken)); !errors.Is(err, ErrPanic) {
		t.Errorf("a defect: %v", err)
	}
	if got := count(t, s, "SELECT count() FROM spans"); got != "0" {
		t.Errorf("%s rows are there", got)
	}
	if got := count(t, s, "SELECT count() FROM requests_minute"); got != "0" {
		t.Errorf("%s rows are counted", got)
	}
	if done, err := s.InsertAll(t.Context(), "a", each(nil, mixed(1, 0))); err != nil || done.Spans != 100 {
		t.Errorf("afterwards: %+v, %v", done, err)
	}
}

// Nothing and next to nothing.
func TestInsertsWithoutSpans(t *testing.T) {
	t.Parallel()
	s := open(t)
	edges := &span.Batch{Edges: []span.Edge{{A: 1, B: 2, Time: start, Kind: span.EdgePassage}}}
	for i, batches := range [][]*span.Batch{{}, {{}}, {edges}} {
		if done, err := s.InsertAll(t.Context(), fmt.Sprint(i), each(nil, batches...)); err != nil || done.Spans != 0 {
			t.Errorf("%d: %+v, %v", i, done, err)
		}
	}
	if got := count(t, s, "SELECT count() FROM assoc"); got != "2" {
		t.Errorf("%s edges", got)
	}
}

// What came later of the same spans, or without any, is not what was there.
func TestEdgesThatComeLaterAreStored(t *testing.T) {
	t.Parallel()
	s := open(t)
	for i := range span.GroupID(3) {
		insert(t, s, &span.Batch{Edges: []span.Edge{{A: 1 + i, B: 10 + i, Time: start, Kind: span.EdgePassage}}})
	}
	if got := count(t, s, "SELECT count() FROM assoc"); got != "6" {
		t.Errorf("%s rows of edges, want 6", got)
	}
}

// answering is a store that takes every insert but those into one table, which it answers so.
func answering(t *testing.T, table string, code int) *Store {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if strings.HasPrefix(r.URL.Query().Get("query"), "INSERT INTO "+table+" ") {
			w.Header().Set("X-ClickHouse-Exception-Code", fmt.Sprint(code))
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	t.Cleanup(server.Close)
	s, err := Open(t.Context(), Config{DSN: server.URL + "/test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// Metrics lose nothing to a store that is short of memory for a moment: all of the insert is made
// again, and its spans replace themselves. Where counting can never succeed the spans are
// stored all the same, and it is said.
func TestWhatCannotBeCountedNowIsTriedAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code  int
		again bool
	}{{memoryLimit, true}, {252, true}, {159, true}, {243, true}, {noSuchTable, false}, {53, false}} {
		done, err := answering(t, "requests_minute", c.code).InsertAll(t.Context(), "a", each(nil, mixed(1, 0)))
		if again := err != nil; again != c.again || !again && (done.Uncounted == nil || done.Spans != 100) {
			t.Errorf("code %d: %+v, %v; want another try: %v", c.code, done, err, c.again)
		}
		if c.again && !Retryable(err) {
			t.Errorf("code %d: %v is not worth another try", c.code, err)
		}
	}
}
