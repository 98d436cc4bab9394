package trace

import (
	"regexp"
	"strings"
)

// minHex is how long a run of hex digits is at least that stands for an id: shorter ones
// are words ("add", "c3").
const minHex = 4

var (
	foldable = regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|[0-9A-Za-z]+`)
	numbers  = regexp.MustCompile(`[0-9]+`)
)

// Fold replaces what differs between names of the same work by #: numbers, and words of
// hex digits such as ids and UUIDs. "chunk 7" and "chunk 12" are of one kind, "fetch 9f3a"
// and "fetch 11ab" too. src/trace/fold.ts is its twin; testdata/fold.json holds for both.
func Fold(name string) string {
	if !strings.ContainsAny(name, "0123456789") {
		return name
	}
	return foldable.ReplaceAllStringFunc(name, func(word string) string {
		digits := strings.ContainsAny(word, "0123456789")
		switch {
		case !digits:
			return word
		case len(word) >= minHex && strings.Trim(word, "0123456789abcdefABCDEF-") == "":
			return "#"
		}
		return numbers.ReplaceAllString(word, "#")
	})
}
