package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
)

// params are a statement's bound parameters, {name:Type} in its text.
type params map[string]string

// escaper writes a value the way the HTTP interface reads it.
var escaper = strings.NewReplacer("\\", "\\\\", "\t", "\\t", "\n", "\\n", "\r", "\\r", "\x00", "\\0", "\b", "\\b", "\f", "\\f")

// nextHost spreads requests over the hosts and remembers the one that works.
type nextHost struct {
	hosts []string
	at    atomic.Uint32
}

func (n *nextHost) current() string { return n.hosts[int(n.at.Load())%len(n.hosts)] }
func (n *nextHost) skip()           { n.at.Add(1) }

// errReadsOnly is for who would write by the native protocol.
var errReadsOnly = &Error{Code: 164, Message: "the native protocol is for reads: give the store's HTTP interface, http://host:8123"}

// request is one POST to the HTTP interface.
type request struct {
	database string // "" for the default one
	sql      string
	params   params
	settings params
	body     [][]byte  // the data of an insert; nil: the statement travels as body
	stream   io.Reader // the data of an insert in place of body; it is read once, so by one host
}

// do sends the request; the caller closes the body. It tries the other hosts where one
// cannot be reached.
func (s *Store) do(ctx context.Context, r request) (*http.Response, error) {
	if s.tcp != nil {
		return nil, errReadsOnly
	}
	s.observe(ctx)
	var err error
	for range s.next.hosts {
		var resp *http.Response
		if resp, err = s.post(ctx, s.next.current(), r); err == nil {
			return resp, nil
		}
		var answered *Error
		if errors.As(err, &answered) || ctx.Err() != nil || r.stream != nil {
			if answered == nil {
				s.next.skip()
			}
			return nil, err
		}
		s.next.skip()
	}
	return nil, err
}

func (s *Store) post(ctx context.Context, host string, r request) (*http.Response, error) {
	q := url.Values{}
	if r.database != "" {
		q.Set("database", r.database)
	}
	for name, v := range r.params {
		q.Set("param_"+name, escaper.Replace(v))
	}
	for name, v := range r.settings {
		q.Set(name, v)
	}
	data := r.body
	if data == nil && r.stream == nil {
		data = [][]byte{[]byte(r.sql)}
	} else {
		q.Set("query", r.sql)
	}
	var bodies bodies
	defer bodies.close()
	u := url.URL{Scheme: "http", Host: host, Path: s.endpoint.path + "/", RawQuery: q.Encode()}
	if s.endpoint.secure {
		u.Scheme = "https"
	}
	whole := r.stream
	if whole == nil {
		whole = bodies.open(data)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), whole)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if r.stream == nil {
		req.ContentLength = size(data)
		req.GetBody = func() (io.ReadCloser, error) { return bodies.open(data), nil }
	}
	req.Header.Set("X-ClickHouse-User", s.endpoint.user)
	if s.endpoint.password != "" {
		req.Header.Set("X-ClickHouse-Key", s.endpoint.password)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		var withURL *url.Error
		if errors.As(err, &withURL) {
			err = withURL.Err // the URL holds the whole statement
		}
		return nil, fmt.Errorf("store at %s: %w", host, err)
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		return nil, answeredError(resp)
	}
	return resp, nil
}

var codeInText = regexp.MustCompile(`Code: (\d+)\.`)

func answeredError(resp *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 16<<10))
	e := &Error{Message: strings.TrimSpace(string(text))}
	e.Code, _ = strconv.Atoi(resp.Header.Get("X-ClickHouse-Exception-Code"))
	if m := codeInText.FindSubmatch(text); e.Code == 0 && m != nil {
		e.Code, _ = strconv.Atoi(string(m[1]))
	}
	if e.Message == "" {
		e.Message = "store answered " + resp.Status
	}
	return e
}

// text runs a statement and returns its answer as text.
func (s *Store) text(ctx context.Context, database, sql string, p params) (string, error) {
	resp, err := s.do(ctx, request{database: database, sql: sql, params: p})
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", fmt.Errorf("read the store's answer: %w", err)
	}
	if err := streamedError(b); err != nil {
		return "", err
	}
	return strings.TrimSuffix(string(b), "\n"), nil
}

// streamedError finds an error that the store met after it had begun to answer.
func streamedError(tail []byte) error {
	i := bytes.LastIndex(tail, []byte("__exception__\r\n"))
	if i < 0 {
		return nil
	}
	text := tail[:i]
	if j := bytes.LastIndex(text, []byte("\r\n__exception__\r\n")); j >= 0 {
		text = text[j+len("\r\n__exception__\r\n"):]
	}
	e := &Error{Message: strings.TrimSpace(string(text))}
	if m := codeInText.FindSubmatch(text); m != nil {
		e.Code, _ = strconv.Atoi(string(m[1]))
	}
	return e
}
