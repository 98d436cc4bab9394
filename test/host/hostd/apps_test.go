package hostd_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/test/host/hostd"
)

var dashboards = []string{"Distributed_Tracing", "throughline-services", "throughline-network"}

// statusOf is what the host answers to a GET.
func statusOf(t *testing.T, h *hostd.Host, path string) int {
	t.Helper()
	code, _ := call(t, h, http.MethodGet, path, "")
	return code
}

type link struct {
	Text, URL string
	Children  []link
}

// menu is the navigation of the page, all levels in one list.
func menu(t *testing.T, h *hostd.Host) (all []link) {
	t.Helper()
	_, page := call(t, h, http.MethodGet, "/", "")
	_, rest, _ := strings.Cut(page, "window.grafanaBootData = ")
	var boot struct{ NavTree []link }
	if err := json.NewDecoder(strings.NewReader(rest)).Decode(&boot); err != nil {
		t.Fatal(err)
	}
	var walk func(links []link)
	walk = func(links []link) {
		for _, l := range links {
			all = append(all, l)
			walk(l.Children)
		}
	}
	walk(boot.NavTree)
	return all
}

// In a Grafana without our provisioning the data source works at once, and enabling the app
// brings its menu and all its dashboards. There is no menu without them.
func TestEnablingTheAppBringsItsDashboards(t *testing.T) {
	t.Parallel()
	h := startWith(t, hostd.Options{Datasources: []hostd.Datasource{{UID: "mine", Name: "Mine", Type: "throughline-datasource", URL: nobody(t)}}})
	if _, body := query(t, h, `{"refId":"A","queryType":"trace","query":"xyz","datasource":{"uid":"mine"}}`); !strings.Contains(body, "is no id of a trace") {
		t.Errorf("the data source does not answer: %s", body)
	}
	expect := func(when string, on bool) {
		t.Helper()
		want := map[bool]int{true: http.StatusOK, false: http.StatusNotFound}[on]
		for _, uid := range dashboards {
			if code := statusOf(t, h, "/api/dashboards/uid/"+uid); code != want {
				t.Errorf("%s: %s: %d, want %d", when, uid, code, want)
			}
		}
		if n := len(menu(t, h)); n > 0 != on {
			t.Errorf("%s: %d entries in the menu", when, n)
		}
	}
	set := func(on string) {
		t.Helper()
		if code, body := call(t, h, http.MethodPost, "/api/plugins/throughline-app/settings", `{"enabled":`+on+`}`); code != http.StatusOK {
			t.Fatalf("%d %s", code, body)
		}
	}
	expect("installed", false)
	set("true")
	expect("enabled", true)
	set("false")
	expect("disabled again", false)
}

// Our own file of provisioning does the same.
func TestProvisioningEnablesTheApp(t *testing.T) {
	t.Parallel()
	h := start(t, nobody(t), "")
	for _, uid := range dashboards {
		if code := statusOf(t, h, "/api/dashboards/uid/"+uid); code != http.StatusOK {
			t.Errorf("%s: %d", uid, code)
		}
	}
}

// Every entry of the menu leads to a page that there is, also where Grafana is served below a
// path.
func TestTheMenuLeadsSomewhere(t *testing.T) {
	t.Parallel()
	for _, subPath := range []string{"", "/grafana"} {
		for _, provisioning := range []string{"", filepath.Join(root, "provisioning")} {
			h := startWith(t, hostd.Options{SubPath: subPath, Provisioning: provisioning})
			for _, l := range menu(t, h) {
				path, below := strings.CutPrefix(l.URL, subPath+"/")
				uid, isDashboard := strings.CutPrefix(path, "d/")
				switch {
				case !below:
					t.Errorf("%s leads to %s, which is not below %q", l.Text, l.URL, subPath)
				case isDashboard && statusOf(t, h, "/api/dashboards/uid/"+uid) != http.StatusOK:
					t.Errorf("%s leads to a dashboard that is not there: %s", l.Text, uid)
				case !isDashboard && path != "a/throughline-app" && !strings.HasPrefix(path, "a/throughline-app/"):
					t.Errorf("%s leads to %s", l.Text, l.URL)
				}
			}
		}
	}
}

// A newer plugin in the same Grafana brings its dashboards along, if they say that they are
// another revision.
func TestAnUpgradeBringsTheNewerDashboards(t *testing.T) {
	t.Parallel()
	dir, err := dist()
	if err != nil {
		t.Fatal(err)
	}
	grafana := hostd.NewDatabase()
	o := hostd.Options{Database: grafana, Provisioning: filepath.Join(root, "provisioning")}
	startWith(t, o).Close()

	newer := t.TempDir()
	if err := os.CopyFS(newer, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	change := func(file string, what map[string]any) {
		t.Helper()
		path := filepath.Join(newer, file)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]any{}
		if err := json.Unmarshal(text, &all); err != nil {
			t.Fatal(err)
		}
		for k, v := range what {
			all[k] = v
		}
		if text, err = json.Marshal(all); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	revision := func(file string) float64 {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		var d struct{ Revision float64 }
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
		return d.Revision
	}
	change("plugin.json", map[string]any{"info": map[string]any{"version": "99.0.0"}})
	change("dashboards/services.json", map[string]any{"refresh": "17s", "revision": revision("dashboards/services.json") + 1})
	change("dashboards/network-path.json", map[string]any{"refresh": "17s"}) // and its revision is forgotten
	o.DistDir = newer
	h := startWith(t, o)
	for uid, want := range map[string]bool{"throughline-services": true, "throughline-network": false} {
		if _, body := call(t, h, http.MethodGet, "/api/dashboards/uid/"+uid, ""); strings.Contains(body, "17s") != want {
			t.Errorf("%s: it is the newer one: %v, want %v", uid, !want, want)
		}
	}
}
