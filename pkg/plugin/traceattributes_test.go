package plugin

import (
	"net/http"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/store"
)

func TestAttributesOfATrace(t *testing.T) {
	t.Parallel()
	i := newInstance(&fakeStore{trace: call(t)})
	for path, want := range map[string]string{
		"/attributes/0000000000000004":                               `{"text":"http.response.status_code","count":1}`,
		"/attributes/0000000000000001?key=http.response.status_code": `{"key":"http.response.status_code","values":{"0000000000000001":"200"}}`,
		"/attributes/0000000000000001?key=service.version":           `"0000000000000001":"1.2"`,
		"/attributes/0000000000000001?key=unknown":                   `{"key":"unknown","values":{}}`,
	} {
		if w := get(i, path); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s, want %s", path, w.Code, w.Body, want)
		}
	}
}

func TestAttributesOfNoTrace(t *testing.T) {
	t.Parallel()
	for id, code := range map[string]int{"xyz": http.StatusBadRequest, "00000000000000ff'": http.StatusBadRequest, "00000000000000ff": http.StatusNotFound} {
		i := newInstance(&fakeStore{err: store.ErrNotFound})
		if w := get(i, "/attributes/"+id); w.Code != code || !strings.Contains(w.Body.String(), "message") {
			t.Errorf("%s: %d %s, want %d", id, w.Code, w.Body, code)
		}
	}
}
