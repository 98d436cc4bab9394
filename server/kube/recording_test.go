package kube

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// recording is what a real API server answered to informers, step by step of a scenario.
type recording struct {
	Server    string      `json:"server"` // its version
	Begun     time.Time   `json:"begun"`
	Exchanges []*exchange `json:"exchanges"`
}

// exchange is one request and its answer.
type exchange struct {
	Path   string  `json:"path"`
	Watch  bool    `json:"watch"`
	Status int     `json:"status"`
	Type   string  `json:"type"`
	Chunks []chunk `json:"chunks"`
}

// chunk is what came at once of an answer, and in which step.
type chunk struct {
	Step int    `json:"step"`
	Data []byte `json:"data"`
}

const recordingFile = "testdata/watches.json.gz"

func readRecording(t *testing.T) *recording {
	t.Helper()
	f, err := os.Open(filepath.FromSlash(recordingFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	r := &recording{}
	if err := json.NewDecoder(z).Decode(r); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *recording) write(t *testing.T) {
	t.Helper()
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err := json.NewEncoder(z).Encode(r); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(recordingFile, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// front is the API server that informers talk to: a real one, whose answers it records, or a
// recording. It can be away.
type front struct {
	recording *recording
	real      *api // nil: the recording is played

	mu     sync.Mutex
	turned *sync.Cond // step, away or the exchanges changed
	step   int
	away   bool
	tooOld bool           // the next watch asks for what the server does not have any more
	given  map[string]int // exchanges that were played, by path and way
	server *httptest.Server
}

func newFront(t *testing.T, r *recording, real *api) *front {
	f := &front{recording: r, real: real, given: map[string]int{}}
	f.turned = sync.NewCond(&f.mu)
	f.server = httptest.NewServer(f)
	t.Cleanup(func() {
		f.server.CloseClientConnections()
		f.server.Close()
	})
	return f
}

// next begins a step.
func (f *front) next() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.step++
	f.turned.Broadcast()
}

// leave ends all that is open, and answers nothing until comeBack.
func (f *front) leave() {
	f.mu.Lock()
	f.away = true
	f.turned.Broadcast()
	f.mu.Unlock()
	f.server.CloseClientConnections()
}

func (f *front) comeBack(tooOld bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.away, f.tooOld = false, tooOld
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	if f.away {
		f.mu.Unlock()
		http.Error(w, "away", http.StatusServiceUnavailable)
		return
	}
	watch := r.URL.Query().Get("watch") != ""
	if f.real != nil {
		e := &exchange{Path: r.URL.Path, Watch: watch}
		f.recording.Exchanges = append(f.recording.Exchanges, e)
		if watch && f.tooOld && r.URL.Path == "/api/v1/pods" {
			f.tooOld = false
			q := r.URL.Query()
			q.Set("resourceVersion", "1")
			r.URL.RawQuery = q.Encode()
		}
		f.mu.Unlock()
		f.record(w, r, e)
		return
	}
	key := r.URL.Path
	if watch {
		key += "?watch"
	}
	n := f.given[key]
	f.given[key]++
	f.mu.Unlock()
	for _, e := range f.recording.Exchanges {
		if e.Path != r.URL.Path || e.Watch != watch {
			continue
		}
		if n == 0 {
			f.play(w, r, e)
			return
		}
		n--
	}
	http.Error(w, "not in the recording", http.StatusServiceUnavailable)
}

// record passes a request on and notes what comes.
func (f *front) record(w http.ResponseWriter, r *http.Request, e *exchange) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	go f.whenAway(ctx, cancel)
	req, _ := http.NewRequestWithContext(ctx, r.Method, f.real.url+r.URL.RequestURI(), nil)
	req.Header = r.Header.Clone()
	req.Header.Set("Authorization", "Bearer "+f.real.token)
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := f.real.client.Do(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	f.mu.Lock()
	e.Status, e.Type = resp.StatusCode, resp.Header.Get("Content-Type")
	f.mu.Unlock()
	answer(w, e)
	buf := make([]byte, 1<<20)
	for {
		n, err := resp.Body.Read(buf)
		if n > 0 {
			f.mu.Lock()
			e.Chunks = append(e.Chunks, chunk{f.step, bytes.Clone(buf[:n])})
			f.mu.Unlock()
			_, _ = w.Write(buf[:n]) // the informer may be gone
			_ = http.NewResponseController(w).Flush()
		}
		if err != nil {
			return
		}
	}
}

// play gives the answer of an exchange as far as the steps that have begun. A watch stays open.
func (f *front) play(w http.ResponseWriter, r *http.Request, e *exchange) {
	answer(w, e)
	stop := context.AfterFunc(r.Context(), func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.turned.Broadcast()
	})
	defer stop()
	for _, c := range e.Chunks {
		if !f.await(r.Context(), c.Step) {
			return
		}
		if _, err := w.Write(c.Data); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush()
	}
	if e.Watch && e.Status == http.StatusOK && !endsItself(e) {
		f.await(r.Context(), 1<<30)
	}
}

// endsItself reports whether the server ended a watch, for what it asks for is too old.
func endsItself(e *exchange) bool {
	return len(e.Chunks) == 1 && bytes.Contains(e.Chunks[0].Data, []byte("too old resource version"))
}

func answer(w http.ResponseWriter, e *exchange) {
	w.Header().Set("Content-Type", e.Type)
	w.WriteHeader(e.Status)
	_ = http.NewResponseController(w).Flush()
}

// await waits for a step; false where the server is away, or who asked.
func (f *front) await(ctx context.Context, step int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.step < step && !f.away && ctx.Err() == nil {
		f.turned.Wait()
	}
	return !f.away && ctx.Err() == nil
}

func (f *front) whenAway(ctx context.Context, cancel func()) {
	stop := context.AfterFunc(ctx, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.turned.Broadcast()
	})
	defer stop()
	if f.await(ctx, 1<<30); ctx.Err() == nil {
		cancel()
	}
}

// api is a real API server, as an administrator sees it.
type api struct {
	url, token string
	client     *http.Client
}

// do sends an object and reports what came. While a recording is played it does nothing.
func (a *api) do(t *testing.T, method, path string, object any) {
	t.Helper()
	if a == nil {
		return
	}
	body, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, a.url+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	req.Header.Set("Content-Type", "application/json")
	if method == http.MethodPatch {
		req.Header.Set("Content-Type", "application/merge-patch+json")
	}
	resp, err := a.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	if resp.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %s: %s", method, path, resp.Status, text)
	}
}

// uid asks for an object's; "" while a recording is played.
func (a *api) uid(t *testing.T, path string) string {
	t.Helper()
	if a == nil {
		return ""
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	resp, err := a.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var o struct {
		Metadata struct {
			UID string `json:"uid"`
		} `json:"metadata"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&o); err != nil || o.Metadata.UID == "" {
		t.Fatalf("uid of %s: %q, %v", path, o.Metadata.UID, err)
	}
	return o.Metadata.UID
}
