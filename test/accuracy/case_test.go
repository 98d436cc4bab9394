package main

import "testing"

func TestCasesAreChosenByName(t *testing.T) {
	t.Parallel()
	for names, want := range map[string][]string{"nginx": {"nginx"}, "go-h*,haproxy": {"go-http", "go-http-otel", "haproxy"}} {
		got, err := choose(names, true)
		if err != nil || len(got) != len(want) {
			t.Fatalf("%s: %v, %v", names, got, err)
		}
		for i, c := range got {
			if c.Name != want[i] {
				t.Errorf("%s: %s, want %s", names, c.Name, want[i])
			}
		}
	}
	if _, err := choose("go-http,nothing", false); err == nil {
		t.Error("a case that is not there is chosen")
	}
}

// A floor of a case that the short form does not have, or of a way that is none, would never hold.
func TestFloorsAreOfTheShortForm(t *testing.T) {
	t.Parallel()
	short := map[string]bool{}
	for _, c := range cases {
		short[c.Name] = c.Short
	}
	for name, floors := range leastRight {
		if !short[name] {
			t.Errorf("%s has floors and is not in the short form", name)
		}
		for way := range floors {
			if at, err := chooseWays(way); err != nil || len(at) != 1 {
				t.Errorf("%s: %s: %v, %v", name, way, at, err)
			}
		}
	}
}

// A session has a span at both ends; what stays in a pod passes no interface.
func TestSpansOfARequest(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][3]int{ // calls to link, spans of system calls, of packets
		"nginx": {1, 4, 4}, "go-http": {2, 6, 6}, "go-errgroup": {3, 8, 8}, "sidecar-nginx": {2, 6, 4}, "nginx-go": {3, 8, 8},
	} {
		for _, c := range cases {
			if got := [3]int{c.calls(), c.sys(), c.net()}; c.Name == name && got != want {
				t.Errorf("%s: %v, want %v", name, got, want)
			}
		}
	}
}
