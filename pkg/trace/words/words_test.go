package words_test

import (
	"testing"

	"github.com/throughline-io/throughline/pkg/trace/words"
)

func TestSayFillsNamesIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		entry string
		pairs []string
		want  string
	}{
		{"code", []string{"who", "web"}, "code of web"},
		{"wire tunnel", []string{"a", "n0", "b", "n1", "tunnel", "IPIP"}, "network, wire n0 → n1 (IPIP)"},
		{"code", []string{"who", "{who}"}, "code of {who}"}, // a value is no text to be filled in
		{"code", nil, "code of {who}"},
		{"no time", nil, "no time passed"},
		{"not in the catalog", []string{"who", "web"}, "not in the catalog"},
	} {
		if got := words.Say(c.entry, c.pairs...); got != c.want {
			t.Errorf("%q of %q reads %q, want %q", c.entry, c.pairs, got, c.want)
		}
	}
}

func TestOneOfAThingIsCountedInTheSingular(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0 spans", 1: "1 span", 2: "2 spans", 1000: "1000 spans"} {
		if got := words.Count(n, "span"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
