package hostd

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
)

// grafanaVersion is the version of the packages that the page is made of.
const grafanaVersion = "13.2.2"

// index serves the page at every path that is no file and no API: routing happens in it.
func (h *Host) index(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/public/") || r.Method != http.MethodGet {
		http.NotFound(w, r)
		return
	}
	if r.URL.Path == "/" && h.opts.Home != "" {
		http.Redirect(w, r, h.opts.SubPath+h.opts.Home, http.StatusFound)
		return
	}
	theme := h.opts.Theme
	if t := r.URL.Query().Get("theme"); t == "light" || t == "dark" {
		theme = t
	}
	language := "en-US"
	if r.URL.Query().Get("lang") == "de-DE" {
		language = "de-DE"
	}
	boot, err := json.Marshal(h.bootData(theme, language))
	if err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	var safe bytes.Buffer
	json.HTMLEscape(&safe, boot)
	nonce := rand.Text()
	// Grafana's own template (conf/defaults.ini, content_security_policy_template), so that
	// what it forbids fails here too.
	w.Header().Set("Content-Security-Policy", "script-src 'self' 'unsafe-eval' 'unsafe-inline' 'strict-dynamic' 'nonce-"+nonce+
		"';object-src 'none';font-src 'self';style-src 'self' 'unsafe-inline' blob:;img-src * data:;base-uri 'self';connect-src 'self' grafana.com ws://"+
		r.Host+"/ wss://"+r.Host+"/;manifest-src 'self';media-src 'none';form-action 'self';")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	fmt.Fprintf(w, `<!doctype html><html lang="%[5]s"><head><meta charset="utf-8"><title>Throughline</title><base href="%[4]s/">
<link rel="icon" href="data:,"><link rel="stylesheet" href="public/build/host.css">
<script nonce="%[1]s">window.grafanaBootData = %[2]s; window.__grafana_public_path__ = 'public/'; window.nonce = '%[1]s'</script></head>
<body class="theme-%[3]s"><div id="reactRoot"></div><script type="module" nonce="%[1]s" src="public/build/host.js"></script></body></html>
`, nonce, safe.Bytes(), theme, h.opts.SubPath, language)
}

// bootData is window.grafanaBootData: what Grafana's page knows before its first request.
func (h *Host) bootData(theme, language string) map[string]any {
	panels, apps, datasources := map[string]any{}, map[string]any{}, map[string]any{}
	for id, p := range h.plugins {
		switch p.manifest.Type {
		case "panel":
			panels[id] = p.meta()
		case "app":
			apps[id] = p.meta()
		}
	}
	for n, d := range h.opts.Datasources {
		i := h.datasources[d.UID]
		datasources[d.Name] = map[string]any{
			"id": i.id, "uid": d.UID, "type": d.Type, "name": d.Name, "meta": i.plugin.meta(),
			"url": h.opts.SubPath + "/api/datasources/proxy/uid/" + d.UID, "access": "proxy", "isDefault": n == 0, "readOnly": true, "jsonData": i.JSONData,
		}
	}
	return map[string]any{
		"user": map[string]any{
			"isSignedIn": true, "login": "viewer", "name": "Viewer", "orgId": 1, "orgRole": h.opts.Role, "theme": theme,
			"timezone": "browser", "locale": language, "language": language, "permissions": map[string]bool{"datasources:explore": true},
		},
		"settings": map[string]any{
			"datasources": datasources, "panels": panels, "apps": apps, "appSubUrl": h.opts.SubPath, "minRefreshInterval": "5s", "liveEnabled": false,
			"buildInfo": map[string]any{"version": grafanaVersion, "env": "production", "edition": "Open Source"}, "featureToggles": map[string]bool{},
		},
		"navTree": h.navTree(),
	}
}

// meta is a plugin's manifest with what Grafana adds to it.
func (p *plugin) meta() map[string]any {
	m := maps.Clone(p.manifest.all)
	m["module"] = "public/plugins/" + p.manifest.ID + "/module.js"
	m["baseUrl"] = "public/plugins/" + p.manifest.ID
	m["loadingStrategy"] = "script"
	m["signature"] = "unsigned"
	return m
}
