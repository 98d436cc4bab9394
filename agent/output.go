package agent

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/throughline-io/throughline/agent/export"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/wire"
)

// output takes spans away: to the server, or printed.
type output interface {
	Add(*span.Span)
	AddOf(*span.Span, span.Resource)
	AddEdge(span.Edge)
	Put(*span.Batch, export.Key) (*export.Delivery, error)
	Keyed() bool
	Problem() error
	Flush(context.Context) error
	Close() error
}

var (
	_ output = (*export.Queue)(nil)
	_ output = (*printer)(nil)
)

func (a *agent) newOutput() (output, error) {
	if a.config.Print != nil {
		return newPrinter(a.config.Print), nil
	}
	dial, err := a.config.dialOptions()
	if err != nil {
		return nil, err
	}
	return export.New(export.Config{
		Server: a.config.Server, Agent: a.config.Name, Node: a.config.Node, Version: a.config.Version,
		Boot: a.identity.boot, Started: a.started, Ledger: &a.ledger, Log: a.config.Log, MaxSpans: a.config.MaxSpans,
		Dir: a.config.StateDir, LogBytes: a.config.LogBytes,
		Intervals: a.intervals, Watched: a.sources.watched.report, Dial: dial,
	})
}

// dialOptions are how the server is reached.
func (c *Config) dialOptions() (dial []grpc.DialOption, err error) {
	if c.Token != "" {
		dial = append(dial, grpc.WithPerRPCCredentials(bearer(c.Token)))
	}
	if c.TLS != nil {
		files := *c.TLS
		files.Log = c.Log
		config, err := files.Config()
		if err != nil {
			return nil, fmt.Errorf("TLS to the server: %w", err)
		}
		dial = append(dial, export.WithTLS(config))
	}
	return dial, nil
}

// intervals are the rows of the report that are no counts.
func (a *agent) intervals() (rows []*wire.LedgerRow) {
	for _, i := range a.blind() {
		rows = append(rows, &wire.LedgerRow{Stage: "agent", What: "blind", From: i.From, To: i.To})
	}
	return rows
}

// bearer is a token as the server expects it.
type bearer string

var _ credentials.PerRPCCredentials = bearer("")

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

// RequireTransportSecurity is false: agents may reach their server inside a cluster or by a unix
// socket without TLS.
func (bearer) RequireTransportSecurity() bool { return false }
