package export

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
)

// The 100 spans come to a store that knows nothing but OpenTelemetry as one tree, by both protocols
// and through failures, each once.
func TestTheTreeIsExported(t *testing.T) {
	t.Parallel()
	spans := tracetest.WebShop(5)
	for name, c := range map[string]struct {
		url  func(r *receiver) string
		fail func(request int) (int, codes.Code)
	}{
		"gRPC":                  {func(r *receiver) string { return r.grpc(t) }, nil},
		"HTTP":                  {func(r *receiver) string { return r.http(t) }, nil},
		"HTTP with a full path": {func(r *receiver) string { return r.http(t) + "/v1/traces" }, nil},
		"gRPC that is away at first": {func(r *receiver) string { return r.grpc(t) }, func(n int) (int, codes.Code) {
			return 0, map[bool]codes.Code{true: codes.Unavailable}[n <= 3]
		}},
		"HTTP that is busy at first": {func(r *receiver) string { return r.http(t) }, func(n int) (int, codes.Code) {
			return 503, map[bool]codes.Code{true: codes.Unavailable}[n <= 3]
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReceiver()
			if c.fail != nil {
				r.fail = c.fail
			}
			e, stop := run(t, Config{URL: c.url(r), Sources: []string{"APP", "SYS", "NET"}, Batch: 30}, &one{spans: spans})
			e.Taken(batch(spans[:50]))
			e.Taken(batch(spans[50:]))
			parents := r.wait(t, 100)
			stop()
			for i, p := range tracetest.Parents() {
				want := ""
				if p >= 0 {
					want = id(spans[p])
				}
				if got, ok := parents[id(spans[i])]; !ok || got != want {
					t.Errorf("span %d: parent %q (there: %v), want %q", i+1, got, ok, want)
				}
			}
			counts := e.Counts()
			if counts["spans exported"] != 100 || r.twice != 0 || r.headers != "shop" || (c.fail != nil) != (counts["requests tried again"] == 3) {
				t.Errorf("counts %v, %d spans twice, header %q", counts, r.twice, r.headers)
			}
		})
	}
}

// Without code, whose SDKs send it, what agents saw hangs under it by its ids; a layer that is left
// out is bridged.
func TestWhatIsLeftOutIsBridged(t *testing.T) {
	t.Parallel()
	spans := tracetest.WebShop(6)
	for name, c := range map[string]struct {
		config Config
		keeps  func(s *span.Span) bool
	}{
		"system calls and packets": {Config{}, func(s *span.Span) bool { return s.Source != span.APP }},
		"system calls":             {Config{Sources: []string{"SYS"}}, func(s *span.Span) bool { return s.Source == span.SYS }},
		"of one service":           {Config{Services: []string{"nobody", "svc-*der"}}, func(s *span.Span) bool { return s.Source == span.SYS && s.Service == "svc-order" }},
		"of a namespace":           {Config{Sources: []string{"SYS"}, Namespaces: []string{"webshop"}}, func(s *span.Span) bool { return s.Source == span.SYS }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReceiver()
			c.config.URL = r.grpc(t)
			e, stop := run(t, c.config, &one{spans: spans})
			e.Taken(batch(spans))
			wanted := 0
			for _, s := range spans {
				if c.keeps(s) {
					wanted++
				}
			}
			parents := r.wait(t, wanted)
			stop()
			of := tracetest.Parents()
			for i, s := range spans {
				got, there := parents[id(s)]
				if there != c.keeps(s) {
					t.Errorf("span %d (%s %s): exported %v", i+1, s.Source, s.Service, there)
				}
				p := of[i]
				for p >= 0 && !c.keeps(spans[p]) && spans[p].Source != span.APP {
					p = of[p]
				}
				want := ""
				if p >= 0 {
					want = id(spans[p])
				}
				if there && got != want {
					t.Errorf("span %d: parent %q, want %q", i+1, got, want)
				}
			}
		})
	}
}

// Spans that come late are sent then, and none twice.
func TestSpansThatComeLateAreExported(t *testing.T) {
	t.Parallel()
	spans := tracetest.WebShop(7)
	s := &one{spans: spans[:60]}
	r := newReceiver()
	e, stop := run(t, Config{URL: r.http(t), Sources: []string{"APP", "SYS", "NET"}}, s)
	e.Taken(batch(spans[:60]))
	r.wait(t, 60)
	s.set(spans)
	e.Taken(batch(spans[60:]))
	r.wait(t, 100)
	stop()
	if r.twice != 0 {
		t.Errorf("%d spans came twice", r.twice)
	}
}

// Whatever is not sent is counted, by reason.
func TestEveryLossIsCounted(t *testing.T) {
	t.Parallel()
	spans := tracetest.WebShop(8)
	all := []string{"APP", "SYS", "NET"}
	for name, c := range map[string]struct {
		config Config
		store  *one
		fail   func(int) (int, codes.Code)
		want   map[string]uint64
	}{
		"refused":            {Config{}, &one{spans: spans}, func(int) (int, codes.Code) { return 400, codes.InvalidArgument }, map[string]uint64{"lost: the receiver refused them": 100}},
		"no room to wait":    {Config{Waiting: 1}, &one{spans: spans[6:7]}, nil, map[string]uint64{"spans exported": 1}},
		"no room in a queue": {Config{Queue: 40, Batch: 40}, &one{spans: spans}, nil, map[string]uint64{"spans exported": 40, "lost: too many spans wait to be sent": 60}},
		"not looked up":      {Config{}, &one{fails: errors.New("away")}, nil, map[string]uint64{"lost: the trace could not be looked up": 100}},
		"not there":          {Config{}, &one{fails: store.ErrNotFound}, nil, map[string]uint64{"left out: the store has no trace of them": 100}},
		"tried for too long": {Config{Patience: time.Nanosecond}, &one{spans: spans}, func(int) (int, codes.Code) { return 503, codes.Unavailable }, map[string]uint64{"lost: tried for too long": 100}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReceiver()
			if c.fail != nil {
				r.fail = c.fail
			}
			c.config.URL, c.config.Sources = r.http(t), all
			e, stop := run(t, c.config, c.store)
			e.Taken(batch(spans))
			for !reached(e.Counts(), c.want) {
				select {
				case <-t.Context().Done():
					t.Fatalf("counts %v, want %v", e.Counts(), c.want)
				case <-time.After(time.Millisecond): // counts are looked at, and nothing tells of them
				}
			}
			stop()
			if c.config.Waiting == 1 && e.Counts()["lost: too many traces wait to be complete"] == 0 {
				t.Errorf("counts %v", e.Counts())
			}
		})
	}
}

func reached(counts, want map[string]uint64) bool {
	for what, n := range want {
		if counts[what] != n {
			return false
		}
	}
	return true
}

// What waits when the server stops is counted as lost.
func TestStoppingCounts(t *testing.T) {
	t.Parallel()
	spans := tracetest.WebShop(9)
	c := Config{URL: "http://127.0.0.1:9", Wait: time.Hour}
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	e, err := New(c, &one{}, func(context.Context) {})
	if err != nil {
		t.Fatal(err)
	}
	e.Taken(batch(spans))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e.Run(ctx)
	if got := e.Counts()["lost: the server stopped"]; got != 100 {
		t.Errorf("%v", e.Counts())
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	for url, says := range map[string]string{
		"http://h:4318": "", "https://h/otlp/v1/traces": "", "grpc://h:4317": "", "grpcs://[::1]:4317": "",
		"": "want http://", "h:4317": "want http://", "grpc://h": "want grpc://host:port", "grpc://h:1/x": "want grpc://host:port", "http://": "no host", "ftp://h": "want http://", "http://%": "export:",
	} {
		c := Config{URL: url}
		if err := c.Check(); (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", url, err, says)
		}
	}
	c := Config{URL: "http://h:4318", Sources: []string{"KERNEL"}}
	if err := c.Check(); err == nil {
		t.Error("a layer that is none: no error")
	}
	for pattern, texts := range map[string]map[string]bool{
		"web":   {"web": true, "web-shop": false, "": false},
		"web*":  {"web": true, "web-shop": true, "a-web": false},
		"*-s*p": {"web-shop": true, "-sp": true, "web-sho": false},
		"*":     {"": true, "x": true},
		"a*a":   {"a": false, "aa": true},
	} {
		for text, want := range texts {
			if like(pattern, text) != want {
				t.Errorf("%q like %q: %v", text, pattern, !want)
			}
		}
	}
}
