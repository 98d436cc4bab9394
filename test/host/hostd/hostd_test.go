package hostd_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/throughline-io/throughline/test/host/hostd"
)

const root = "../../.."

// dist is a built plugin, its front end aside: the manifests, the dashboard and the real
// backend, built as it is shipped.
var dist = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(tempDir, "dist")
	for from, to := range map[string]string{
		"plugin.json": "plugin.json", "src/datasource/plugin.json": "datasource/plugin.json", "src/panel/plugin.json": "panel/plugin.json",
		"src/requests/plugin.json":                "requests/plugin.json",
		"src/dashboards/distributed-tracing.json": "dashboards/distributed-tracing.json",
		"src/dashboards/services.json":            "dashboards/services.json",
		"src/dashboards/network-path.json":        "dashboards/network-path.json",
	} {
		b, err := os.ReadFile(filepath.Join(root, from))
		if err != nil {
			return "", err
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, to)), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, to), b, 0o644); err != nil {
			return "", err
		}
	}
	build := exec.Command("go", "build", "-tags", "arrow_json_stdlib", "-o", filepath.Join(dir, "datasource/gpx_throughline_datasource_linux_amd64"), "./pkg")
	build.Dir = root
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return dir, os.WriteFile(filepath.Join(dir, "host.js"), nil, 0o644)
})

var tempDir string

func TestMain(m *testing.M) {
	var err error
	if tempDir, err = os.MkdirTemp("", "hostd-test-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(tempDir)
	os.Exit(code)
}

// start is a host as our provisioning sets it up: the app is on, and its data source reads
// from store.
func start(t *testing.T, store, token string) *hostd.Host {
	t.Helper()
	return startWith(t, hostd.Options{
		Provisioning: filepath.Join(root, "provisioning"), Environment: map[string]string{"THROUGHLINE_URL": store, "THROUGHLINE_TOKEN": token},
	})
}

// startWith is a host of the built plugin.
func startWith(t *testing.T, o hostd.Options) *hostd.Host {
	t.Helper()
	dir, err := dist()
	if err != nil {
		t.Fatal(err)
	}
	o.PageDir, o.Logf = dir, t.Logf
	if o.DistDir == "" {
		o.DistDir = dir
	}
	if o.PluginLog == nil {
		o.PluginLog = io.Discard
	}
	h, err := hostd.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h
}

func call(t *testing.T, h *hostd.Host, method, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, h.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

func query(t *testing.T, h *hostd.Host, q string) (int, string) {
	t.Helper()
	return call(t, h, http.MethodPost, "/api/ds/query", `{"from":"1700000000000","to":"1700003600000","queries":[`+q+`]}`)
}

// nobody is an address where nothing listens.
func nobody(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	return s.URL
}

// The built backend, over go-plugin as in Grafana, says what is wrong and what to do.
func TestHealthOfTheBuiltBackend(t *testing.T) {
	t.Parallel()
	unauthorized := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "Code: 516. DB::Exception: wrong or no token. (AUTHENTICATION_FAILED)", http.StatusUnauthorized)
	}))
	t.Cleanup(unauthorized.Close)
	for name, c := range map[string]struct{ url, want string }{
		"no URL":         {"", "no URL is set"},
		"nobody listens": {nobody(t) + "/clickhouse/", "nothing listens there"},
		"no token":       {unauthorized.URL + "/clickhouse/", "access is refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, body := call(t, start(t, c.url, ""), http.MethodGet, "/api/datasources/uid/throughline/health", "")
			if code != http.StatusBadRequest || !strings.Contains(body, c.want) {
				t.Errorf("%d %s, want %q", code, body, c.want)
			}
		})
	}
}

func TestQueriesOfTheBuiltBackend(t *testing.T) {
	t.Parallel()
	h := start(t, nobody(t)+"/clickhouse/", "")
	code, body := query(t, h, `{"refId":"A","queryType":"trace","query":"xyz","datasource":{"uid":"throughline"}}`)
	if code != http.StatusBadRequest || !strings.Contains(body, "is no id of a trace") {
		t.Errorf("a bad id: %d %s", code, body)
	}
	_, body = query(t, h, `{"refId":"A","queryType":"search","datasource":{"uid":"throughline"}}`)
	if !strings.Contains(body, `"errorSource":"downstream"`) || !strings.Contains(body, "connection refused") {
		t.Errorf("the store is away: %s", body)
	}
	if code, body = call(t, h, http.MethodGet, "/api/datasources/uid/throughline/resources/span/xyz", ""); code != http.StatusBadRequest {
		t.Errorf("a bad span: %d %s", code, body)
	}
	if code, body = query(t, h, `{"refId":"A","datasource":{"uid":"other"}}`); code != http.StatusNotFound {
		t.Errorf("an unknown data source: %d %s", code, body)
	}
}

// The token of the data source's settings travels to the store, and nowhere else.
func TestTheTokenStaysInTheBackend(t *testing.T) {
	t.Parallel()
	shown := make(chan string, 10)
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		select {
		case shown <- r.URL.Path + " " + password + r.Header.Get("X-ClickHouse-Key"):
		default:
		}
		http.Error(w, "Code: 60. DB::Exception: no table. (UNKNOWN_TABLE)", http.StatusNotFound)
	}))
	t.Cleanup(store.Close)
	h := start(t, store.URL+"/clickhouse/", "s3cret-token")
	query(t, h, `{"refId":"A","queryType":"search","datasource":{"uid":"throughline"}}`)
	if got := <-shown; got != "/clickhouse s3cret-token" && got != "/clickhouse/ s3cret-token" {
		t.Errorf("the store saw %q", got)
	}
	code, page := call(t, h, http.MethodGet, "/d/Distributed_Tracing/distributed-tracing?var-namespace=webshop", "")
	if code != http.StatusOK || strings.Contains(page, "s3cret-token") || strings.Contains(page, store.URL) {
		t.Errorf("%d: the page shows what only the backend may know", code)
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	h := start(t, nobody(t), "")
	res, err := http.Get(h.URL() + "/a/throughline-app/traces?theme=light")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "font-src 'self'") {
		t.Errorf("policy %q", csp)
	}
	_, rest, _ := strings.Cut(string(page), "window.grafanaBootData = ")
	var boot struct {
		User     struct{ Theme string }
		Settings struct{ Apps, Panels, Datasources map[string]struct{ ID any } }
	}
	if err := json.NewDecoder(strings.NewReader(rest)).Decode(&boot); err != nil {
		t.Fatal(err)
	}
	if boot.User.Theme != "light" || len(boot.Settings.Apps) != 1 || len(boot.Settings.Panels) != 2 || len(boot.Settings.Datasources) != 1 {
		t.Errorf("boot data %+v", boot)
	}
}

func TestDashboardByUID(t *testing.T) {
	t.Parallel()
	h := start(t, nobody(t), "")
	code, body := call(t, h, http.MethodGet, "/api/dashboards/uid/Distributed_Tracing", "")
	if code != http.StatusOK || !strings.Contains(body, `"request_resource"`) {
		t.Errorf("%d %.200s", code, body)
	}
	for path, want := range map[string]int{"/api/dashboards/uid/none": 404, "/api/annotations": 404, "/public/plugins/none/module.js": 404} {
		if code, _ := call(t, h, http.MethodGet, path, ""); code != want {
			t.Errorf("%s: %d", path, code)
		}
	}
}

// A file outside a plugin's folder is not served.
func TestPluginFilesStayInTheirFolder(t *testing.T) {
	t.Parallel()
	h := start(t, nobody(t), "")
	for _, path := range []string{"/public/plugins/throughline-panel/../datasource/plugin.json", "/public/plugins/throughline-panel/%2e%2e/plugin.json"} {
		if code, body := call(t, h, http.MethodGet, path, ""); code == http.StatusOK && strings.Contains(body, "throughline-app") {
			t.Errorf("%s: %d %.100s", path, code, body)
		}
	}
}

func TestWhatIsNotBuiltIsSaid(t *testing.T) {
	t.Parallel()
	dir, err := dist()
	if err != nil {
		t.Fatal(err)
	}
	empty := t.TempDir()
	for want, o := range map[string]hostd.Options{
		"npm run build:page":  {DistDir: dir, PageDir: empty},
		"run `npm run build`": {DistDir: empty, PageDir: dir},
		"no plugin other":     {DistDir: dir, PageDir: dir, Datasources: []hostd.Datasource{{Name: "x", Type: "other"}}},
	} {
		if _, err := hostd.Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
