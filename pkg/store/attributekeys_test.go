package store

import (
	"slices"
	"strings"
	"testing"
)

func TestKeysOfEvents(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "[]": "", "[": "", `"`: "", `[{"`: "", `{"a":{"b":1}}`: "",
		`[{"time":1,"name":"attributes","attributes":{"a":"x","b":{"c":1,"d":[{"attributes":{"no":1}}]},"e":2}},{"attributes":{"a":1,"f":"},{\"g\":1"}}]`: "a b e a f",
		`[{"name":"{","attributes":{"a\"b":1,"c":"\\"}}]`: "c",
		`[{"other":{"x":1},"attributes":{}}]`:             "",
	} {
		var got []string
		eventKeys([]byte(text), func(key []byte) { got = append(got, string(key)) })
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func FuzzEventKeys(f *testing.F) {
	f.Add([]byte(`[{"time":1,"name":"e","attributes":{"a":"x\"","b":{"c":1}}}]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		eventKeys(text, func(key []byte) {
			if len(key) == 0 {
				t.Error("an empty key")
			}
		})
	})
}

// Keys are offered of spans, resources and events; once stored they are not sent again.
func TestKeysOfAttributesAreKept(t *testing.T) {
	t.Parallel()
	s := open(t)
	insert(t, s, checkout(1, start))
	insert(t, s, checkout(2, start+minute))
	tags, err := s.TagKeys(t.Context(), TagsQuery{From: start - minute, To: start + minute})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, tag := range tags {
		got = append(got, tag.Place+"."+tag.Key)
	}
	want := []string{
		"span.app.amount", "span.app.card",
		"resource.deployment.environment.name", "resource.host.name", "resource.k8s.deployment.name", "resource.k8s.namespace.name", "resource.k8s.pod.name", "resource.service.name", "resource.service.namespace",
		"event.attempt", "event.exception.message", "event.exception.type", "event.retry",
	}
	if !slices.Equal(got, want) {
		t.Errorf("keys %q, want %q", got, want)
	}
	if n := text(t, s, "SELECT count() FROM attribute_keys"); n != "13" {
		t.Errorf("%s rows", n)
	}
}

// Values are offered wherever the key stands.
func TestValuesOfEveryPlace(t *testing.T) {
	t.Parallel()
	s := open(t)
	insert(t, s, checkout(1, start))
	for name, want := range map[string][]string{
		"app.card": {"visa"}, "k8s.pod.name": {"shop-0"}, "service.namespace": {"store"}, "exception.type": {"IllegalState"}, "attempt": {"3"}, "event.attempt": {"3"},
		"namespace": {"money", "store"}, "workload": {"payment-v2"}, "pod": {"shop-0"}, "node": {"node7"}, "name": {"Charge", "POST /checkout"}, "status_message": {"card refused"},
		"scope_name": {"otel-java"}, "scope_version": {"2.1"}, "event": {"exception"}, "kind": {"INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"}, "root": {"true", "false"},
		"source": {"APP", "SYS", "NET"}, "nothing": {},
	} {
		got, err := s.Values(t.Context(), ValuesQuery{Name: name, From: start - minute, To: start + minute})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v; want %q", name, got, err, want)
		}
	}
	got, err := s.Values(t.Context(), ValuesQuery{Name: "status", Pattern: "*error*"})
	if err != nil || !slices.Equal(got, []string{"error", "client error", "server error"}) {
		t.Errorf("status: %q, %v", got, err)
	}
	if got, err = s.Values(t.Context(), ValuesQuery{Name: "workload", Namespace: "money|nowhere"}); err != nil || !slices.Equal(got, []string{"payment-v2"}) {
		t.Errorf("workloads of a namespace: %q, %v", got, err)
	}
}

// A store whose server keeps no keys yet is searched as before.
func TestAStoreWithoutKeys(t *testing.T) {
	t.Parallel()
	s := open(t)
	insert(t, s, checkout(1, start))
	execute(t, s, "DROP TABLE attribute_keys")
	if got := searched(t, s, SearchQuery{Attributes: map[string]string{"app.card": "visa"}}); len(got) != 1 {
		t.Errorf("found %+v", got)
	}
	tags, err := s.TagKeys(t.Context(), TagsQuery{From: start - minute, To: start + minute})
	if err != nil || len(tags) != 2 {
		t.Errorf("keys %+v, %v", tags, err)
	}
	if why, err := s.WhyNothing(t.Context(), SearchQuery{Attributes: map[string]string{"no": "1"}}); err != nil || !strings.Contains(why[0], "no span of that time has no=1") {
		t.Errorf("%q, %v", why, err)
	}
}

// Hostile texts are found in events as they are in attributes.
func TestHostileTextsInEvents(t *testing.T) {
	t.Parallel()
	s := open(t)
	x := app(1, traceID(1), 1)
	x.Events = `[{"name":"it's","attributes":{"k'\"":"v'\\\"%_","n":12.5,"u":"ü🙂"}}]`
	insert(t, s, batch(x))
	for _, f := range []Filter{
		{Key: "event", Values: []string{"it's"}}, {Key: "n", Values: []string{"12.5"}}, {Key: "n", Operator: AtLeast, Values: []string{"12"}}, {Key: "u", Values: []string{"ü🙂"}},
	} {
		if got := found(t, s, SearchQuery{Filters: []Filter{f}}); !slices.Equal(got, []uint64{x.ID}) {
			t.Errorf("%s: found %x", f, got)
		}
	}
	for _, text := range hostile {
		for _, key := range []string{"event", "event." + text, "resource." + text, "n"} {
			if _, err := s.Search(t.Context(), SearchQuery{Scope: ScopeRoots, Filters: []Filter{{Key: key, Values: []string{text}}}}); err != nil {
				t.Errorf("%q %q: %v", key, text, err)
			}
			if _, err := s.Values(t.Context(), ValuesQuery{Name: key, Pattern: text}); err != nil {
				t.Errorf("values of %q like %q: %v", key, text, err)
			}
		}
	}
}
