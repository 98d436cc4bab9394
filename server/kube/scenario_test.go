package kube

import (
	"crypto/tls"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/server/tag"
)

// With -apiserver the tests run against a real API server, which `mage kube` starts, and record what
// it answers; without, against what was recorded.
var (
	apiURL   = flag.String("apiserver", "", "URL of a kube-apiserver that only this test uses")
	apiToken = flag.String("apiserver-token", "test-token", "token of a member of system:masters there")
)

func realAPI() *api {
	if *apiURL == "" {
		return nil
	}
	return &api{*apiURL, *apiToken, &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}}
}

// kubeconfig is a file that leads to an API server.
func kubeconfig(t *testing.T, url string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "kubeconfig")
	text, err := json.Marshal(m{"apiVersion": "v1", "kind": "Config", "current-context": "c",
		"clusters": []m{{"name": "c", "cluster": m{"server": url}}}, "contexts": []m{{"name": "c", "context": m{"cluster": "c", "user": "u"}}},
		"users": []m{{"name": "u", "user": m{"token": "x"}}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// restful reaches an API server with a token, whoever signed its certificate.
func restful(token string) func(*rest.Config) {
	return func(c *rest.Config) { c.BearerToken, c.Insecure = token, true }
}

// scenario is a cluster that is watched, and a clock that moves with its steps.
type scenario struct {
	*testing.T
	*front
	begun time.Time
	clock atomic.Int64
	*Source
	tagger *tag.Tagger
}

func newScenario(t *testing.T) *scenario {
	real := realAPI()
	r := &recording{Begun: time.Now().Truncate(time.Second)}
	if real == nil {
		r = readRecording(t)
	} else {
		r.Server = real.version(t)
		real.world(t)
		t.Cleanup(func() {
			if !t.Failed() {
				r.write(t)
			}
		})
	}
	s := &scenario{T: t, begun: r.Begun, front: newFront(t, r, real)}
	s.clock.Store(s.begun.Add(time.Minute).UnixNano())
	return s
}

// watch begins to watch.
func (s *scenario) watch() {
	s.Helper()
	source, err := New(Config{
		Clusters: []string{"eu=" + kubeconfig(s.T, s.server.URL)}, Keys: Keys{Labels: []string{"team", "app"}, Annotations: []string{"owner"}},
		now:     func() time.Time { return time.Unix(0, s.clock.Load()) },
		restful: restful("x"),
	})
	if err != nil {
		s.Fatal(err)
	}
	s.Source, s.tagger = source, tag.New(source, nil)
	done := make(chan struct{})
	ctx := s.Context()
	go func() { defer close(done); source.Run(ctx, slog.New(slog.NewTextHandler(io.Discard, nil))) }()
	s.Cleanup(func() { s.leave(); <-done })
	if err := source.Wait(ctx); err != nil {
		s.Fatal(err)
	}
}

// at is a moment of the scenario, in seconds after it began.
func (s *scenario) at(seconds float64) time.Time {
	return s.begun.Add(time.Duration(seconds * float64(time.Second)))
}

// then begins a step, at a moment.
func (s *scenario) then(seconds float64) {
	s.clock.Store(s.at(seconds).UnixNano())
	s.next()
}

// who says who had an address at a moment.
func (s *scenario) who(ip string, seconds float64) string {
	return name(s.Lookup(tag.Question{Addr: netip.MustParseAddr(ip), At: s.at(seconds).UnixNano()}))
}

func name(a tag.Answer) string {
	if !a.Known {
		return "?"
	}
	return a.Entity.Type + " " + a.Entity.Pod + a.Entity.Node[:len(a.Entity.Node)*btoi(a.Entity.Pod == "")] + a.Entity.Service[:len(a.Entity.Service)*btoi(a.Entity.Type == "service")]
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// until waits until something is so, which the API server said already.
func (s *scenario) until(what string, is func() bool) {
	s.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); {
		if time.Now().After(deadline) {
			s.Fatalf("it never came: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// tenants checks who had an address when.
func (s *scenario) tenants(ip string, want ...tenant) {
	s.Helper()
	for _, w := range want {
		if got := s.who(ip, w.seconds); got != w.who {
			s.Errorf("%s at %v s, %s: %s, want %s", ip, w.seconds, w.when, got, w.who)
		}
	}
}

type tenant struct {
	seconds   float64
	who, when string
}

// tagged tags a SYS span, and says who its process and its ends are.
func (s *scenario) tagged(sp *span.Span, of span.Resource) (own, client, server string) {
	s.Helper()
	b := &span.Batch{}
	sp.ID, sp.Source, sp.OTelResource = 1, span.SYS, of.ID
	b.Append(sp)
	if of.ID != 0 {
		b.OTelResources = []span.Resource{of}
	}
	all, err := s.tagger.Tag(s.Context(), b)
	if err != nil {
		s.Fatal(err)
	}
	names := map[uint64]string{0: "-"}
	for _, e := range all {
		if names[e.ID] = "? " + e.IP; e.Type != span.External {
			names[e.ID] = name(tag.Answer{Entity: e, Known: true})
		}
	}
	return names[b.Entity[0]], names[b.ClientEntity[0]], names[b.ServerEntity[0]]
}

// podUID is the uid of the youngest pod of a name.
func (s *scenario) podUID(name string) string {
	d := s.clusters[0]
	d.mu.RLock()
	defer d.mu.RUnlock()
	all := d.names[podName{"shop", name}]
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1].uid
}

// blind reports whether nothing is watched.
func (s *scenario) blind() bool {
	c := s.clusters[0].connection
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.watches {
		if w.open > 0 {
			return false
		}
	}
	return true
}

func (a *api) version(t *testing.T) string {
	t.Helper()
	resp, err := a.client.Get(a.url + "/version")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var v struct {
		GitVersion string `json:"gitVersion"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v.GitVersion
}
