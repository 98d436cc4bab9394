package plugin

import (
	"context"
	"fmt"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/throughline-io/throughline/pkg/store"
)

// queryVariable lists the values of a dashboard variable.
func (i *Instance) queryVariable(ctx context.Context, q query, during backend.TimeRange) backend.DataResponse {
	values, err := i.values(ctx, q, during)
	if err != nil {
		return failed(err)
	}
	// One field of type string: what Grafana makes options of.
	return backend.DataResponse{Frames: data.Frames{data.NewFrame("values", data.NewField("text", nil, values))}}
}

func (i *Instance) values(ctx context.Context, q query, during backend.TimeRange) ([]string, error) {
	if q.Name == "" {
		return nil, badInput(fmt.Errorf("the variable does not say what to list: choose namespace, workload, service, pod, node, protocol, request_resource, another key of filters, or an attribute's"))
	}
	limit := q.Limit
	if limit <= 0 || limit > maxValues {
		limit = maxValues
	}
	from, to := bounds(during)
	values, err := i.store.Values(ctx, store.ValuesQuery{
		Name: q.Name, Namespace: q.Namespace, Workload: q.Workload, Service: q.Service, Protocol: q.Protocol, Pattern: q.Pattern,
		From: from, To: to, Limit: limit,
	})
	if err != nil {
		return nil, fmt.Errorf("list the values of %s: %w", q.Name, err)
	}
	if values == nil {
		values = []string{}
	}
	return values, nil
}
