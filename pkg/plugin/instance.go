package plugin

import (
	"context"
	"fmt"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"
	"github.com/grafana/grafana-plugin-sdk-go/backend/resource/httpadapter"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
)

// ID is the plugin's id, as in its plugin.json.
const ID = "throughline-datasource"

// reader is the part of the store that the plugin needs.
type reader interface {
	Ping(ctx context.Context) error
	Trace(ctx context.Context, q store.TraceQuery) (*store.TraceData, error)
	Traces(ctx context.Context, q store.TracesQuery) (*store.TracesData, error)
	Search(ctx context.Context, q store.SearchQuery) (store.Found, error)
	Find(ctx context.Context, q store.FindQuery) (ids []uint64, limited bool, err error)
	WhyNothing(ctx context.Context, q store.SearchQuery) ([]string, error)
	Values(ctx context.Context, q store.ValuesQuery) ([]string, error)
	TagKeys(ctx context.Context, q store.TagsQuery) ([]store.Tag, error)
	Metrics(ctx context.Context, q store.MetricsQuery) (*store.Metrics, error)
	ServiceMap(ctx context.Context, q store.MapQuery) (*store.ServiceMap, error)
	Usual(ctx context.Context, hops []store.Hop, at int64) (map[store.Hop]store.Histogram, error)
	LinkedFrom(ctx context.Context, id span.TraceID) ([]store.LinkFrom, error)
	Close() error
}

// Instance is one configured data source. Grafana makes a new one when the settings change.
type Instance struct {
	backend.CallResourceHandler
	store   reader
	recent  recent
	opened  openFiles
	uid     string // of the data source, for links between its own queries
	name    string
	where   string        // its address without secrets, for messages
	timeout time.Duration // of one query; 0: as the caller has it
	fault   error         // why the settings cannot be used; every call says so

	elsewhere *elsewhere // the server, asked what APMs have of a trace; nil: nobody is
}

// New makes the instance of a data source's settings. Settings that cannot be used make an
// instance too: its health check and its queries say what is wrong.
func New(ctx context.Context, s backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	i := &Instance{uid: s.UID, name: s.Name}
	config, err := readSettings(s)
	if err == nil {
		i.where, i.timeout, i.elsewhere = config.Where, config.Timeout, config.elsewhere
		config.Observe = countStatement
		i.store, err = store.Open(ctx, config.Config)
	}
	if err != nil {
		i.fault = fmt.Errorf("data source %q: %w", s.Name, err)
	}
	i.CallResourceHandler = leavable{httpadapter.New(i.resources())}
	return i, nil
}

// Dispose closes the connections when Grafana drops the instance.
func (i *Instance) Dispose() {
	if i.store != nil {
		_ = i.store.Close()
	}
}

var (
	_ backend.QueryDataHandler      = (*Instance)(nil)
	_ backend.CheckHealthHandler    = (*Instance)(nil)
	_ backend.CallResourceHandler   = (*Instance)(nil)
	_ instancemgmt.InstanceDisposer = (*Instance)(nil)
)
