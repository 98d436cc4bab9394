// Package words is the catalog of what is said about a trace: where its time went, what
// failed, what ran on. The backend and the front end read the same file, so that a header,
// a list, the API and the command line say the same.
package words

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed words.json
var file []byte

var catalog = func() map[string]string {
	var c map[string]string
	if err := json.Unmarshal(file, &c); err != nil {
		panic(fmt.Sprintf("words.json: %v", err)) // it is compiled in
	}
	return c
}()

// Say is the entry's text with the {names} in it filled in by pairs of name and value. A
// name without a value stays as it is; an entry that is not there is a mistake in the code
// and reads as its own name.
func Say(entry string, pairs ...string) string {
	text, ok := catalog[entry]
	if !ok {
		return entry
	}
	room := len(text)
	for i := 1; i < len(pairs); i += 2 {
		room += len(pairs[i])
	}
	var b strings.Builder
	b.Grow(room)
	for {
		before, rest, open := strings.Cut(text, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !open || !closed {
			break
		}
		b.WriteString(before)
		b.WriteString(value(name, pairs))
		text = after
	}
	b.WriteString(text)
	return b.String()
}

func value(name string, pairs []string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == name {
			return pairs[i+1]
		}
	}
	return "{" + name + "}"
}
