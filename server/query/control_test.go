package query

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// Who changes the configuration of agents shows the token where others may reach the server, the control
// token everywhere where there is one, and is no page of another origin.
func TestWhoMayChangeAnything(t *testing.T) {
	t.Parallel()
	took := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	for _, c := range []struct {
		what          string
		guarded       bool
		control       string // token
		method, shown string
		site          string // Sec-Fetch-Site, of browsers
		want          int
	}{
		{"on loopback", false, "", "PUT", "", "", 204},
		{"a page of another origin, on loopback", false, "", "PUT", "", "cross-site", 403},
		{"such a page that reads", false, "", "GET", "", "cross-site", 204}, // it cannot see the answer
		{"from elsewhere, without a token", true, "", "PUT", "", "", 401},
		{"with it", true, "", "PUT", "geheim", "", 204},
		{"with it, from such a page", true, "", "PUT", "geheim", "cross-site", 403},
		{"on loopback, with a control token", false, "steuer", "DELETE", "", "", 401},
		{"showing it", false, "steuer", "DELETE", "steuer", "", 204},
		{"reading without it", false, "steuer", "GET", "", "", 204},
		{"the reader's token", true, "steuer", "PUT", "geheim", "", 403},
		{"the reader's token, to read", true, "steuer", "GET", "geheim", "", 204},
		{"the control token, to read", true, "steuer", "GET", "steuer", "", 204},
		{"another token", true, "steuer", "PUT", "falsch", "", 401},
	} {
		api := New(Config{Control: took, ControlPaths: []string{"/api/v1/agent-groups/"}, ControlToken: c.control, Token: "geheim", Guarded: c.guarded})
		r := httptest.NewRequest(c.method, "/api/v1/agent-groups/g-1/config", nil)
		if c.shown != "" {
			r.Header.Set("Authorization", "Bearer "+c.shown)
		}
		if c.site != "" {
			r.Header.Set("Sec-Fetch-Site", c.site)
		}
		w := httptest.NewRecorder()
		if api.ServeHTTP(w, r); w.Code != c.want {
			t.Errorf("%s: %d %s, want %d", c.what, w.Code, w.Body, c.want)
		}
	}
}
