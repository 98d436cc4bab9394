package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// failure is an error with the HTTP status that the caller gets.
type failure struct {
	status  int
	message string
}

func (f *failure) Error() string { return f.message }

func failed(status int, format string, arguments ...any) error {
	return &failure{status, fmt.Sprintf(format, arguments...)}
}

func statusOf(err error) (int, string) {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.status, f.message
	}
	if errors.Is(err, context.Canceled) {
		return 499, "the request was given up" // nginx's status for it; nobody reads it
	}
	return http.StatusServiceUnavailable, "the store did not answer: " + err.Error()
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
