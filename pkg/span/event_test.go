package span

import (
	"reflect"
	"testing"
)

func TestReadEvents(t *testing.T) {
	t.Parallel()
	got, err := ReadEvents(`[{"time":1790000000000000001,"name":"retry","attributes":{"b":"x","a":2,"rate":1.0,"ok":true,"list":[1,"two"],"none":null}},{"time":18446744073709551615,"name":"","dropped":7}]`)
	if err != nil {
		t.Fatal(err)
	}
	want := []Event{
		{1_790_000_000_000_000_001, "retry", []Attribute{
			{"b", "x", AttributeString}, {"a", "2", AttributeInt}, {"rate", "1.0", AttributeDouble}, {"ok", "true", AttributeBool},
			{"list", `[1,"two"]`, AttributeJSON}, {"none", "", AttributeString},
		}, 0},
		{1<<63 - 1, "", nil, 7},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestReadLinks(t *testing.T) {
	t.Parallel()
	got, err := ReadLinks(`[{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","trace_state":"v=1","attributes":{"offset":3},"dropped":1,"flags":769},{"trace_id":"soon","span_id":""}]`)
	if err != nil {
		t.Fatal(err)
	}
	traceID, _ := ParseTraceID("4bf92f3577b34da6a3ce929d0e0e4736")
	spanID, _ := ParseSpanID("00f067aa0ba902b7")
	want := []Link{{traceID, spanID, "v=1", []Attribute{{"offset", "3", AttributeInt}}, 1, 769}, {}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestEventsThatAreNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"{", "7", `"x"`, `[{"attributes":[1]}]`, `[{"time":"soon"}]`, `[{"attributes":{"a":}}]`} {
		if e, err := ReadEvents(text); err == nil {
			t.Errorf("ReadEvents(%s) = %v, want an error", text, e)
		}
		if l, err := ReadLinks(text); err == nil && text != `[{"time":"soon"}]` {
			t.Errorf("ReadLinks(%s) = %v, want an error", text, l)
		}
	}
	for _, text := range []string{"", "[]", "null"} {
		if e, err := ReadEvents(text); err != nil || len(e) != 0 {
			t.Errorf("ReadEvents(%q) = %v, %v, want none", text, e, err)
		}
	}
}
