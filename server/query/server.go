package query

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/server/apm"
	"github.com/throughline-io/throughline/server/jaeger"
	"github.com/throughline-io/throughline/server/lookup"
	"github.com/throughline-io/throughline/server/tempo"
)

// Store is what the API needs of pkg/store.
type Store interface {
	Ping(ctx context.Context) error
	Trace(ctx context.Context, q store.TraceQuery) (*store.TraceData, error)
	Search(ctx context.Context, q store.SearchQuery) (store.Found, error)
	WhyNothing(ctx context.Context, q store.SearchQuery) ([]string, error)
	Values(ctx context.Context, q store.ValuesQuery) ([]string, error)
	TagKeys(ctx context.Context, q store.TagsQuery) ([]store.Tag, error)
	Serving(ctx context.Context, q store.ServingQuery) (found []*span.Span, full bool, err error)
}

// Config of the API. Zero values take the defaults named here.
type Config struct {
	Store Store
	// APMs are asked for the code that they have of a trace; nil: nobody is.
	APMs *apm.APMs
	// Fresh waits, not long, until statements to /clickhouse/ can read what was acknowledged; nil:
	// they can.
	Fresh func(context.Context)
	// Ready says why the server cannot serve yet, nil when it can.
	Ready func() error
	// Health says why spans cannot be taken or read now, though they could be before; nil: they
	// can. A store that hangs must not make it hang.
	Health func(context.Context) error
	// Status is what /api/v1/status answers.
	Status func(context.Context) any
	// Ledger is what /api/v1/ledger answers.
	Ledger func(context.Context, LedgerQuery) (any, error)
	// ClickHouse is where /clickhouse/ leads; nil: nowhere.
	ClickHouse *Target
	// Token is what readers of /clickhouse/ must show. Empty: nobody may read.
	Token string
	// Guarded asks for the token at /api/ too.
	Guarded bool
	// Control answers at ControlPaths, and changes things; nil: there is none. ControlToken is what who
	// changes something must show where Guarded; "": Token.
	Control      http.Handler
	ControlPaths []string
	ControlToken string
	// Hosts, when not nil, reports whether a Host header is one of ours; see LoopbackHost.
	Hosts func(string) bool

	Queries int           // queries at the same time; 8
	Wait    time.Duration // for one of them to end; 5 s
	Timeout time.Duration // of a query; 30 s
	// WriteTime is what a reader of /clickhouse/ may take to read what was sent to it; 30 s.
	WriteTime time.Duration
	// BodyTime is what a statement to /clickhouse/ may take to arrive; 30 s.
	BodyTime time.Duration
	Log      *slog.Logger
	Now      func() time.Time
}

// healthTime is what the store may take to answer at all.
const healthTime = 2 * time.Second

// writeGrace is what a reader gets to take an answer in.
const writeGrace = 30 * time.Second

// Server answers the API.
type Server struct {
	c       Config
	joined  lookup.Store // Store, with the code that APMs have of a trace
	mux     *http.ServeMux
	running chan struct{} // a token per query
}

// New makes the API's handler.
func New(c Config) *Server {
	c.Queries = cmp.Or(c.Queries, 8)
	c.Wait = cmp.Or(c.Wait, 5*time.Second)
	c.Timeout = cmp.Or(c.Timeout, 30*time.Second)
	c.WriteTime = cmp.Or(c.WriteTime, writeGrace)
	c.BodyTime = cmp.Or(c.BodyTime, 30*time.Second)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Health == nil {
		c.Health = func(ctx context.Context) error { return c.Store.Ping(ctx) }
	}
	if c.Ready == nil {
		c.Ready = func() error { return nil }
	}
	if c.Fresh == nil {
		c.Fresh = func(context.Context) {}
	}
	s := &Server{c: c, joined: c.Store, mux: http.NewServeMux(), running: make(chan struct{}, c.Queries)}
	if c.APMs != nil {
		s.joined = apm.Joined{Store: c.Store, Around: c.Store, APMs: c.APMs}
	}
	api := func(path string, h handler) { s.mux.Handle(path, s.api(h)) }
	api("/api/v1/traces/{id}", s.limited(s.trace))
	elsewhere := handler(s.elsewhere)
	if c.APMs != nil { // else nothing is asked, and every reader of a trace comes by
		elsewhere = s.limited(elsewhere)
	}
	api("/api/v1/traces/{id}/elsewhere", elsewhere)
	api("/api/v1/search", s.limited(s.search))
	api("/api/v1/values/{name}", s.limited(s.values))
	api("/api/v1/ledger", s.limited(s.ledger))
	api("/api/v1/status", s.status)
	s.mux.Handle("/api/v1/trace/complete", s.asked(s.limited(s.complete), writeError))
	s.mux.Handle("/v1/stats/querier/tracing-completion-by-external-app-spans", s.asked(s.limited(s.completeAsDeepFlow), writeOptStatus))
	for path, h := range tempo.Routes(s.joined, c.Now) {
		api(path, s.limited(handler(h)))
		api("/tempo"+path, s.limited(handler(h)))
	}
	for path, h := range jaeger.Routes(s.joined, c.Now) {
		api("/jaeger"+path, s.limited(handler(h)))
	}
	if c.Control != nil {
		h := s.control()
		for _, path := range c.ControlPaths {
			s.mux.Handle(path, h)
		}
	}
	api("/api/", func(_ http.ResponseWriter, r *http.Request) error {
		return notFound("there is no %s; the API has /api/v1/traces/{id}, /api/v1/traces/{id}/elsewhere, /api/v1/search, /api/v1/values/{name}, /api/v1/ledger, /api/v1/status, /api/v1/trace/complete, /api/v1/agents, /api/v1/agent-groups and /api/v1/agent-group-configs", r.URL.Path)
	})
	s.mux.HandleFunc("/healthz", s.healthz)
	s.mux.Handle("/clickhouse", s.clickhouse())
	s.mux.Handle("/clickhouse/", s.clickhouse())
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, r, notFound("nothing is at %s; the API is at /api/v1/", r.URL.Path))
	})
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	if s.c.Hosts != nil && !s.c.Hosts(r.Host) {
		// A page of another origin can point its own name at a loopback address and then
		// counts as the same origin; the Host header gives it away.
		writeError(w, r, &failure{http.StatusForbidden, "this server answers on loopback only and not for host " + quoted(r.Host) + "; start it with --auth always to use it by another name"})
		return
	}
	if r.Header.Get(apm.Asking) != "" {
		r = r.WithContext(lookup.Unasked(r.Context()))
	}
	s.mux.ServeHTTP(w, r)
}

// handler is an API handler; what it returns becomes an answer.
type handler func(http.ResponseWriter, *http.Request) error

// api adds what all of /api/ has in common.
func (s *Server) api(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			writeError(w, r, &failure{http.StatusMethodNotAllowed, "the API answers GET only"})
			return
		}
		s.guarded(w, r, h, writeError)
	})
}

// guarded asks for the token where it is wanted, and answers what went wrong.
func (s *Server) guarded(w http.ResponseWriter, r *http.Request, h handler, failed func(http.ResponseWriter, *http.Request, error)) {
	if s.c.Guarded && !s.authorized(r) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="throughline"`)
		failed(w, r, &failure{http.StatusUnauthorized, "this server wants a token: Authorization: Bearer TOKEN"})
		return
	}
	if err := h(w, r); err != nil {
		if status, message := statusOf(r, err); status >= 500 {
			s.c.Log.Warn("a query failed", "path", r.URL.Path, "status", status, "error", message)
		}
		failed(w, r, err)
	}
}

// limited runs a query with a deadline, and only so many at a time: what the store cannot
// do at once is refused rather than piled up.
func (s *Server) limited(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx, cancel := context.WithTimeoutCause(r.Context(), s.c.Timeout, errTooLong)
		defer cancel()
		wait := time.NewTimer(s.c.Wait)
		defer wait.Stop()
		select {
		case s.running <- struct{}{}:
		case <-wait.C:
			return &failure{http.StatusServiceUnavailable, "the server answers as many queries as it may; try again"}
		case <-ctx.Done():
			return ctx.Err()
		}
		defer func() { <-s.running }()
		// A reader that does not read must not hold a place for ever. Not every writer has
		// deadlines; those of net/http do.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.c.Timeout + writeGrace))
		return h(w, r.WithContext(ctx))
	}
}

func (s *Server) healthz(w http.ResponseWriter, r *http.Request) {
	if err := s.c.Ready(); err != nil {
		w.Header().Set("Retry-After", "1")
		writeJSON(w, http.StatusServiceUnavailable, map[string]string{"status": "starting", "error": err.Error()})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), healthTime)
	defer cancel()
	if err := s.c.Health(ctx); err != nil {
		writeJSON(w, http.StatusServiceUnavailable, map[string]string{"status": "down", "error": err.Error()})
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

func (s *Server) status(w http.ResponseWriter, r *http.Request) error {
	if err := newParams(r.URL.RawQuery, s.c.Now()).done(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second) // a status of a stuck store must come, too
	defer cancel()
	writeJSON(w, http.StatusOK, s.c.Status(ctx))
	return nil
}
