package docs

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

var (
	fenced   = regexp.MustCompile("(?s)```(?:sh|bash|go)?\n(.*?)```")
	inline   = regexp.MustCompile("`([^`\n]+)`")
	program  = regexp.MustCompile(`(?:^|[\s/(])throughline((?: [a-zA-Z./*:$"'{}<>-][^\s;|&#)]*| \d\S*)*)`)
	mage     = regexp.MustCompile(`\bgo tool mage ([a-z]\w*)`)
	npm      = regexp.MustCompile(`\bnpm run (?:--silent )?([a-z][\w:]*)`)
	goTest   = regexp.MustCompile(`\bgo (?:test|run|generate|build) (.*)`)
	selected = regexp.MustCompile(`-(?:run|bench|fuzz)[ =]'?(\w+)`)
	file     = regexp.MustCompile(`(?:^|[\s"'(=])((?:agent|bench|bpf|certificate|cmd|demo|deploy|docs|pkg|provisioning|server|spool|src|test|testdata)/[\w./-]*\w)`)
)

// told is what a document says in code: a line of a block, or the inside of a pair of backticks.
type told struct{ document, text string }

func codeOf(t *testing.T) (all []told) {
	t.Helper()
	for _, document := range documents(t) {
		b, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		name, text := strings.TrimPrefix(document, root+"/"), strings.ReplaceAll(string(b), "\\\n", " ")
		for _, m := range fenced.FindAllStringSubmatch(text, -1) {
			for line := range strings.Lines(m[1]) {
				all = append(all, told{name, strings.TrimSpace(line)})
			}
		}
		for _, m := range inline.FindAllStringSubmatch(strings.ReplaceAll(fenced.ReplaceAllString(text, ""), "\n", " "), -1) {
			all = append(all, told{name, m[1]})
		}
	}
	return all
}

// Commands of throughline that a document names are there, with the flags that it gives them.
func TestCommandsOfDocuments(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, c := range codeOf(t) {
		for _, m := range program.FindAllStringSubmatch(c.text, -1) {
			words := strings.Fields(m[1])
			path := 0
			help := helpOf(t)
			for path < len(words) && strings.Contains(help, "\n  "+words[path]+" ") {
				path++
				help = helpOf(t, words[:path]...)
			}
			if path == 0 {
				continue // the name of the program, or of something else
			}
			seen++
			if path < len(words) && strings.Contains(help, "Available Commands:") && regexp.MustCompile(`^[a-z]+$`).MatchString(words[path]) {
				t.Errorf("%s: %q: throughline %s has no command %s", c.document, c.text, strings.Join(words[:path], " "), words[path])
			}
			if strings.Contains(help, "Available Commands:") && path < len(words) && regexp.MustCompile(`^[A-Z]+$`).MatchString(words[path]) {
				t.Errorf("%s: %q: throughline %s takes no argument but a command", c.document, c.text, strings.Join(words[:path], " "))
			}
			for _, f := range flag.FindAllStringSubmatch(m[1], -1) {
				if !strings.Contains(help, "--"+f[1]+" ") && !strings.Contains(help, "--"+f[1]+"\n") {
					t.Errorf("%s: %q: throughline %s has no flag --%s", c.document, c.text, strings.Join(words[:path], " "), f[1])
				}
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d commands found in documents", seen)
	}
}

// Flags that a document names alone are flags of some command of ours.
func TestFlagsOfDocuments(t *testing.T) {
	t.Parallel()
	known := ""
	for _, dir := range []string{"cmd", "bench", "test", "src/panel/dev", "demo"} {
		known += sourcesUnder(t, dir)
	}
	alone := regexp.MustCompile(`^--([a-z][a-z-]+)`)
	for _, c := range codeOf(t) {
		if m := alone.FindStringSubmatch(c.text); m != nil && !strings.Contains(known, `"`+m[1]+`"`) && !strings.Contains(known, "--"+m[1]) && !regexp.MustCompile(`\b`+m[1]+`: \{ type:`).MatchString(known) {
			t.Errorf("%s: %q: no program of ours has it", c.document, c.text)
		}
	}
}

// What documents call by mage and npm is there to be called.
func TestTargetsOfDocuments(t *testing.T) {
	t.Parallel()
	var manifest struct{ Scripts map[string]string }
	if err := json.Unmarshal([]byte(read(t, "package.json")), &manifest); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, "[mM]age*.go"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	targets := ""
	for _, f := range files {
		targets += read(t, filepath.Base(f))
	}
	for _, c := range codeOf(t) {
		for _, m := range mage.FindAllStringSubmatch(c.text, -1) {
			if !regexp.MustCompile(`(?i)\nfunc ` + m[1] + `\(`).MatchString(targets) {
				t.Errorf("%s: %q: mage has no target %s", c.document, c.text, m[1])
			}
		}
		for _, m := range npm.FindAllStringSubmatch(c.text, -1) {
			if manifest.Scripts[m[1]] == "" {
				t.Errorf("%s: %q: package.json has no script %s", c.document, c.text, m[1])
			}
		}
	}
}

// Packages that documents let Go test or run are there, and so are the tests that they choose.
func TestGoCommandsOfDocuments(t *testing.T) {
	t.Parallel()
	for _, c := range codeOf(t) {
		m := goTest.FindStringSubmatch(c.text)
		if m == nil {
			continue
		}
		tests := ""
		for _, word := range strings.Fields(m[1]) {
			if dir, ok := strings.CutPrefix(word, "./"); ok {
				dir = strings.TrimSuffix(strings.TrimRight(dir, ".,;:"), "/...")
				if _, err := os.Stat(filepath.Join(root, dir)); err != nil {
					t.Errorf("%s: %q: there is no %s", c.document, c.text, dir)
				}
				tests += sourcesUnder(t, dir)
			}
		}
		for _, s := range selected.FindAllStringSubmatch(m[1], -1) {
			if tests != "" && !regexp.MustCompile(`\nfunc (?:Test|Benchmark|Fuzz)\w*`+strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(s[1], "Test"), "Benchmark"), "Fuzz")).MatchString(tests) {
				t.Errorf("%s: %q: there is no test %s", c.document, c.text, s[1])
			}
		}
	}
}

// Files that documents name in code are there, from the repository's root or from the document.
func TestFilesOfDocuments(t *testing.T) {
	t.Parallel()
	for _, c := range codeOf(t) {
		if c.document == "docs/comparison.md" {
			continue // files of others
		}
		for _, m := range file.FindAllStringSubmatch(c.text, -1) {
			from := filepath.Dir(filepath.Join(root, c.document))
			if !slices.ContainsFunc([]string{root, from, filepath.Join(root, "src"), filepath.Join(root, "src/panel")}, func(dir string) bool {
				found, _ := filepath.Glob(filepath.Join(dir, m[1]+"*"))
				return len(found) > 0
			}) {
				t.Errorf("%s: %q: there is no %s", c.document, c.text, m[1])
			}
		}
	}
}

var (
	built  = sync.OnceValues(build)
	helped sync.Map
)

func TestMain(m *testing.M) {
	code := m.Run()
	if bin, err := built(); err == nil {
		os.RemoveAll(filepath.Dir(bin))
	}
	os.Exit(code)
}

// build makes the program, which alone knows its flags.
func build() (string, error) {
	dir, err := os.MkdirTemp("", "throughline-docs")
	if err != nil {
		return "", err
	}
	out := filepath.Join(dir, "throughline")
	cmd := exec.Command("go", "build", "-o", out, "./cmd/throughline")
	cmd.Dir = root
	b, err := cmd.CombinedOutput()
	if err != nil {
		return string(b), err
	}
	return out, nil
}

func helpOf(t *testing.T, command ...string) string {
	t.Helper()
	key := strings.Join(command, " ")
	if known, ok := helped.Load(key); ok {
		return known.(string)
	}
	bin, err := built()
	if err != nil {
		t.Fatal(err, bin)
	}
	b, err := exec.Command(bin, append(slices.Clone(command), "--help")...).Output()
	if err != nil {
		t.Fatal(key, err)
	}
	helped.Store(key, string(b))
	return string(b)
}

// sourcesUnder is the text of all sources in a folder.
func sourcesUnder(t *testing.T, dir string) (all string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && (d.Name() == "dist" || d.Name() == "node_modules") {
				return filepath.SkipDir
			}
			return err
		}
		if slices.Contains([]string{".go", ".mjs", ".ts", ".tsx"}, filepath.Ext(path)) {
			b, err := os.ReadFile(path)
			all += string(b)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
