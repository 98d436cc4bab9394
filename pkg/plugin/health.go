package plugin

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace/words"
)

// healthTimeout ends the check before Grafana gives up on it.
const healthTimeout = 10 * time.Second

// CheckHealth asks the store for something, and says what to do where that fails.
func (i *Instance) CheckHealth(ctx context.Context, _ *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	if i.fault != nil {
		return unhealthy(i.fault.Error()), nil
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	if err := i.store.Ping(ctx); err != nil {
		return unhealthy(i.diagnose(err)), nil
	}
	// The connection works: see whether it leads to our tables.
	services, err := i.store.Values(ctx, store.ValuesQuery{Name: "service", Limit: maxValues})
	if err != nil {
		return unhealthy(i.diagnose(err)), nil
	}
	message := fmt.Sprintf("Connected to %s: spans of %s.", i.where, words.Count(len(services), "service"))
	if len(services) == 0 {
		message = fmt.Sprintf("Connected to %s, but there are no spans of any service yet. Check that agents run and reach the server: throughline ctl ledger.", i.where)
	}
	return &backend.CheckHealthResult{Status: backend.HealthStatusOk, Message: message}, nil
}

// unknownFault is what remedy says of an error it does not know.
const unknownFault = "the store does not answer as it should"

func unhealthy(message string) *backend.CheckHealthResult {
	return &backend.CheckHealthResult{Status: backend.HealthStatusError, Message: message}
}

// diagnose says what an error of the store means and what to do about it.
func (i *Instance) diagnose(err error) string {
	what, do := remedy(err)
	return fmt.Sprintf("%s: %s. %s (%v)", i.where, what, do, err)
}

func remedy(err error) (what, do string) {
	var (
		dns       *net.DNSError
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
	)
	text := strings.ToLower(err.Error())
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(text, p) {
				return true
			}
		}
		return false
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded) || has("i/o timeout", "deadline exceeded"):
		return "no answer in time", "Check the address and the firewalls between Grafana's server and it"
	case errors.As(err, &dns) || has("no such host"):
		return "the host's name cannot be resolved", "Check its spelling; the name must be known where Grafana's server runs, not in your browser"
	case has("connection refused"):
		return "nothing listens there", "Start the server (throughline server), or correct host and port; behind a container's network, 127.0.0.1 is the container itself"
	case errors.Is(err, io.ErrUnexpectedEOF) || has("unexpected eof", "connection reset"):
		return "the answer was cut off", "Try again: the server may just have restarted. If it stays, see the server's log, and what stands between it and Grafana"
	case errors.As(err, &authority) || has("unknown authority"):
		return "the server's certificate is signed by an authority that is not known", "Paste its CA certificate under TLS"
	case errors.As(err, &hostname) || has("certificate is valid for"):
		return "the server's certificate is for another name", "Set the server name under TLS"
	case has("server gave http response to https client", "first record does not look like a tls handshake"):
		return "the server does not speak TLS there", "Use http:// instead of https://"
	case has("401", "403", "unauthorized", "forbidden", "authentication failed", "code: 516", "code: 192", "code: 194"):
		return "access is refused", "Check the token (of a Throughline server) or user and password (of a ClickHouse)"
	case has("unknown_database", "code: 81"):
		return "the database is not there", "Check the database's name; the server makes it at its first start"
	case has("unknown_table", "code: 60", "unknown table"):
		return "Throughline's tables are not there", "Point the data source at the store that throughline server writes to, with the same database; the server makes the tables at its start"
	case has("404", "not found", "the api is at /api/", "<html"):
		return "there is no ClickHouse at this address", "The read-only address of a Throughline server ends in /clickhouse/, as in http://throughline-server:20418/clickhouse/"
	case has("unknown_identifier", "code: 47"):
		return "the tables are of another version", "Run server and plugin of the same version"
	default:
		return unknownFault, "See the error, and the server's log"
	}
}
