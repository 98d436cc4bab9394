package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	testName = regexp.MustCompile("`(Test\\w+)`")
	wireFile = regexp.MustCompile("`([\\w-]+\\.txt)`")
	declared = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
)

// docs/protocols.md lists what real programs say that breaks parsers: each line names tests, or conversations that a test reads,
// and there are those.
func TestWhatProgramsSayIsTested(t *testing.T) {
	t.Parallel()
	const file, heading = "docs/protocols.md", "## What real programs say"
	_, section, ok := strings.Cut(read(t, file), "\n"+heading+"\n")
	section, _, more := strings.Cut(section, "\n## ")
	if !ok || !more {
		t.Fatalf("%s has no section %q", file, heading)
	}
	tests := declaredTests(t, "agent")
	rows := 0
	for line := range strings.Lines(section) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 5 || strings.HasPrefix(cells[1], "-") || strings.TrimSpace(cells[1]) == "said" {
			continue
		}
		rows++
		names, files := testName.FindAllStringSubmatch(cells[3], -1), wireFile.FindAllStringSubmatch(cells[3], -1)
		if len(names)+len(files) == 0 {
			t.Errorf("%s: no test of%s", file, cells[1])
		}
		for _, name := range names {
			if !tests[name[1]] {
				t.Errorf("%s: there is no %s", file, name[1])
			}
		}
		for _, name := range files {
			if _, err := os.Stat(filepath.Join(root, "agent/session/testdata/wire", name[1])); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
	if rows == 0 {
		t.Errorf("%s: %q has no table", file, heading)
	}
}

// declaredTests are the names of the tests below a folder.
func declaredTests(t *testing.T, folder string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(root, folder, "*/*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatal("no tests", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range declared.FindAllSubmatch(text, -1) {
			names[string(name[1])] = true
		}
	}
	return names
}
