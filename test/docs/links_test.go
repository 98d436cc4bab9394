// Package docs holds tests of what documents and deployment files say: links lead
// somewhere, flags and parameters are those of the programs.
package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// root is the repository's.
const root = "../.."

var (
	link  = regexp.MustCompile(`\[[^\]\n]*\]\(([^)\s]+)(?: "[^"]*")?\)`)
	fence = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
)

// Relative links in the repository's documents lead to files that are there.
func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	for _, file := range documents(t) {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(string(b), ""), -1) {
			to, _, _ := strings.Cut(m[1], "#")
			if to == "" || strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(file), filepath.FromSlash(to))); err != nil {
				t.Errorf("%s: %s leads nowhere", strings.TrimPrefix(file, root+"/"), m[1])
			}
		}
	}
}

func documents(t *testing.T) (files []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			switch d.Name() {
			case "node_modules", "dist", "dist-zip", "bin", ".git":
				return filepath.SkipDir
			}
		}
		if strings.HasSuffix(path, ".md") {
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 5 {
		t.Fatalf("only %d documents found", len(files))
	}
	return files
}
