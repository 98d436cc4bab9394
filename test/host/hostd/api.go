package hostd

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
)

// instance is a data source with its plugin.
type instance struct {
	Datasource
	id      int64
	plugin  *plugin
	updated time.Time
}

// context is what Grafana sends with every call to a backend.
func (i *instance) context(role string) *pluginv2.PluginContext {
	return backend.ToProto().PluginContext(backend.PluginContext{
		Namespace: "default", PluginID: i.Type, User: &backend.User{Login: "viewer", Name: "Viewer", Role: role},
		DataSourceInstanceSettings: &backend.DataSourceInstanceSettings{
			ID: i.id, UID: i.UID, Type: i.Type, Name: i.Name, URL: i.URL, JSONData: i.JSONData,
			DecryptedSecureJSONData: i.Secure, Updated: i.updated,
		},
	})
}

func (h *Host) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/public/build/", http.StripPrefix("/public/build/", http.FileServer(http.Dir(h.opts.PageDir))))
	mux.Handle("/public/fonts/", http.StripPrefix("/public/", http.FileServer(http.Dir(h.opts.PageDir))))
	mux.HandleFunc("/public/plugins/{id}/{path...}", h.pluginFile)
	mux.HandleFunc("POST /api/ds/query", h.query)
	mux.HandleFunc("/api/datasources/uid/{uid}/resources/{path...}", h.resource)
	mux.HandleFunc("GET /api/datasources/uid/{uid}/health", h.health)
	mux.HandleFunc("GET /api/dashboards/uid/{uid}", h.dashboard)
	mux.HandleFunc("GET /api/plugins/{id}/settings", h.pluginSettings)
	mux.HandleFunc("POST /api/plugins/{id}/settings", h.pluginSettings)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		// The list of what the plugin uses and this host lacks.
		h.opts.Logf("host: not implemented: %s %s", r.Method, r.URL.Path)
		fail(w, http.StatusNotFound, "not implemented by the test host")
	})
	mux.HandleFunc("/", h.index) // without a method: "GET /" and the pattern of resources conflict
	if h.opts.SubPath == "" {
		return mux
	}
	// Grafana leads strays under its sub path; another site may be there, so none is led here.
	under := http.NewServeMux()
	under.Handle(h.opts.SubPath+"/", http.StripPrefix(h.opts.SubPath, mux))
	return under
}

func reply(w http.ResponseWriter, code int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		code, b = http.StatusInternalServerError, []byte(`{"message":"the answer is not JSON"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(b)
}

func fail(w http.ResponseWriter, code int, message string) {
	reply(w, code, map[string]string{"message": message})
}

func (h *Host) pluginFile(w http.ResponseWriter, r *http.Request) {
	p := h.plugins[r.PathValue("id")]
	if p == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-cache") // a rebuilt plugin shows at the next load
	http.ServeFile(w, r, filepath.Join(p.dir, filepath.Clean("/"+r.PathValue("path"))))
}

func (h *Host) dashboard(w http.ResponseWriter, r *http.Request) {
	d, ok := h.db.dashboard(r.PathValue("uid"))
	if !ok {
		fail(w, http.StatusNotFound, "Dashboard not found")
		return
	}
	reply(w, http.StatusOK, map[string]any{"dashboard": d.json, "meta": map[string]any{"provisioned": true, "canEdit": false}})
}

func (h *Host) resource(w http.ResponseWriter, r *http.Request) {
	ds := h.datasources[r.PathValue("uid")]
	if ds == nil {
		fail(w, http.StatusNotFound, "Data source not found")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<20))
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	headers := map[string]*pluginv2.StringList{}
	for name, values := range r.Header {
		if name != "Cookie" {
			headers[name] = &pluginv2.StringList{Values: values}
		}
	}
	path := r.PathValue("path")
	stream, err := ds.plugin.resource.CallResource(r.Context(), &pluginv2.CallResourceRequest{
		PluginContext: ds.context(h.opts.Role), Path: path, Method: r.Method,
		Url: strings.TrimSuffix(path+"?"+r.URL.RawQuery, "?"), Headers: headers, Body: body,
	})
	for first := true; err == nil; first = false {
		var part *pluginv2.CallResourceResponse
		if part, err = stream.Recv(); err != nil {
			break
		}
		if first {
			for name, values := range part.Headers {
				w.Header()[http.CanonicalHeaderKey(name)] = values.Values
			}
			w.WriteHeader(int(part.Code))
		}
		_, _ = w.Write(part.Body)
	}
	if err != nil && !errors.Is(err, io.EOF) && r.Context().Err() == nil {
		h.opts.Logf("host: resource %s: %v", path, err)
		fail(w, http.StatusInternalServerError, err.Error())
	}
}

func (h *Host) health(w http.ResponseWriter, r *http.Request) {
	ds := h.datasources[r.PathValue("uid")]
	if ds == nil {
		fail(w, http.StatusNotFound, "Data source not found")
		return
	}
	res, err := ds.plugin.diag.CheckHealth(r.Context(), &pluginv2.CheckHealthRequest{PluginContext: ds.context(h.opts.Role)})
	if err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	code := http.StatusOK
	if res.Status != pluginv2.CheckHealthResponse_OK {
		code = http.StatusBadRequest
	}
	answer := map[string]any{"status": res.Status.String(), "message": res.Message}
	if json.Valid(res.JsonDetails) {
		answer["details"] = json.RawMessage(res.JsonDetails)
	}
	reply(w, code, answer)
}
