package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// docs/hooks.md says what the agent's code attaches to. The kernels themselves are tried by
// `go tool mage kernels` alone: it takes long.
func TestHooksInTheDocumentAreThoseOfTheCode(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", document))
	if err != nil {
		t.Fatal(err)
	}
	want, err := hooks()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), mark("hooks")+want) {
		t.Errorf("%s has other hooks than the code: run `go run ./test/kernel -hooks`. The code has\n%s", document, want)
	}
}

// A table's text goes between the marks of its name, and nowhere else.
func TestWriteLeavesTheRestOfTheDocument(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "doc.md")
	if err := os.WriteFile(path, []byte("before\n"+mark("a")+"old\n<!-- end -->\nbetween\n"+mark("b")+"stays\n<!-- end -->\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := write(path, "a", "new\n"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if want := "before\n" + mark("a") + "new\n<!-- end -->\nbetween\n" + mark("b") + "stays\n<!-- end -->\n"; err != nil || string(got) != want {
		t.Errorf("%v: %s\nwant %s", err, got, want)
	}
	if err := write(path, "c", ""); err == nil {
		t.Error("wrote a part that the document does not have")
	}
}
