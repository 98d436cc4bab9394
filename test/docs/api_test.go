package docs

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/server/query"
	servertext "github.com/throughline-io/throughline/server/text"
)

// docs/http-api.md names every parameter that the API knows, at its own path.
func TestParametersAreDescribed(t *testing.T) {
	t.Parallel()
	api := query.New(query.Config{
		Status: func(context.Context) any { return nil },
		Ledger: func(context.Context, query.LedgerQuery) (any, error) { return nil, nil },
	})
	sections := map[string]string{}
	for _, s := range strings.Split(read(t, "docs/http-api.md"), "\n## ")[1:] {
		heading, text, _ := strings.Cut(s, "\n")
		sections[strings.TrimPrefix(heading, "GET ")] = text
	}
	for path, example := range map[string]string{
		"/api/v1/traces/{id}": "/api/v1/traces/0af7651916cd43dd8448eb211c80319c", "/api/v1/search": "/api/v1/search",
		"/api/v1/traces/{id}/elsewhere": "/api/v1/traces/0af7651916cd43dd8448eb211c80319c/elsewhere",
		"/api/v1/values/{name}":         "/api/v1/values/service", "/api/v1/ledger": "/api/v1/ledger",
	} {
		text, ok := sections[path]
		if !ok {
			t.Errorf("http-api.md has no section %s", path)
		}
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequest(http.MethodGet, example+"?no-such-parameter=1", nil))
		var answer struct{ Error string }
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusBadRequest {
			t.Fatalf("%s: %d %s", example, w.Code, w.Body)
		}
		_, known, ok := strings.Cut(answer.Error, "known here: ")
		if !ok {
			t.Fatalf("%s: %s", example, answer.Error)
		}
		for _, parameter := range strings.Split(known, ", ") {
			if !strings.Contains(text, "`"+parameter+"`") {
				t.Errorf("http-api.md, %s: nothing on parameter %s", path, parameter)
			}
		}
	}
}

// docs/http-api.md names every field of the status.
func TestStatusIsDescribed(t *testing.T) {
	t.Parallel()
	_, text, _ := strings.Cut(read(t, "docs/http-api.md"), "\n## GET /api/v1/status")
	text, _, _ = strings.Cut(text, "\n## ")
	var look func(reflect.Type)
	look = func(of reflect.Type) {
		switch of.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			look(of.Elem())
		case reflect.Struct:
			for i := range of.NumField() {
				name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
				if !strings.Contains(text, "`"+name+"`") && name != "from" && name != "to" {
					t.Errorf("http-api.md, /api/v1/status: nothing on field %s", name)
				}
				look(of.Field(i).Type)
			}
		}
	}
	look(reflect.TypeFor[servertext.Status]())
}
