package store

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
	"github.com/throughline-io/throughline/test/nativefront"
)

// The embedded engine has no native protocol: a front speaks it for the engine.
func native(tb testing.TB, secret, database string) (*Store, *nativefront.Front) {
	tb.Helper()
	socket, err := engine()
	if err != nil {
		tb.Fatal(err)
	}
	front, err := nativefront.Listen(nativefront.Options{URL: "http://engine", Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(front.Close)
	s, err := Open(tb.Context(), Config{DSN: "clickhouse://" + front.Address(), Database: database, Token: secret, Timeout: 20 * time.Second})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	return s, front
}

// Whatever is read by the HTTP interface is read the same by the native protocol.
func TestNativeProtocolReadsTheSame(t *testing.T) {
	t.Parallel()
	byHTTP := open(t)
	full := everything()
	b := batch(full, &span.Span{ID: 1, Source: span.NET, TraceID: traceID(1), Start: start})
	for _, s := range tracetest.NewShop(1).Trace(start + int64(time.Minute)) {
		b.Append(s)
	}
	insert(t, byHTTP, b)
	if err := byHTTP.PutEntities(t.Context(), tracetest.WebShopEntities()); err != nil {
		t.Fatal(err)
	}
	watched := Watch{Address: full.PodIP, Source: span.SYS, Node: full.Node, Agent: full.Agent, Since: full.Start, Until: full.Start}
	if err := byHTTP.PutWatched(t.Context(), []Watch{watched}); err != nil {
		t.Fatal(err)
	}
	byTCP, front := native(t, "owner", byHTTP.config.Database)
	if err := byTCP.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	from, to := start-int64(time.Hour), start+int64(time.Hour)
	for name, read := range map[string]func(*Store) (any, error){
		"version":  func(s *Store) (any, error) { return s.Version(t.Context()) },
		"trace":    func(s *Store) (any, error) { return s.Trace(t.Context(), TraceQuery{ID: full.TraceID.String()}) },
		"no trace": func(s *Store) (any, error) { return s.Trace(t.Context(), TraceQuery{ID: traceID(99).String()}) },
		"search":   func(s *Store) (any, error) { return s.Search(t.Context(), SearchQuery{From: from, To: to}) },
		"quotes": func(s *Store) (any, error) {
			return s.Search(t.Context(), SearchQuery{From: from, To: to, Resource: full.Resource})
		},
		"not quotes": func(s *Store) (any, error) {
			return s.Search(t.Context(), SearchQuery{From: from, To: to, Resource: `/a?b='\`})
		},
		"services": func(s *Store) (any, error) {
			return s.Values(t.Context(), ValuesQuery{Name: "service", From: from, To: to})
		},
		"attribute": func(s *Store) (any, error) { return s.Values(t.Context(), ValuesQuery{Name: "z", From: from, To: to}) },
		"keys":      func(s *Store) (any, error) { return s.TagKeys(t.Context(), TagsQuery{From: from, To: to}) },
		"metrics": func(s *Store) (any, error) {
			return s.Metrics(t.Context(), MetricsQuery{From: from, To: to, Step: time.Minute, GroupBy: []string{"service"}})
		},
		"map":   func(s *Store) (any, error) { return s.ServiceMap(t.Context(), MapQuery{From: from, To: to}) },
		"links": func(s *Store) (any, error) { return s.LinkedFrom(t.Context(), traceID(9)) },
		"usual": func(s *Store) (any, error) {
			return s.Usual(t.Context(), []Hop{{Service: "shop", Point: span.PointServerProcess}}, to)
		},
	} {
		want, wantErr := read(byHTTP)
		got, err := read(byTCP)
		if errors.Is(wantErr, ErrNotFound) != errors.Is(err, ErrNotFound) || (err == nil) != (wantErr == nil) {
			t.Errorf("%s: error %v, by HTTP %v", name, err, wantErr)
		}
		if diff := cmp.Diff(want, got, spanEqual, addrEqual, cmp.AllowUnexported(SearchRow{})); diff != "" {
			t.Errorf("%s (-by HTTP +by the native protocol):\n%s", name, diff)
		}
	}
	if front.Asked() == 0 {
		t.Error("nothing was asked by the native protocol")
	}
}

func TestNativeProtocolSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	s, _ := native(t, "no secret", "throughline")
	if err := s.Ping(t.Context()); code(err) != 516 || Retryable(err) {
		t.Errorf("wrong password: %v", err)
	}
	s, _ = native(t, "owner", "no_such_database")
	if _, err := s.Values(t.Context(), ValuesQuery{Name: "service"}); code(err) != 81 && code(err) != 60 {
		t.Errorf("no database: %v", err)
	}
	if _, err := s.Trace(t.Context(), TraceQuery{ID: traceID(1).String()}); code(err) != 81 && code(err) != 60 {
		t.Errorf("no database: %v", err)
	}
	if err := s.Ping(t.Context()); err == nil {
		t.Log("the engine takes a database that is not there for a statement without tables")
	}
	if err := s.Insert(t.Context(), batch(everything())); err == nil || !strings.Contains(err.Error(), "for reads") || Retryable(err) {
		t.Errorf("a write: %v", err)
	}
	s, front := native(t, "owner", "throughline")
	front.Close()
	if err := s.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("nobody listens: %v", err)
	}
}

// A reader may set nothing: the same statements are sent without settings.
func TestNativeProtocolAsReader(t *testing.T) {
	t.Parallel()
	owner := open(t)
	insert(t, owner, batch(everything()))
	reader, _ := native(t, "reader", owner.config.Database)
	if d := trace(t, reader, everything().TraceID.String()); len(d.Spans) != 1 {
		t.Errorf("%d spans", len(d.Spans))
	}
}

// A server that was restarted in between is no failure of the next query.
func TestNativeProtocolAfterARestart(t *testing.T) {
	t.Parallel()
	s, front := native(t, "owner", open(t).config.Database)
	for range 3 {
		if err := s.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		front.Disconnect()
	}
}

func TestNativeProtocolStopsWithItsCaller(t *testing.T) {
	t.Parallel()
	s, _ := native(t, "owner", "system")
	ctx, cancel := context.WithCancel(t.Context())
	rows := new(numbers[uint64])
	err := s.tcp.read(ctx, "SELECT number FROM system.numbers", nil, nil, []resultColumn{{"number", rows}}, func(int) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	stop := errors.New("enough")
	err = s.tcp.read(t.Context(), "SELECT number FROM system.numbers", nil, nil, []resultColumn{{"number", rows}}, func(int) error { return stop })
	if !errors.Is(err, stop) {
		t.Errorf("stopped: %v", err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("the next one: %v", err)
	}
}

// An answer with other columns than were asked for is an error, whatever its size.
func TestNativeProtocolChecksColumns(t *testing.T) {
	t.Parallel()
	s, _ := native(t, "owner", "system")
	for sql, columns := range map[string][]resultColumn{
		"SELECT 1 AS a":           {{"b", new(numbers[uint8])}},
		"SELECT '' AS a":          {{"a", new(numbers[uint8])}},
		"SELECT 1 AS a, 2 AS b":   {{"a", new(numbers[uint8])}},
		"SELECT toUInt16(1) AS a": {{"a", new(numbers[uint8])}},
	} {
		if err := s.tcp.read(t.Context(), sql, nil, nil, columns, func(int) error { return nil }); err == nil {
			t.Errorf("%s is taken", sql)
		}
	}
}
