package plugin

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace/record"
)

// maxElsewhere bounds the answer of a server, in bytes: that of 8 APMs with 20,000 spans each.
const maxElsewhere = 256 << 20

// elsewhere asks Throughline's server what APMs have of a trace. What is stored the data source reads from the store itself.
type elsewhere struct {
	traces *url.URL // .../api/v1/traces
	client *http.Client
	login  func(*http.Request)
}

// newElsewhere is nil where the address is not that of a server: a ClickHouse knows no APM.
func newElsewhere(address *url.URL, secured *tls.Config, user, password, token string) *elsewhere {
	prefix, ours := strings.CutSuffix(strings.TrimRight(address.Path, "/"), "/clickhouse")
	if !ours || address.Scheme != "http" && address.Scheme != "https" {
		return nil
	}
	to := &url.URL{Scheme: address.Scheme, Host: address.Host, Path: prefix + "/api/v1/traces"}
	return &elsewhere{
		traces: to,
		client: &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: secured, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute}},
		login: func(r *http.Request) {
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			} else if user != "" || password != "" {
				r.SetBasicAuth(user, password)
			}
		},
	}
}

// ask is what APMs have of a trace; nil where no APM is asked, or they have nothing.
func (e *elsewhere) ask(ctx context.Context, id string) (*record.Recording, error) {
	if e == nil {
		return nil, nil
	}
	to := e.traces.JoinPath(id, "elsewhere")
	to.RawQuery = url.Values{"max_spans": {strconv.Itoa(maxSpans)}}.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, to.String(), nil)
	if err != nil {
		return nil, err
	}
	e.login(r)
	resp, err := e.client.Do(r)
	if err != nil {
		if u := (*url.Error)(nil); errors.As(err, &u) {
			err = u.Err // the address is in other messages, too
		}
		return nil, err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
		return record.ReadRecording(io.LimitReader(resp.Body, maxElsewhere))
	case http.StatusNoContent, http.StatusNotFound: // an older server has no such path
		return nil, nil
	}
	said, _ := io.ReadAll(io.LimitReader(resp.Body, 500))
	return nil, fmt.Errorf("%s: %s", resp.Status, strings.TrimSpace(string(said)))
}

// with is a trace as it was read, and what is elsewhere.
func with(read *store.TraceData, e *record.Recording) *store.TraceData {
	known := make(map[uint64]bool, len(read.Spans))
	for _, s := range read.Spans {
		known[s.ID] = true
	}
	out := *read
	out.Spans = out.Spans[:len(out.Spans):len(out.Spans)]
	for _, s := range e.Spans {
		if !known[s.ID] {
			out.Spans = append(out.Spans, s)
		}
	}
	out.Entities, out.Resources = maps.Clone(read.Entities), maps.Clone(read.Resources)
	if out.Entities == nil {
		out.Entities = map[uint64]span.Entity{}
	}
	if out.Resources == nil {
		out.Resources = map[uint64]span.Resource{}
	}
	for _, one := range e.Entities {
		out.Entities[one.ID] = one
	}
	for _, one := range e.Resources {
		out.Resources[one.ID] = one
	}
	out.Complete = read.Complete || e.Said.Complete
	return saying(&out, e.Said.Truncated)
}

// saying is a trace of which something more is to be said.
func saying(read *store.TraceData, what string) *store.TraceData {
	if what == "" {
		return read
	}
	out := *read
	if out.Truncated != "" {
		what = out.Truncated + "; " + what
	}
	out.Truncated = what
	return &out
}
