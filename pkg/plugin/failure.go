package plugin

import (
	"context"
	"errors"
	"net/http"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/throughline-io/throughline/pkg/store"
)

// inputError is a fault of the query or of the settings: the user can mend it.
type inputError struct{ error }

func (e inputError) Unwrap() error { return e.error }

func badInput(err error) error { return inputError{err} }

// statusCancelled says that the client has gone; there is no name for it in net/http.
const statusCancelled = 499

// statusOf is the status of an answer that failed.
func statusOf(err error) backend.Status {
	var input inputError
	switch {
	case errors.As(err, &input), errors.Is(err, store.ErrMalformed):
		return backend.StatusBadRequest
	case errors.Is(err, context.DeadlineExceeded):
		return backend.StatusTimeout
	case errors.Is(err, context.Canceled):
		return backend.Status(statusCancelled)
	default:
		return backend.Status(http.StatusBadGateway)
	}
}

// failed is the answer to a query that failed. Whatever is wrong, it is not the plugin's
// own fault: "downstream" keeps it out of Grafana's error rate of the plugin.
func failed(err error) backend.DataResponse {
	res := backend.ErrorResponseWithErrorSource(backend.DownstreamError(brief(err)))
	res.Status = statusOf(err)
	return res
}
