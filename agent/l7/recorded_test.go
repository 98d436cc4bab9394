package l7_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/agent/session/sessiontest"
)

// recordings are whose protocol a recorded conversation is, by what its file's name begins with, where that is not the
// protocol's own.
var recordings = map[string]string{"mariadb": "MySQL", "postgres": "PostgreSQL", "grpc": "HTTP2", "websocket": "WebSocket"}

// Every short prefix of what real programs said is taken cleanly by its protocol, captured whole or cut off. Every protocol has
// such.
func TestEveryPrefixOfWhatWasRecorded(t *testing.T) {
	t.Parallel()
	const longest = 300
	files, err := filepath.Glob("../session/testdata/wire/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c, err := sessiontest.Read(string(text))
		if err != nil {
			t.Fatal(file, err)
		}
		named, _, _ := strings.Cut(filepath.Base(file), "-")
		if name := recordings[named]; name != "" {
			named = name
		}
		i := slices.IndexFunc(everything, func(p *l7.Protocol) bool { return strings.EqualFold(p.Name, named) })
		if i < 0 {
			t.Fatalf("%s is of no protocol", file)
		}
		p, seen := everything[i], map[string]bool{}
		for _, said := range c.Said {
			message := said.Segment.Data
			form := string(message[:min(len(message), 8)])
			if seen[form] { // there was one like it
				continue
			}
			seen[form] = true
			count[p.Name]++
			for n := range min(len(message), longest) + 1 {
				p.Detect(message[:n])
				for _, missing := range []int{0, 1, 100_000} {
					resume(p, message[:n], missing)
					for _, request := range []bool{said.Client, !said.Client} {
						if err := walk(p, request, "", message[:n], missing); err != nil {
							t.Fatal(file, err)
						}
					}
				}
			}
		}
	}
	for _, p := range append(slices.Clone(l7.All), &l7.WebSocket) {
		if count[p.Name] == 0 {
			t.Errorf("%s: nothing of it was recorded", p.Name)
		}
	}
	t.Log("messages", count)
}
