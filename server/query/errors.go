package query

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/throughline-io/throughline/server/lookup"
)

// errTooLong is the cause of a context that ended because its query ran out of time.
var errTooLong = errors.New("query timeout")

// failure is an error with the HTTP status the caller gets.
type failure struct {
	status  int
	message string
}

func (f *failure) Error() string { return f.message }

func badRequest(format string, args ...any) error {
	return &failure{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) error {
	return &failure{http.StatusNotFound, fmt.Sprintf(format, args...)}
}

// statusOf maps an error to a status. What is not ours to explain is the store's.
func statusOf(r *http.Request, err error) (int, string) {
	var f *failure
	var of *lookup.Error
	switch {
	case errors.As(err, &of):
		return of.Status, of.Text
	case errors.As(err, &f):
		return f.status, f.message
	case r.Context().Err() != nil && context.Cause(r.Context()) == errTooLong, errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout, "the query took too long; ask for a shorter time range or fewer spans"
	case errors.Is(err, context.Canceled):
		return 499, "the request was given up" // the status nginx logs for it; nobody reads it
	default:
		return http.StatusServiceUnavailable, "the store did not answer: " + err.Error()
	}
}

func writeError(w http.ResponseWriter, r *http.Request, err error) {
	status, message := statusOf(r, err)
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "2")
	}
	writeJSON(w, status, map[string]string{"error": message})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be written as JSON"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // the reader may be gone
}
