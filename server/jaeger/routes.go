package jaeger

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"

	"github.com/throughline-io/throughline/pkg/otlp/document"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/server/lookup"
)

// mostNames bounds services and operations in an answer.
const mostNames = 1000

type api struct {
	store lookup.Store
	now   func() time.Time
}

// Routes are the handlers by path, as http.ServeMux has them.
func Routes(s lookup.Store, now func() time.Time) map[string]lookup.Handler {
	a := &api{s, now}
	return map[string]lookup.Handler{
		"/api/services":                      a.services,
		"/api/services/{service}/operations": a.operationNames,
		"/api/operations":                    a.operations,
		"/api/traces":                        a.search,
		"/api/traces/{id}":                   a.trace,
		"/api/dependencies":                  dependencies,
		"/api/v3/services":                   a.servicesV3,
		"/api/v3/operations":                 a.operationsV3,
		"/api/v3/traces/{id}":                a.traceV3,
	}
}

// structured is the form of all answers of the JSON API.
type structured struct {
	Data   any      `json:"data"`
	Total  int      `json:"total"`
	Limit  int      `json:"limit"`
	Offset int      `json:"offset"`
	Errors []string `json:"errors"`
}

func answer(w http.ResponseWriter, data any, total int) error {
	return write(w, structured{Data: data, Total: total})
}

func write(w http.ResponseWriter, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body) // the reader may be gone
	return nil
}

func (a *api) names(r *http.Request, q store.ValuesQuery) ([]string, error) {
	q.Limit = mostNames
	list, err := a.store.Values(r.Context(), q)
	if list == nil {
		list = []string{}
	}
	return list, lookup.OfStore(err)
}

func (a *api) services(w http.ResponseWriter, r *http.Request) error {
	list, err := a.names(r, store.ValuesQuery{Name: "service"})
	if err != nil {
		return err
	}
	return answer(w, list, len(list))
}

func (a *api) operationNames(w http.ResponseWriter, r *http.Request) error {
	list, err := a.names(r, store.ValuesQuery{Name: "name", Service: r.PathValue("service")})
	if err != nil {
		return err
	}
	return answer(w, list, len(list))
}

type operation struct {
	Name string `json:"name"`
	Kind string `json:"spanKind"`
}

// operations have no kind here: a name may be of several.
func (a *api) operations(w http.ResponseWriter, r *http.Request) error {
	list, err := a.named(r, "service")
	if err != nil {
		return err
	}
	return answer(w, list, len(list))
}

func (a *api) named(r *http.Request, parameter string) ([]operation, error) {
	service := r.URL.Query().Get(parameter)
	if service == "" {
		return nil, lookup.Bad("parameter %s is missing", parameter)
	}
	list, err := a.names(r, store.ValuesQuery{Name: "name", Service: service})
	if err != nil {
		return nil, err
	}
	out := make([]operation, 0, len(list))
	for _, name := range list {
		out = append(out, operation{Name: name})
	}
	return out, nil
}

// dependencies are not answered: the service map of Throughline's data source has them.
func dependencies(w http.ResponseWriter, _ *http.Request) error {
	return answer(w, []struct{}{}, 0)
}

func (a *api) trace(w http.ResponseWriter, r *http.Request) error {
	t, err := a.read(r, store.TraceQuery{ID: r.PathValue("id")})
	if err != nil {
		return err
	}
	return answer(w, []traceJSON{t}, 0)
}

func (a *api) servicesV3(w http.ResponseWriter, r *http.Request) error {
	list, err := a.names(r, store.ValuesQuery{Name: "service"})
	if err != nil {
		return err
	}
	return write(w, map[string]any{"services": list})
}

func (a *api) operationsV3(w http.ResponseWriter, r *http.Request) error {
	list, err := a.named(r, "service")
	if err != nil {
		return err
	}
	return write(w, map[string]any{"operations": list})
}

// traceV3 is OTLP's JSON in "result".
func (a *api) traceV3(w http.ResponseWriter, r *http.Request) error {
	t, _, err := lookup.Trace(r.Context(), a.store, store.TraceQuery{ID: r.PathValue("id")})
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := document.Write(&b, t.Items()); err != nil {
		return err
	}
	return write(w, map[string]any{"result": json.RawMessage(b.Bytes())})
}
