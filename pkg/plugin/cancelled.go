package plugin

import (
	"context"
	"errors"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// cancelled reports whether nobody waits for the answer any more: a panel asked anew, or its
// page was left. Whatever a driver says then, it is no fault.
func cancelled(asked context.Context, err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(asked.Err(), context.Canceled)
}

// leavable is a handler of resource calls whose caller may leave. The SDK takes an answer that
// cannot be sent for a fault, also where nobody is there to take it.
type leavable struct{ backend.CallResourceHandler }

func (l leavable) CallResource(ctx context.Context, req *backend.CallResourceRequest, to backend.CallResourceResponseSender) error {
	return l.CallResourceHandler.CallResource(ctx, req, backend.CallResourceResponseSenderFunc(func(res *backend.CallResourceResponse) error {
		if err := to.Send(res); err != nil && !cancelled(ctx, err) {
			return err
		}
		return nil
	}))
}
