package plugin

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/throughline-io/throughline/pkg/store"
)

// tagKeysOfSpans are the keys of filters that every span has.
var tagKeysOfSpans = []string{
	"namespace", "workload", "service", "pod", "node", "protocol", "request_resource", "name", "kind", "status", "code", "duration", "source", "point",
	"status_message", "scope_name", "scope_version", "event", "root",
}

// tagGroups are the groups of the other keys, by where the attribute stands.
var tagGroups = map[string]string{"span": "attributes", "resource": "resource", "event": "events"}

// suggestedFields are the fields of a query and the keys that their values are of.
var suggestedFields = map[string]string{
	"namespace": "namespace", "workload": "workload", "service": "service", "pod": "pod", "node": "node", "protocol": "protocol",
	"requestResource": "request_resource", "status": "status", "source": "source", "point": "point", "name": "name", "kind": "kind",
}

// option is a value to choose.
type option struct {
	Text  string `json:"text"`
	Group string `json:"group,omitempty"`
}

// listed are an answer's values with what was left out of them.
type listed struct {
	Values  []option `json:"values"`
	LeftOut []string `json:"leftOut"`
}

// withLeftOut answers with a list of values: by itself, as Grafana's filters want it, or
// where the form says ?leftOut=true together with what is not in it.
func withLeftOut(list func(r *http.Request) (any, error)) func(r *http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		if r.URL.Query().Get("leftOut") != "true" {
			return list(r)
		}
		out := listed{LeftOut: []string{}}
		var mu sync.Mutex
		v, err := list(r.WithContext(store.Reporting(r.Context(), func(why string) {
			mu.Lock()
			defer mu.Unlock()
			out.LeftOut = append(out.LeftOut, why)
		})))
		if err != nil {
			return nil, err
		}
		out.Values = v.([]option)
		return out, nil
	}
}

// tagKeysResource is GET tag-keys: what filters can be about.
func (i *Instance) tagKeysResource(r *http.Request) (any, error) {
	during, err := formRange(r)
	if err != nil {
		return nil, err
	}
	from, to := bounds(during)
	keys, err := i.store.TagKeys(r.Context(), store.TagsQuery{From: from, To: to, Limit: maxValues})
	if err != nil {
		return nil, err
	}
	out := []option{}
	for _, k := range tagKeysOfSpans {
		out = append(out, option{Text: k})
	}
	for _, k := range keys {
		out = append(out, option{Text: k.Key, Group: tagGroups[k.Place]})
	}
	return out, nil
}

// tagValuesResource is GET tag-values?key=...
func (i *Instance) tagValuesResource(r *http.Request) (any, error) {
	form := r.URL.Query()
	return i.choices(r, form.Get("key"), form.Get("pattern"))
}

// suggestionsResource is GET suggestions?field=...&text=...: values that contain the text.
func (i *Instance) suggestionsResource(r *http.Request) (any, error) {
	form := r.URL.Query()
	field := form.Get("field")
	key, known := suggestedFields[field]
	if attribute, ok := strings.CutPrefix(field, "attribute:"); ok {
		key, known = attribute, attribute != ""
	}
	if !known {
		return nil, badInput(fmt.Errorf("field %q has no suggestions", field))
	}
	pattern := ""
	if text := strings.Trim(form.Get("text"), "*"); text != "" {
		pattern = "*" + text + "*"
	}
	return i.choices(r, key, pattern)
}

// choices are the values of a key, narrowed by what the form says of the others.
func (i *Instance) choices(r *http.Request, key, pattern string) (any, error) {
	out := []option{}
	form := r.URL.Query()
	q := query{Name: key, Pattern: pattern, Namespace: form.Get("namespace"), Workload: form.Get("workload"), Service: form.Get("service"), Protocol: form.Get("protocol")}
	if text := form.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, badInput(fmt.Errorf("limit=%q is no number", text))
		}
		q.Limit = n
	}
	if err := q.check(); err != nil {
		return nil, err
	}
	q.clean()
	during, err := formRange(r)
	if err != nil {
		return nil, err
	}
	values, err := i.values(r.Context(), q, during)
	if err != nil {
		return nil, err
	}
	for _, v := range values {
		out = append(out, option{Text: v})
	}
	return out, nil
}

// formRange reads from and to, in Unix milliseconds.
func formRange(r *http.Request) (during backend.TimeRange, err error) {
	form := r.URL.Query()
	for _, end := range []struct {
		name string
		at   *time.Time
	}{{"from", &during.From}, {"to", &during.To}} {
		if text := form.Get(end.name); text != "" {
			ms, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return during, badInput(fmt.Errorf("%s=%q is no time in Unix milliseconds", end.name, text))
			}
			*end.at = time.UnixMilli(ms)
		}
	}
	return during, nil
}
