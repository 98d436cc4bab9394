package apm

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/server/lookup"
)

var update = flag.Bool("update", false, "write what is read as what is expected")

// What each APM answers, as its documentation has the form, is read. The files of Jaeger are recorded
// from Jaeger 2 (1.76), its API of version 3 and that of its page; those of Tempo and SkyWalking are written by their documentation (api_docs,
// "Query V2"; trace.graphqls of the query protocol).
func TestAnswersAreRead(t *testing.T) {
	t.Parallel()
	for file, read := range map[string]func(answer) (*Code, error){
		"jaeger.v3.json": read, "jaeger.json": read, "tempo.v2.json": readTempo, "tempo.v1.json": readTempo, "skywalking.json": readGraphQL,
	} {
		body := testdata(t, file)
		code, err := read(answer{http.StatusOK, body})
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		var got strings.Builder
		for _, s := range code.Spans {
			fmt.Fprintf(&got, "%s %s < %s %s %s %q of %q at %s\n", s.TraceID, s.SpanID, s.ParentSpanID, s.Source, s.Kind, s.Endpoint, s.Service, s.PodIP)
			fmt.Fprintf(&got, "  %d+%dus %s %s %s %d %s %q, %s to %s %s %s %v\n", s.Start, s.Duration/1e3, s.Protocol, s.Type, s.Resource, s.Code, s.Status, s.StatusMessage, s.Client, s.Server, s.Events, s.Links, s.Attributes)
		}
		fmt.Fprintf(&got, "left out: %q\n", code.LeftOut)
		golden := filepath.Join("testdata", file+".golden")
		if *update {
			if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(golden); err != nil || got.String() != string(want) {
			t.Errorf("%v: %s is read as\n%s\nwant\n%s", err, file, got.String(), want)
		}
		for n := range len(body) - 2 { // cut off, it is refused or has fewer spans
			if short, err := read(answer{http.StatusOK, body[:n]}); err == nil && len(short.Spans) > len(code.Spans) {
				t.Errorf("%s: the first %d bytes have %d spans", file, n, len(short.Spans))
			} else if r := because(err); r != answered && r != none && r != unreadable {
				t.Errorf("%s: the first %d bytes: %v", file, n, err)
			}
		}
	}
}

func testdata(t testing.TB, file string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// nothing is a store that has no trace, or one span.
type nothing struct {
	lookup.Store
	spans []*span.Span
}

func (n nothing) Trace(context.Context, store.TraceQuery) (*store.TraceData, error) {
	if len(n.spans) == 0 {
		return nil, fmt.Errorf("trace: %w", store.ErrNotFound)
	}
	return &store.TraceData{Spans: slices.Clone(n.spans), Truncated: "more than 1 span"}, nil
}

func (n nothing) Serving(context.Context, store.ServingQuery) ([]*span.Span, bool, error) {
	return nil, false, nil
}

const asked = "5b8efff798038103d269b633813fc60c"

func hop() *span.Span {
	s := &span.Span{ID: 7, Source: span.SYS, Point: span.PointServerProcess, Start: 1, Duration: 1}
	s.TraceID, _ = span.ParseTraceID(asked)
	return s
}

// An APM that cannot be asked costs its own code: the answer has ours and says whose is missing, and
// why. Where nothing is stored here it is an error, for the trace may be there.
func TestWhatAnAPMDoesNotAnswerIsSaid(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for name, c := range map[string]struct {
		kind   string
		answer http.HandlerFunc // nil: nobody listens
		says   string
		counts string
	}{
		"away":         {"tempo", nil, "did not answer: dial tcp", "it: did not answer"},
		"slow":         {"tempo", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "took too long", "it: took too long"},
		"failing":      {"jaeger", status(http.StatusServiceUnavailable), "did not answer: it answered 503", "it: did not answer"},
		"no token":     {"jaeger", status(http.StatusUnauthorized), "refused: it answered 401", "it: refused"},
		"elsewhere":    {"tempo", status(http.StatusFound), "give the URL it leads to", "it: refused"},
		"another tool": {"tempo", text200("<html>hello</html>"), "said what cannot be read", "it: said what cannot be read"},
		"cut off":      {"tempo", text200(`{"trace":{"resourceSpans":[{`), "said what cannot be read", "it: said what cannot be read"},
		"no GraphQL":   {"skywalking", text200("<html>hello</html>"), "said what cannot be read: no answer of GraphQL", "it: said what cannot be read"},
		"an error":     {"skywalking", text200(`{"errors":[{"message":"storage is away"}]}`), "refused: storage is away", "it: refused"},
		"too much": {"tempo", func(w http.ResponseWriter, _ *http.Request) {
			for range maxAnswer>>20 + 1 {
				_, _ = w.Write(make([]byte, 1<<20))
			}
		}, "said too much: its answer has more than 16 MiB", "it: said too much"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := "http://" + closed.Addr().String()
			if c.answer != nil {
				web := httptest.NewServer(c.answer)
				defer web.Close()
				url = web.URL
			}
			config := Config{Name: "it", Kind: c.kind, URL: url}
			if name == "slow" {
				config.Timeout = 20 * time.Millisecond
			}
			apms := of(t, config)
			have := nothing{spans: []*span.Span{hop()}}
			data, err := Joined{have, have, apms}.Trace(t.Context(), store.TraceQuery{ID: asked})
			if err != nil || len(data.Spans) != 1 || !strings.HasPrefix(data.Truncated, "more than 1 span; the code that it may have is missing: ") || !strings.Contains(data.Truncated, c.says) {
				t.Errorf("%v %+v, want our span and %q", err, data, c.says)
			}
			if n := apms.Counts()[c.counts]; n != 1 {
				t.Errorf("counted: %v, want one of %q", apms.Counts(), c.counts)
			}
			var gone *lookup.Error
			if _, err = (Joined{nothing{}, nothing{}, apms}).Trace(t.Context(), store.TraceQuery{ID: asked}); !errors.As(err, &gone) || gone.Status != http.StatusBadGateway || !strings.Contains(gone.Text, c.says) {
				t.Errorf("with nothing stored: %v, want 502 and %q", err, c.says)
			}
		})
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/login")
		w.WriteHeader(code)
	}
}

func text200(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
}

func of(t *testing.T, c ...Config) *APMs {
	t.Helper()
	if err := Check(c); err != nil {
		t.Fatal(err)
	}
	apms, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return apms
}

// A trace that nobody has is not found, and one that only an APM has is shown, each span once though
// two have it. Whoever is asked by Throughline asks nobody.
func TestATraceThatOnlyAPMsHave(t *testing.T) {
	t.Parallel()
	requests := make(chan *http.Request, 10)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests <- r
		_, _ = w.Write(testdata(t, "tempo.v2.json"))
	}))
	defer web.Close()
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	apms := of(t, Config{Kind: "tempo", URL: web.URL + "/base/", TokenFile: token, Headers: map[string]string{"X-Scope-OrgID": "shop"}}, Config{Name: "again", Kind: "tempo", URL: web.URL})
	j := Joined{nothing{}, nothing{}, apms}
	data, err := j.Trace(t.Context(), store.TraceQuery{ID: asked})
	if err != nil || len(data.Spans) != 2 {
		t.Fatalf("%v %+v, want the two spans of the answer", err, data)
	}
	for range 2 {
		r := <-requests
		if r.Header.Get(Asking) == "" {
			t.Error("the request does not say who asks")
		}
		if path, own := strings.CutPrefix(r.URL.Path, "/base"); path != "/api/v2/traces/"+asked || own && (r.Header.Get("Authorization") != "Bearer secret" || r.Header.Get("X-Scope-OrgID") != "shop") {
			t.Errorf("%s with %v", r.URL.Path, r.Header)
		}
	}
	if _, err := j.Trace(lookup.Unasked(t.Context()), store.TraceQuery{ID: asked}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("asked by Throughline: %v", err)
	}
	none := httptest.NewServer(http.NotFoundHandler())
	defer none.Close()
	if _, err := (Joined{nothing{}, nothing{}, of(t, Config{Kind: "jaeger", URL: none.URL}, Config{Kind: "tempo", URL: none.URL})}).Trace(t.Context(), store.TraceQuery{ID: asked}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("nobody has it: %v", err)
	}
}

// What is wrong with the file is said by the place.
func TestConfigurationThatIsWrong(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"apms: [{kind: zipkin, url: 'http://x'}]":                                            `apms[0]: kind "zipkin": want one of jaeger, skywalking, tempo`,
		"apms: [{kind: jaeger}]":                                                             `apms[0]: jaeger: url "": want http(s)://host:port`,
		"apms: [{kind: jaeger, url: 'grpc://x'}]":                                            `url "grpc://x": want http(s)://host:port`,
		"apms: [{kind: jaeger, url: 'http://u:secret@x?a=b'}]":                               `url "http://u:xxxxx@x?a=b": want no parameters`,
		"apms: [{kind: jaeger, url: 'http://x', uri: y}]":                                    "field uri not found",
		"apms: [{kind: jaeger, url: 'http://x'}, {kind: jaeger, url: 'http://y'}]":           `apms[1]: two are called "jaeger"`,
		"apms: [{kind: tempo, url: 'http://x', timeout: 1m}]":                                "timeout 1m0s: want at most 20s",
		"apms: [{kind: tempo, url: 'http://x', ca_file: y}]":                                 "ca_file goes with https only",
		"apms: [{kind: tempo, url: 'http://x', token_file: y, headers: {authorization: z}}]": "say the same",
		`apms: [{kind: tempo, url: 'http://x', headers: {"a b": z}}]`:                        `header "a b" cannot be one`,
	} {
		file := filepath.Join(t.TempDir(), "apms.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadConfig(file); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
}

func FuzzAnswers(f *testing.F) {
	for _, file := range []string{"jaeger.v3.json", "tempo.v2.json", "skywalking.json"} {
		f.Add(testdata(f, file))
	}
	f.Fuzz(func(_ *testing.T, body []byte) {
		for _, read := range []func(answer) (*Code, error){read, readTempo, readGraphQL} {
			if code, err := read(answer{http.StatusOK, body}); err == nil && len(code.Spans) > maxSpans {
				panic("more spans than are read")
			}
		}
	})
}
