package tempo

import (
	"net/http"
	"slices"
	"strings"

	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/server/lookup"
)

// Limits of names and values in an answer.
const mostTags = 1000

// scope are the tags of one scope.
type scope struct {
	Name string   `json:"name"`
	Tags []string `json:"tags"`
}

// intrinsicTags are the fields that every span has and that can be asked for.
var intrinsicTags = []string{"duration", "event:name", "instrumentation:name", "instrumentation:version", "kind", "name", "status", "statusMessage"}

// scopes are the names of tags: those that were stored, and of resources those by which system calls
// and packets are found, too.
func (a *api) scopes(r *http.Request) ([]scope, error) {
	v := r.URL.Query()
	q := store.TagsQuery{}
	var err error
	if q.From, q.To, err = during(r); err != nil {
		return nil, err
	}
	if q.Limit, err = lookup.Number("limit", v.Get("limit"), mostTags, mostTags); err != nil {
		return nil, err
	}
	keys, err := a.store.TagKeys(r.Context(), q)
	if err != nil {
		return nil, lookup.OfStore(err)
	}
	all := map[string][]string{"intrinsic": slices.Clone(intrinsicTags), "span": {}, "event": {}}
	for k := range identities {
		all["resource"] = append(all["resource"], k)
	}
	for _, k := range keys {
		all[k.Place] = append(all[k.Place], k.Key)
	}
	want := v.Get("scope")
	out := []scope{}
	for _, name := range []string{"resource", "span", "event", "intrinsic"} {
		if want != "" && want != "none" && want != name {
			continue
		}
		slices.Sort(all[name])
		out = append(out, scope{name, slices.Compact(all[name])})
	}
	return out, nil
}

func (a *api) tagsV2(w http.ResponseWriter, r *http.Request) error {
	scopes, err := a.scopes(r)
	if err != nil {
		return err
	}
	return answer(w, map[string]any{"scopes": scopes, "metrics": struct{}{}})
}

func (a *api) tags(w http.ResponseWriter, r *http.Request) error {
	scopes, err := a.scopes(r)
	if err != nil {
		return err
	}
	names := []string{}
	for _, s := range scopes {
		if s.Name != "intrinsic" || r.URL.Query().Get("scope") == "intrinsic" {
			names = append(names, s.Tags...)
		}
	}
	slices.Sort(names)
	return answer(w, map[string]any{"tagNames": slices.Compact(names), "metrics": struct{}{}})
}

// named are the values of a tag. q, by which Explore narrows them to what its other fields say, does
// so as far as a namespace, a service or a protocol is said; otherwise all are answered.
func (a *api) named(r *http.Request) (k string, list []string, err error) {
	name := r.PathValue("name")
	if len(name) > 256 {
		return "", nil, lookup.Bad("the name of a tag has at most 256 bytes")
	}
	if k, err = key(name); err != nil {
		if strings.Contains(name, ":") || name == "nestedSetParent" || name == "rootName" || name == "rootServiceName" || name == "traceDuration" {
			return "", nil, nil // it has values, which nobody lists
		}
		k = anywhere(name) // of version 1: an attribute, wherever it stands
		if mapped, ok := identities[name]; ok {
			k = mapped
		}
	}
	if k == "duration" {
		return k, nil, nil
	}
	v := r.URL.Query()
	q := store.ValuesQuery{Name: k}
	if q.From, q.To, err = during(r); err != nil {
		return "", nil, err
	}
	if q.Limit, err = lookup.Number("limit", v.Get("limit"), mostTags, mostTags); err != nil {
		return "", nil, err
	}
	narrow(&q, v.Get("q"))
	list, err = a.store.Values(r.Context(), q)
	return k, list, lookup.OfStore(err)
}

// narrow is for suggestions: what it cannot read it leaves out.
func narrow(q *store.ValuesQuery, text string) {
	asked, err := parse(text)
	if err != nil {
		return
	}
	for _, f := range asked.filters {
		if f.Operator != store.Equal || f.Not || len(f.Values) != 1 || f.Key == q.Name {
			continue
		}
		switch f.Key {
		case "namespace":
			q.Namespace = f.Values[0]
		case "service":
			q.Service = f.Values[0]
		}
	}
}

func (a *api) values(w http.ResponseWriter, r *http.Request) error {
	_, list, err := a.named(r)
	if err != nil {
		return err
	}
	if list == nil {
		list = []string{}
	}
	return answer(w, map[string]any{"tagValues": list, "metrics": struct{}{}})
}

type tagValue struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// valuesV2 says of each value whether it stands in quotes: status and kind are words.
func (a *api) valuesV2(w http.ResponseWriter, r *http.Request) error {
	k, list, err := a.named(r)
	if err != nil {
		return err
	}
	typ := "string"
	if k == "status" || k == "kind" {
		typ = "keyword"
	}
	out := []tagValue{}
	for _, v := range list {
		if k == "status" && v != "error" && v != "ok" && v != "unset" {
			continue // TraceQL has these
		}
		if k == "kind" {
			v = strings.ToLower(v)
		}
		out = append(out, tagValue{typ, v})
	}
	return answer(w, map[string]any{"tagValues": out, "metrics": struct{}{}})
}
