// Package front serves ClickHouse's HTTP interface from libchdb, so that clickhouse-go and
// every other client that speaks HTTP works on the embedded engine as on a server.
//
// Two secrets tell two kinds of callers apart: the owner (Throughline's server) may do
// everything; readers (Grafana, users' SQL) get connections with readonly = 1, which
// refuse writes, DDL, SET and every function that reaches files or other hosts.
package front

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/throughline-io/throughline/cmd/throughline-store/libchdb"
)

// Options are the front's settings; zero values take the defaults named here.
type Options struct {
	// Connect opens a connection to the engine.
	Connect func() (*libchdb.Conn, error)
	// Secret is the owner's password, ReadSecret the readers'. Without Secret nobody is
	// let in; without ReadSecret there are no readers.
	Secret, ReadSecret string
	// Connections is how many statements of the owner run at once (8), Readers how many of
	// readers (4).
	Connections, Readers int
	// ReaderMemory is the most memory in bytes that one statement of a reader may take, whatever it
	// asks for, so that all of them leave some to inserts; 0: what the engine has.
	ReaderMemory int64
	// Noting, where it is set, is called before an insert with a token is made.
	Noting func()
	// Noted, where it is set, is called when an insert with a token is made, before that is
	// answered; an error of it is the insert's.
	Noted func() error
	// MaxStatement is the largest statement's text in bytes (1 MiB), MaxInsert the largest
	// insert's data (1 GiB).
	MaxStatement, MaxInsert int64
}

// Server is an http.Handler.
type Server struct {
	options Options
	owners  *pool
	readers *pool
	kill    *libchdb.Conn // its own connection, as the others may all be busy
	serial  atomic.Uint64

	version, timezone string
}

// New opens the connections.
func New(o Options) (*Server, error) {
	if o.Secret == "" {
		return nil, errors.New("the store needs a secret")
	}
	if o.Connections <= 0 {
		o.Connections = 8
	}
	if o.Readers <= 0 {
		o.Readers = 4
	}
	if o.MaxStatement <= 0 {
		o.MaxStatement = 1 << 20
	}
	if o.MaxInsert <= 0 {
		o.MaxInsert = 1 << 30
	}
	s := &Server{options: o}
	var err error
	if s.kill, err = o.Connect(); err != nil {
		return nil, err
	}
	s.owners = newPool(o.Connections, func() *lease { return &lease{connect: o.Connect} })
	s.readers = newPool(o.Readers, func() *lease { return &lease{connect: o.Connect, readOnly: true, memory: o.ReaderMemory} })
	about, err := s.kill.Text("SELECT version(), timezone()", "TSV")
	if err != nil {
		return nil, fmt.Errorf("ask the engine for its version: %w", err)
	}
	s.version, s.timezone, _ = strings.Cut(strings.TrimSpace(about), "\t")
	return s, nil
}

// Version is the engine's.
func (s *Server) Version() string { return s.version }

// Close waits for running statements and closes the connections.
func (s *Server) Close() {
	s.owners.close()
	s.readers.close()
	s.kill.Close()
}

// role is what a caller may do.
type role uint8

const (
	nobody role = iota
	reader
	owner
)

// role tells the caller by its key: header X-ClickHouse-Key, the password of basic
// authentication, or a bearer token.
func (s *Server) role(r *http.Request) role {
	key := r.Header.Get("X-ClickHouse-Key")
	if key == "" {
		_, key, _ = r.BasicAuth()
	}
	if key == "" {
		key, _ = strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	}
	same := func(secret string) bool {
		return secret != "" && subtle.ConstantTimeCompare([]byte(key), []byte(secret)) == 1
	}
	switch {
	case same(s.options.Secret):
		return owner
	case same(s.options.ReadSecret):
		return reader
	}
	return nobody
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/ping" {
		io.WriteString(w, "Ok.\n")
		return
	}
	role := s.role(r)
	if role == nobody {
		s.fail(w, errors.New("Code: 516. DB::Exception: the store's secret is missing or wrong. (AUTHENTICATION_FAILED)"))
		return
	}
	st, err := s.statement(w, r)
	if err != nil {
		s.fail(w, err)
		return
	}
	w.Header().Set("X-ClickHouse-Timezone", s.timezone)
	w.Header().Set("X-ClickHouse-Query-Id", st.id)
	switch {
	case st.sql == "":
		io.WriteString(w, "Ok.\n")
		return
	case strings.TrimSpace(st.sql) == helloQuery && st.format == "Native":
		s.hello(w, st)
		return
	}
	pool := s.owners
	if role == reader {
		if err := checkReader(st.sql); err != nil {
			s.fail(w, err)
			return
		}
		pool = s.readers
	}
	c := pool.get(r.Context(), st)
	if c == nil {
		return
	}
	defer pool.put(c)
	if err := c.apply(st.settings, st.database); err != nil {
		s.fail(w, err)
		return
	}
	if st.data != nil {
		s.insert(w, r, c, st)
		return
	}
	s.query(w, r, c, st)
}
