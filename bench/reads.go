package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/throughline-io/throughline/demo/process"
	"github.com/throughline-io/throughline/pkg/store"
)

const (
	readRuns  = 60
	readLimit = 8 * time.Second // of one question's runs
)

// reads measures what readers ask of a server over a full store: each question first after a
// start with nothing of the store in memory, then again and again, then while spans come in.
func reads(ctx context.Context, o options) error {
	dir := o.keep
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "throughline-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	} else if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	known, err := load(ctx, dir, o.bin, o.spans)
	if err != nil {
		return err
	}
	if err := forget(filepath.Join(dir, "data")); err != nil {
		return err
	}
	s, err := serve(ctx, dir, o.bin)
	if err != nil {
		return err
	}
	defer s.stop()
	fmt.Printf("\nreads through the API: %d spans of %s stored; first: after a start with nothing of the store in memory\n%s\n",
		known.Spans, time.Duration(known.To-known.From).Round(time.Minute), load1())
	questions := slices.DeleteFunc(questions(known), func(q question) bool { return !o.wants("reads", q.name) })
	first := map[string]time.Duration{}
	for _, q := range questions {
		began := time.Now()
		if err := q.ask(ctx, s, 0, known.From, known.To); err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		first[q.name] = time.Since(began)
	}
	fmt.Printf("%-44s %9s %9s %9s %9s %8s\n", "ms", "first", "p50", "p95", "CPU", "runs")
	for _, q := range questions {
		took, cpu, err := s.repeat(ctx, q, known.From, known.To)
		if err != nil {
			return err
		}
		fmt.Printf("%-44s %9.1f %9.1f %9.1f %9.1f %8d\n", q.name, ms(first[q.name]), ms(took.at(0.5)), ms(took.at(0.95)), cpu*1e3/float64(len(took)), len(took))
	}
	stop, err := s.ingest(ctx)
	if err != nil {
		return err
	}
	time.Sleep(10 * time.Second) // until the store has had some
	fmt.Printf("while %d spans a second come in; %s\n", ingestRate, load1())
	for _, q := range questions {
		took, _, err := s.repeat(ctx, q, known.From, time.Now().UnixNano())
		if err != nil {
			return err
		}
		fmt.Printf("%-44s %9s %9.1f %9.1f %9s %8d\n", q.name, "", ms(took.at(0.5)), ms(took.at(0.95)), "", len(took))
	}
	pushed, err := stop()
	fmt.Printf("%d spans came in; %s\n", pushed, load1())
	return err
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// load1 is how busy the machine is.
func load1() string {
	text, _ := os.ReadFile("/proc/loadavg")
	load, _, _ := strings.Cut(string(text), " ")
	return "load " + load
}

// forget drops what the kernel has of the files below a folder in memory.
func forget(dir string) error {
	return filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		return unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED)
	})
}

// serving is a server over the store, and its readers' ways.
type serving struct {
	*program
	api    string
	socket string
	store  *store.Store // as Grafana's data source reads
	pids   []int
}

func serve(ctx context.Context, dir, bin string) (*serving, error) {
	ports, err := freePorts(1)
	if err != nil {
		return nil, err
	}
	address := fmt.Sprintf("127.0.0.1:%d", ports[0])
	s := &serving{api: "http://" + address, socket: filepath.Join(dir, "s.sock")}
	s.program, err = start(dir, "server", filepath.Join(bin, "throughline"), "server", "--data-dir", filepath.Join(dir, "data"),
		"--listen-grpc", "unix://"+s.socket, "--listen-http", address)
	if err != nil {
		return nil, err
	}
	if err := s.open(ctx, dir); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func (s *serving) open(ctx context.Context, dir string) error {
	if err := s.await(ctx, s.api+"/healthz"); err != nil {
		return err
	}
	child, err := process.Child(s.cmd.Process.Pid, "throughline-sto")
	if err != nil {
		return err
	}
	s.pids = []int{s.cmd.Process.Pid, child}
	token, err := os.ReadFile(filepath.Join(dir, "data", "token"))
	if err != nil {
		return err
	}
	s.store, err = store.Open(ctx, store.Config{DSN: s.api + "/clickhouse/throughline", Token: strings.TrimSpace(string(token))})
	return err
}

func (s *serving) cpu() (sum float64, err error) {
	for _, pid := range s.pids {
		used, err := process.CPUSeconds(pid)
		if err != nil {
			return 0, err
		}
		sum += used
	}
	return sum, nil
}

// repeat asks a question many times, with the CPU seconds that all of them took.
func (s *serving) repeat(ctx context.Context, q question, from, to int64) (took durations, cpu float64, err error) {
	before, err := s.cpu()
	if err != nil {
		return nil, 0, err
	}
	began := time.Now()
	for n := 1; n <= readRuns && (n < 4 || time.Since(began) < readLimit); n++ {
		at := time.Now()
		if err := q.ask(ctx, s, n, from, to); err != nil {
			return nil, 0, fmt.Errorf("%s: %w", q.name, err)
		}
		took = append(took, time.Since(at))
	}
	after, err := s.cpu()
	return took, after - before, err
}

// question is something that readers ask, the nth time about another trace or value.
type question struct {
	name string
	ask  func(ctx context.Context, s *serving, n int, from, to int64) error
}

func questions(known *stored) []question {
	pick := func(n int) sample { return known.Samples[(n*37+5)%len(known.Samples)] }
	trace := func(name string, id func(sample) string) question {
		return question{name, func(ctx context.Context, s *serving, n int, _, _ int64) error {
			var t struct{ Spans []json.RawMessage }
			err := s.get(ctx, "/api/v1/traces/"+id(pick(n)), nil, &t)
			if err == nil && len(t.Spans) != 100 {
				err = fmt.Errorf("%d spans of trace %s, want 100", len(t.Spans), id(pick(n)))
			}
			return err
		}}
	}
	search := func(name, scope string, want int, filter func(n int) string) question {
		return question{name, func(ctx context.Context, s *serving, n int, from, to int64) error {
			p := url.Values{"from": {fmt.Sprint(from)}, "to": {fmt.Sprint(to)}, "scope": {scope}, "limit": {"20"}}
			if f := filter(n); f != "" {
				p.Set("filter", f)
			}
			var found struct{ Spans []json.RawMessage }
			err := s.get(ctx, "/api/v1/search", p, &found)
			if err == nil && len(found.Spans) != want {
				err = fmt.Errorf("%d found by %s, want %d", len(found.Spans), filter(n), want)
			}
			return err
		}}
	}
	newest := func(name, scope string) question { // up to now, whatever came after the store was filled
		asked := search(name, scope, 20, func(int) string { return "" })
		return question{name, func(ctx context.Context, s *serving, n int, from, _ int64) error {
			return asked.ask(ctx, s, n, from, time.Now().UnixNano())
		}}
	}
	constant := func(text string) func(int) string { return func(int) string { return text } }
	values := func(name string) question {
		return question{"values of " + name, func(ctx context.Context, s *serving, _ int, from, to int64) error {
			var v struct{ Values []string }
			err := s.get(ctx, "/api/v1/values/"+name, url.Values{"from": {fmt.Sprint(from)}, "to": {fmt.Sprint(to)}, "limit": {"100"}}, &v)
			if err == nil && len(v.Values) == 0 {
				err = fmt.Errorf("no values of %s", name)
			}
			return err
		}}
	}
	return []question{
		{"nothing (how fast the machine is now)", func(ctx context.Context, s *serving, _ int, _, _ int64) error { return s.store.Ping(ctx) }},
		trace("trace by its id", func(s sample) string { return s.Trace }),
		trace("trace by OpenTelemetry's id of a span", func(s sample) string { return s.OTel }),
		trace("trace by our id of a NET span", func(s sample) string { return s.Own }),
		newest("newest 20 traces", "roots"),
		newest("newest 20 spans", "all"),
		search("traces, common attribute", "roots", 20, constant(tierKey+"=gold")),
		search("spans, common attribute", "all", 20, constant(tierKey+"=gold")),
		search("traces, attribute of one trace", "roots", 1, func(n int) string { return orderKey + "=" + pick(n).Order }),
		search("absent value of a column (service)", "roots", 0, func(n int) string { return fmt.Sprint("service=absent-", n) }),
		search("absent value of an attribute", "roots", 0, func(n int) string { return fmt.Sprint(orderKey, "=absent-", n) }),
		search("absent value of a resource's attribute", "roots", 0, func(n int) string { return fmt.Sprint(envKey, "=absent-", n) }),
		search("absent key of an attribute", "roots", 0, func(n int) string { return fmt.Sprintf("absent.key%d=x", n) }),
		search("absent pattern in an attribute", "roots", 0, func(n int) string { return fmt.Sprintf("%s=*absent%d*", orderKey, n) }),
		search("absent number", "roots", 0, func(n int) string { return fmt.Sprintf("http.response.status_code>=%d", 600+n) }),
		search("absent text anywhere", "roots", 0, func(n int) string { return fmt.Sprintf("any_value=*absent%d*", n) }),
		{"keys of attributes", func(ctx context.Context, s *serving, _ int, from, to int64) error {
			keys, err := s.store.TagKeys(ctx, store.TagsQuery{From: from, To: to})
			if err == nil && !slices.ContainsFunc(keys, func(t store.Tag) bool { return t.Key == tierKey }) {
				err = fmt.Errorf("%s is not among the keys", tierKey)
			}
			return err
		}},
		values("service"), values("namespace"), values(tierKey), values(envKey), values(orderKey), values("status_message"), values("name"),
	}
}

func (s *serving) get(ctx context.Context, path string, p url.Values, v any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.api+path+"?"+p.Encode(), nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s: %.300s", path, resp.Status, body)
	}
	return json.Unmarshal(body, v)
}
