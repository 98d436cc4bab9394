package plugin

import (
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// Certificates come as text of the settings: no file is read.
func TestTLSOfTheSettings(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "Code: 516. DB::Exception: wrong or no token. (AUTHENTICATION_FAILED)", http.StatusUnauthorized)
	}))
	t.Cleanup(server.Close)
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	for name, c := range map[string]struct {
		json   string
		secure map[string]string
		want   string
	}{
		"the CA is given":     {`{}`, map[string]string{"tlsCACert": ca}, "access is refused"}, // so the connection was made
		"not verified":        {`{"tlsSkipVerify":true}`, nil, "access is refused"},
		"the CA is not known": {`{}`, nil, "signed by an authority that is not known"},
		"another name":        {`{"tlsServerName":"elsewhere"}`, map[string]string{"tlsCACert": ca}, "is for another name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made, err := New(t.Context(), backend.DataSourceInstanceSettings{URL: server.URL + "/clickhouse/", JSONData: []byte(c.json), DecryptedSecureJSONData: c.secure})
			if err != nil {
				t.Fatal(err)
			}
			i := made.(*Instance)
			defer i.Dispose()
			health, err := i.CheckHealth(t.Context(), nil)
			if err != nil || !strings.Contains(health.Message, c.want) {
				t.Errorf("%+v, %v; want %q", health, err, c.want)
			}
		})
	}
}

// Whatever a query is, it is answered.
func FuzzQuery(f *testing.F) {
	for _, q := range []string{`{}`, `[]`, `null`, `{"queryType":"trace","query":"` + traceID + `","view":"both"}`, `{"queryType":"search","limit":-1,"minDuration":"5ms"}`,
		`{"queryType":"variables","name":"service"}`, `{"queryType":"search","filters":[{"key":"a","operator":"=","value":"b"}]}`} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, q string) {
		res := ask(t, newInstance(&fakeStore{trace: call(t)}), q)
		if res.Error == nil && len(res.Frames) == 0 {
			t.Errorf("no answer to %s", q)
		}
		if _, err := json.Marshal(res); err != nil {
			t.Errorf("the answer to %s is no JSON: %v", q, err)
		}
	})
}

func TestEveryShortPrefixOfAQueryFailsCleanly(t *testing.T) {
	t.Parallel()
	const q = `{"queryType":"search","limit":5,"filters":[{"key":"a","operator":"=","value":"b"}]}`
	for n := range len(q) {
		if res := ask(t, newInstance(&fakeStore{}), q[:n]); res.Error == nil || res.Status != backend.StatusBadRequest {
			t.Errorf("%q: %v", q[:n], res.Error)
		}
	}
}
