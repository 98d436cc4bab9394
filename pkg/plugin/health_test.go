package plugin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/throughline-io/throughline/pkg/store"
)

func TestHealthy(t *testing.T) {
	t.Parallel()
	for want, services := range map[string][]string{
		"Connected to http://store:8123: spans of 2 services.": {"web", "user"},
		"Connected to http://store:8123: spans of 1 service.":  {"web"},
		"Connected to http://store:8123, but there are no spans of any service yet. Check that agents run and reach the server: throughline ctl ledger.": {},
	} {
		health, err := newInstance(&fakeStore{values: services}).CheckHealth(t.Context(), nil)
		if err != nil || health.Status != backend.HealthStatusOk || health.Message != want {
			t.Errorf("health %+v, %v", health, err)
		}
	}
}

// The check says what is wrong and what to do about it, not only what the driver said.
func TestUnhealthy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"refused":  {errors.New("dial tcp 127.0.0.1:20418: connect: connection refused"), "nothing listens there. Start the server"},
		"timeout":  {context.DeadlineExceeded, "no answer in time. Check the address and the firewalls"},
		"cut off":  {fmt.Errorf("read: %w", io.ErrUnexpectedEOF), "the answer was cut off. Try again"},
		"DNS":      {&net.DNSError{Err: "no such host", Name: "x"}, "cannot be resolved"},
		"token":    {&store.Error{Message: "store answered 401 Unauthorized"}, "access is refused. Check the token"},
		"password": {&store.Error{Code: 516, Message: "Code: 516. DB::Exception: default: Authentication failed"}, "access is refused"},
		"database": {&store.Error{Code: 81, Message: "Code: 81. DB::Exception: Database spans does not exist. (UNKNOWN_DATABASE)"}, "the database is not there"},
		"tables":   {&store.Error{Code: 60, Message: "Code: 60. DB::Exception: Unknown table (UNKNOWN_TABLE)"}, "tables are not there"},
		"path":     {&store.Error{Message: "store answered 404 Not Found"}, "ends in /clickhouse/"},
		"our root": {errors.New(`{"error":"nothing is at /; the API is at /api/v1/"}`), "ends in /clickhouse/"},
		"a site":   {errors.New("<!DOCTYPE html><html><body>It works"), "there is no ClickHouse at this address"},
		"no TLS":   {errors.New("http: server gave HTTP response to HTTPS client"), "Use http://"},
		"CA":       {errors.New("tls: failed to verify certificate: x509: certificate signed by unknown authority"), "Paste its CA certificate"},
		"name":     {errors.New("x509: certificate is valid for ch, not x"), "Set the server name"},
		"other":    {errors.New("strange"), "See the error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			health, err := newInstance(&fakeStore{err: c.err}).CheckHealth(t.Context(), nil)
			if err != nil || health.Status != backend.HealthStatusError {
				t.Fatalf("health %+v, %v", health, err)
			}
			for _, part := range []string{c.want, c.err.Error(), "http://store:8123"} {
				if !strings.Contains(health.Message, part) {
					t.Errorf("%q does not say %q", health.Message, part)
				}
			}
		})
	}
}
