// Package lookup is what the APIs of other tools are answered from: a trace by any of its ids,
// assembled, and errors with the status that they have over HTTP.
package lookup

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/throughline-io/throughline/pkg/otlptrace"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace"
)

// Store is what is asked.
type Store interface {
	Trace(ctx context.Context, q store.TraceQuery) (*store.TraceData, error)
	Search(ctx context.Context, q store.SearchQuery) (store.Found, error)
	Values(ctx context.Context, q store.ValuesQuery) ([]string, error)
	TagKeys(ctx context.Context, q store.TagsQuery) ([]store.Tag, error)
}

// Handler answers one request; what it returns becomes the answer of an error.
type Handler func(http.ResponseWriter, *http.Request) error

// Error is an error with its status.
type Error struct {
	Status int
	Text   string
}

func (e *Error) Error() string { return e.Text }

// Bad is the error of a request that is wrong.
func Bad(format string, args ...any) error {
	return &Error{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// OfStore is an error of the store with its status, where it is the caller's.
func OfStore(err error) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return &Error{http.StatusNotFound, err.Error()}
	case errors.Is(err, store.ErrMalformed):
		return &Error{http.StatusBadRequest, err.Error()}
	}
	return err
}

// Trace looks up and assembles. Every span has the parent that was found for it.
func Trace(ctx context.Context, s Store, q store.TraceQuery) (t *otlptrace.Trace, truncated string, err error) {
	if _, err := span.ParseAnyID(q.ID); err != nil {
		return nil, "", Bad("%v", err)
	}
	data, err := s.Trace(ctx, q)
	if err != nil {
		return nil, "", OfStore(err)
	}
	return Assemble(data), data.Truncated, nil
}

// Assemble assembles what was read.
func Assemble(data *store.TraceData) *otlptrace.Trace {
	entities := func(id uint64) *span.Entity {
		if e, ok := data.Entities[id]; ok {
			return &e
		}
		return nil
	}
	options := trace.Options{Entities: entities, Complete: data.Complete}
	if data.Watched != nil {
		options.Watched = data.Watched.At
	}
	return &otlptrace.Trace{Tree: trace.Assemble(data.Spans, options), Entities: entities, Resources: data.Resources, Parents: true}
}

// ID is the id by which other tools ask for a found trace again: a request without trace context
// is found by its own.
func ID(r *store.SearchRow) string {
	if r.TraceID.IsZero() {
		return span.FormatID(r.ID)
	}
	return r.TraceID.String()
}

// Name is a found span's: of what system calls and packets showed the request.
func Name(r *store.SearchRow) string {
	if r.Source == span.APP && r.Endpoint != "" {
		return r.Endpoint
	}
	return strings.TrimSpace(r.Request)
}

// Unit reads a Unix time in a unit of so many nanoseconds; "" is 0.
func Unit(name, value string, unit int64) (int64, error) {
	if value == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < 0 || n > (1<<62)/unit {
		return 0, Bad("%s=%.40q is no Unix time", name, value)
	}
	return n * unit, nil
}

// Number reads a number from 1 to most; "" is otherwise, and what is larger is most.
func Number(name, value string, otherwise, most int) (int, error) {
	if value == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return 0, Bad("%s=%.40q: want a number from 1 to %d", name, value, most)
	}
	if n == 0 {
		n = otherwise
	}
	return min(n, most), nil
}
