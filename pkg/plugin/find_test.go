package plugin

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
)

// The panel finds by what its frame leaves behind: the store is asked, in the words of a
// search, and answers with the ids of the frame's rows.
func TestFindingWithinATrace(t *testing.T) {
	t.Parallel()
	f := &fakeStore{ids: []uint64{1, 0x2a}, limited: true}
	w := get(newInstance(f), "/find/0000000000000001?filter="+url.QueryEscape(`http.route!~/users/.*`))
	if want := `{"spans":["0000000000000001","000000000000002a"],"limited":true}`; w.Code != http.StatusOK || w.Body.String() != want {
		t.Errorf("%d %s, want %s", w.Code, w.Body, want)
	}
	if got := fmt.Sprint(f.asked.ID, " ", f.asked.Filter); got != "0000000000000001 http.route!~/users/.*" {
		t.Errorf("asked for %s", got)
	}
	if w := get(newInstance(&fakeStore{}), "/find/"+traceID+"?filter=a=b"); w.Body.String() != `{"spans":[],"limited":false}` {
		t.Errorf("nothing found: %d %s", w.Code, w.Body)
	}
}

func TestFindingThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		path string
		code int
		want string
	}{
		"no id":              {nil, "/find/xyz?filter=a=b", 400, "is no id"},
		"no filter":          {nil, "/find/1", 400, "want a key, one of"},
		"no expression":      {nil, "/find/1?filter=a=~%5Bb", 400, "missing closing ]"},
		"too long":           {nil, "/find/1?filter=a=" + strings.Repeat("b", maxText), 400, "longer than"},
		"refused":            {fmt.Errorf("%w: no number", store.ErrMalformed), "/find/1?filter=a>b", 400, "no number"},
		"unknown":            {store.ErrNotFound, "/find/1?filter=a=b", 404, "nothing of 0000000000000001 is stored"},
		"away":               {errors.New("connection refused"), "/find/1?filter=a=b", 502, "connection refused"},
		"keys of no span":    {store.ErrNotFound, "/find/1/keys", 404, "no span"},
		"keys of no id":      {nil, "/find/xyz/keys", 400, "is no id"},
		"values of no key":   {nil, "/find/1/values", 400, "no key is named"},
		"values of no span":  {store.ErrNotFound, "/find/1/values?key=a", 404, "no span"},
		"values of no trace": {nil, "/find/" + traceID + "/values?key=a", 400, "is no id of a span"},
	} {
		if w := get(newInstance(&fakeStore{err: c.err}), c.path); w.Code != c.code || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s: %d %s, want %d %s", name, w.Code, w.Body, c.code, c.want)
		}
	}
}

// What can be found is offered: keys and values of attributes, resources and events, those that
// are seen most before others.
func TestWordsToFindWith(t *testing.T) {
	t.Parallel()
	i := newInstance(&fakeStore{trace: call(t)})
	for path, want := range map[string]string{
		"/find/1/keys": `{"words":[{"text":"service.version","group":"resource","count":2},{"text":"attempt","group":"events","count":1},` +
			`{"text":"http.request.method","group":"attributes","count":1},{"text":"http.response.status_code","group":"attributes","count":1}],"limited":false}`,
		"/find/1/values?key=service.version":                 `{"words":[{"text":"1.2","count":2}],"limited":false}`,
		"/find/1/values?key=resource.service.version":        `{"words":[{"text":"1.2","count":2}],"limited":false}`,
		"/find/1/values?key=span.service.version":            `{"words":[],"limited":false}`,
		"/find/1/values?key=attempt":                         `{"words":[{"text":"2","count":1}],"limited":false}`,
		"/find/1/values?key=event&text=TR":                   `{"words":[{"text":"retry","count":1}],"limited":false}`,
		"/find/1/values?key=event&text=x":                    `{"words":[],"limited":false}`,
		"/find/1/values?key=http.response.status_code":       `{"words":[{"text":"200","count":1}],"limited":false}`,
		"/find/0101010101010101/values?key=no.such.key":      `{"words":[],"limited":false}`,
		"/find/0101010101010101/values?key=scope_name&text=": `{"words":[{"text":"otelhttp","count":1}],"limited":false}`,
	} {
		if w := get(i, path); w.Code != http.StatusOK || w.Body.String() != want {
			t.Errorf("%s: %d %s, want %s", path, w.Code, w.Body, want)
		}
	}
}

// No trace makes the list endless: it is cut, and says so.
func TestWordsToFindWithAreBounded(t *testing.T) {
	t.Parallel()
	read := call(t)
	for n := range maxFindKeys + 1 {
		read.Spans[0].Attributes = append(read.Spans[0].Attributes, span.Attribute{Key: fmt.Sprint("key.", n), Value: "1"})
	}
	for n := range maxFindValues + 1 {
		read.Spans[0].Attributes = append(read.Spans[0].Attributes, span.Attribute{Key: "many", Value: fmt.Sprint(n)})
	}
	read.Spans[0].Attributes = append(read.Spans[0].Attributes, span.Attribute{Key: "long", Value: strings.Repeat("x", maxFindText+1)})
	i := newInstance(&fakeStore{trace: read})
	for path, most := range map[string]int{"/find/1/keys": maxFindKeys, "/find/1/values?key=many": maxFindValues, "/find/1/values?key=long": 0} {
		body := get(i, path).Body.String()
		if n := strings.Count(body, `"text"`); n != most || !strings.Contains(body, `"limited":true`) {
			t.Errorf("%s: %d words, want %d: %.100s", path, n, most, body)
		}
	}
}
