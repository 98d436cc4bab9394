// Package throughline holds the tests of the repository itself: which package may import
// which, and what Grafana's plugin review refuses.
package throughline

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/throughline-io/throughline/"

// mayImport names, for each part of the tree, the parts of ours that it may import. A part
// may always import itself. What is not listed may import nothing of ours.
var mayImport = map[string][]string{
	"pkg/span":              {},
	"pkg/trace":             {"pkg/span"},
	"pkg/wire":              {"pkg/span"},
	"pkg/otlp":              {"pkg/span"},
	"pkg/otlptrace":         {"pkg/span", "pkg/otlp", "pkg/trace"},
	"pkg/saved":             {"pkg/span", "pkg/otlp", "pkg/trace"},
	"pkg/store":             {"pkg/span"},
	"pkg/plugin":            {"pkg/span", "pkg/trace", "pkg/store", "pkg/otlp", "pkg/otlptrace", "pkg/saved"},
	"pkg":                   {"pkg/plugin"},
	"bpf":                   {},
	"spool":                 {},
	"certificate":           {},
	"agentgroup":            {},
	"agent":                 {"agentgroup", "bpf", "spool", "certificate", "pkg/span", "pkg/wire", "pkg/otlp"},
	"server":                {"agentgroup", "spool", "certificate", "pkg/span", "pkg/trace", "pkg/store", "pkg/wire", "pkg/otlp", "pkg/otlptrace", "pkg/saved"},
	"cmd/throughline":       {"agent", "agentgroup", "server", "certificate", "demo", "pkg/span", "pkg/trace", "pkg/saved", "pkg/store", "pkg/wire"},
	"cmd/throughline-store": {},
	"demo":                  {"pkg/span", "pkg/trace", "test/compare"},
	"test/compare":          {},
	"test":                  {"agent", "agentgroup", "server", "spool", "certificate", "demo", "pkg", "cmd", "bpf"},
	"bench":                 {"agent", "agentgroup", "server", "spool", "certificate", "demo", "pkg", "cmd", "bpf", "test"},
}

// testsMayImport is what test files may import beyond that: fixtures and real servers.
var testsMayImport = []string{"pkg/trace", "pkg/store", "pkg/span", "pkg/wire", "server", "test"}

// Imports point one way, so that a part can be understood without those built on it.
func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	for _, file := range goFiles(t) {
		from := part(filepath.Dir(file))
		if from == "" {
			continue // the root: this test and Magefile.go
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			to, ours := strings.CutPrefix(path, module)
			if !ours || within(to, from) {
				continue
			}
			allowed := mayImport[from]
			if strings.HasSuffix(file, "_test.go") || strings.Contains(file, "test/") {
				allowed = append(allowed[:len(allowed):len(allowed)], testsMayImport...)
			}
			if !anyWithin(to, allowed) {
				t.Errorf("%s: %s may not import %s (see mayImport)", file, from, to)
			}
		}
	}
}

// Grafana's review of plugins scans pkg/ and refuses code that touches the machine it runs
// on: files, the environment, other programs and system calls.
func TestReviewRules(t *testing.T) {
	t.Parallel()
	refused := map[string][]string{ // import path -> names; none: the whole package
		"os":                    {"Open", "OpenFile", "ReadFile", "WriteFile", "ReadDir", "Stat", "Create", "Remove", "RemoveAll", "Mkdir", "MkdirAll", "Environ", "Getenv", "LookupEnv"},
		"path/filepath":         {"Walk", "WalkDir", "Glob"},
		"os/exec":               nil,
		"syscall":               nil,
		"io/ioutil":             nil,
		"golang.org/x/sys/unix": nil,
	}
	for _, file := range goFiles(t) {
		if !within(file, "pkg") || strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]string{} // local name -> import path
		for _, spec := range f.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			bad, known := refused[path]
			if !known {
				continue
			}
			if bad == nil {
				t.Errorf("%s imports %s", file, path)
			}
			name := path[strings.LastIndex(path, "/")+1:]
			if spec.Name != nil {
				name = spec.Name.Name
			}
			names[name] = path
		}
		ast.Inspect(f, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Obj == nil {
				for _, bad := range refused[names[x.Name]] {
					if sel.Sel.Name == bad {
						t.Errorf("%s uses %s.%s", file, x.Name, bad)
					}
				}
			}
			return true
		})
	}
}

// Names that say nothing collect everything.
func TestPackagesAreNamedAfterNouns(t *testing.T) {
	t.Parallel()
	for _, file := range goFiles(t) {
		switch base := filepath.Base(filepath.Dir(file)); base {
		case "util", "utils", "common", "helper", "helpers", "misc", "shared", "base":
			t.Errorf("%s: a package called %s will collect everything", file, base)
		}
	}
}

func goFiles(t *testing.T) (files []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			switch d.Name() {
			case "node_modules", "dist", "bin", ".git", "testdata":
				return filepath.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(path, ".go") {
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// part is the longest entry of mayImport that the folder lies in.
func part(dir string) (best string) {
	for p := range mayImport {
		if within(dir, p) && len(p) > len(best) {
			best = p
		}
	}
	return best
}

func within(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

func anyWithin(path string, dirs []string) bool {
	for _, d := range dirs {
		if within(path, d) {
			return true
		}
	}
	return false
}

// The table of docs/architecture.md says what mayImport does, wherever it says anything.
func TestArchitectureSaysWhatMayImportWhat(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile("`([a-z/]+)`")
	rows := 0
	for line := range strings.Lines(string(b)) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || !strings.Contains(cells[1], "`") {
			continue
		}
		parts, said := name.FindAllStringSubmatch(cells[1], -1), name.FindAllStringSubmatch(cells[3], -1)
		if len(said) == 0 && strings.TrimSpace(cells[3]) != "none" {
			continue // it says nothing
		}
		for _, part := range parts {
			rows++
			allowed, ok := mayImport[part[1]]
			var given []string
			for _, s := range said {
				given = append(given, s[1])
			}
			slices.Sort(given)
			if want := slices.Sorted(slices.Values(allowed)); !ok || !slices.Equal(given, want) {
				t.Errorf("architecture.md: %s may import %v; it may import %v", part[1], given, want)
			}
		}
	}
	if rows < 10 {
		t.Errorf("only %d rows found", rows)
	}
}
