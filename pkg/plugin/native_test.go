package plugin

import (
	"crypto/tls"
	"encoding/pem"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/throughline-io/throughline/test/nativefront"
)

// nativeSettings lead to the real store by the native protocol.
func nativeSettings(t *testing.T, secure *tls.Config) backend.DataSourceInstanceSettings {
	t.Helper()
	s, err := realStore()
	if err != nil {
		t.Fatal(err)
	}
	front, err := nativefront.Listen(nativefront.Options{URL: s.URL, TLS: secure})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(front.Close)
	return backend.DataSourceInstanceSettings{
		Name: "Throughline", UID: "uid", URL: "clickhouse://" + front.Address(), JSONData: []byte(`{"username":"reader"}`),
		DecryptedSecureJSONData: map[string]string{"password": s.DecryptedSecureJSONData["token"]},
	}
}

// The same data source, its settings changed to the native protocol, answers the same.
func TestDataSourceByTheNativeProtocol(t *testing.T) {
	t.Parallel()
	byHTTP, byTCP := reading(t), instanceOf(t, nativeSettings(t, nil))
	for _, q := range []string{
		`{"queryType":"search"}`,
		`{"queryType":"search","filters":[{"key":"service","operator":"=|","values":["a'b","web\"\\"]}]}`,
		`{"queryType":"serviceMap"}`,
		`{"queryType":"metrics","groupBy":["service"],"metrics":["rate","p99"]}`,
		`{"queryType":"variables","name":"service"}`,
	} {
		want, got := ask(t, byHTTP, q), ask(t, byTCP, q)
		if want.Error != nil || got.Error != nil {
			t.Fatalf("%s: by HTTP %v, by the native protocol %v", q, want.Error, got.Error)
		}
		a, errA := want.MarshalJSON()
		b, errB := got.MarshalJSON()
		if diff := cmp.Diff(string(a), string(b)); diff != "" || errA != nil || errB != nil {
			t.Errorf("%s (-HTTP +native): %v %v\n%s", q, errA, errB, diff)
		}
	}
}

func TestHealthByTheNativeProtocol(t *testing.T) {
	t.Parallel()
	cert := httptest.NewTLSServer(nil)
	t.Cleanup(cert.Close)
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate().Raw}))
	speaksTLS := &tls.Config{Certificates: cert.TLS.Certificates, MinVersion: tls.VersionTLS12}
	for name, c := range map[string]struct {
		tls    *tls.Config
		change func(*backend.DataSourceInstanceSettings)
		want   string
	}{
		"plain":          {nil, func(*backend.DataSourceInstanceSettings) {}, "Connected to clickhouse://127.0.0.1"},
		"wrong password": {nil, func(s *backend.DataSourceInstanceSettings) { s.DecryptedSecureJSONData["password"] = "x" }, "access is refused"},
		"TLS": {speaksTLS, func(s *backend.DataSourceInstanceSettings) {
			s.URL += "?secure=true"
			s.DecryptedSecureJSONData["tlsCACert"] = ca
		}, "Connected to clickhouse://127.0.0.1"},
		"TLS, the CA is not known": {speaksTLS, func(s *backend.DataSourceInstanceSettings) { s.URL += "?secure=true" }, "signed by an authority that is not known"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := nativeSettings(t, c.tls)
			c.change(&s)
			health, err := instanceOf(t, s).CheckHealth(t.Context(), nil)
			if err != nil || !strings.Contains(health.Message, c.want) {
				t.Errorf("%+v, %v; want %q", health, err, c.want)
			}
		})
	}
}
