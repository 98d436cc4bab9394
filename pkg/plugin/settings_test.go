package plugin

import (
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	got, err := readSettings(backend.DataSourceInstanceSettings{
		URL:                     "http://server:20418/clickhouse/",
		JSONData:                []byte(`{"timeoutSeconds":5}`),
		DecryptedSecureJSONData: map[string]string{"token": "secret"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.DSN != "http://server:20418/clickhouse/throughline" || got.Token != "secret" || got.Timeout != 5*time.Second || got.DialContext != nil {
		t.Errorf("%+v", got)
	}
}

func TestSettingsOfAClickHouse(t *testing.T) {
	t.Parallel()
	got, err := readSettings(backend.DataSourceInstanceSettings{
		URL:                     "https://clickhouse.example",
		JSONData:                []byte(`{"username":"reader","database":"spans","cluster":"main","tlsServerName":"ch"}`),
		DecryptedSecureJSONData: map[string]string{"password": "p/w"},
	})
	if err != nil {
		t.Fatal(err)
	}
	// TLS is made by our own dialer, with the settings' certificates.
	if got.DSN != "http://reader:p%2Fw@clickhouse.example:8443/spans" || got.Cluster != "main" || got.DialContext == nil {
		t.Errorf("%+v", got)
	}
	if got.Where != "https://clickhouse.example" {
		t.Errorf("where %s", got.Where)
	}
}

func TestSettingsOfTheNativeProtocol(t *testing.T) {
	t.Parallel()
	got, err := readSettings(backend.DataSourceInstanceSettings{
		URL: "clickhouse://ch?secure=true", JSONData: []byte(`{"username":"reader","database":"spans"}`), DecryptedSecureJSONData: map[string]string{"password": "p/w"},
	})
	if err != nil || got.DSN != "clickhouse://reader:p%2Fw@ch/spans?secure=true" || got.DialContext != nil {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = readSettings(backend.DataSourceInstanceSettings{URL: "clickhouse://ch?secure=true", JSONData: []byte(`{"tlsSkipVerify":true}`)})
	if err != nil || got.DSN != "clickhouse://ch:9440/throughline" || got.DialContext == nil {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = readSettings(backend.DataSourceInstanceSettings{URL: "clickhouse://ch", JSONData: []byte(`{"tlsSkipVerify":true}`)})
	if err != nil || got.DSN != "clickhouse://ch/throughline" || got.DialContext != nil {
		t.Errorf("without TLS: %+v, %v", got, err)
	}
}

func TestBadSettings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		url, json string
		secure    map[string]string
		want      string
	}{
		"no URL":        {"", "", nil, "no URL is set"},
		"no URL at all": {"http://[::1", "", nil, "cannot be read"},
		"no scheme":     {"server", "", nil, "the scheme"},
		"native path":   {"clickhouse://ch:9000/x", "", nil, "has no path"},
		"no host":       {"http:///x", "", nil, "names no host"},
		"no JSON":       {"http://x", "[", nil, "cannot be read"},
		"timeout":       {"http://x", `{"timeoutSeconds":-1}`, nil, "negative"},
		"CA":            {"https://x", "", map[string]string{"tlsCACert": "text"}, "no PEM certificate"},
		"key alone":     {"https://x", "", map[string]string{"tlsClientKey": "text"}, "needs its key"},
		"bad pair":      {"https://x", "", map[string]string{"tlsClientKey": "a", "tlsClientCert": "b"}, "cannot be used"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := backend.DataSourceInstanceSettings{Name: "Throughline", URL: c.url, JSONData: []byte(c.json), DecryptedSecureJSONData: c.secure}
			if _, err := readSettings(s); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want %q", err, c.want)
			}
			// An instance of such settings answers with what is wrong, to every call.
			made, err := New(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			i := made.(*Instance)
			defer i.Dispose()
			health, err := i.CheckHealth(t.Context(), nil)
			if err != nil || health.Status != backend.HealthStatusError || !strings.Contains(health.Message, c.want) {
				t.Errorf("health %+v, %v", health, err)
			}
			if res := ask(t, i, `{"queryType":"search"}`); res.Error == nil || !strings.Contains(res.Error.Error(), c.want) {
				t.Errorf("query: %v", res.Error)
			}
		})
	}
}

// A URL may hold a password: no message shows it.
func TestMessagesHideThePassword(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"http://u:hidden@x:1", "ftp://u:hidden@x:1", "http://u:hidden@[::1", "http://u:hidden@/"} {
		got, err := readSettings(backend.DataSourceInstanceSettings{URL: url})
		if err != nil && strings.Contains(err.Error(), "hidden") || strings.Contains(got.Where, "hidden") {
			t.Errorf("%s: %v, %s", url, err, got.Where)
		}
	}
}
