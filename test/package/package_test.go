package archive

import (
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

var release = flag.Bool("release", false, "there must be an archive, made of this very source; set by `go tool mage package`")

// root is the repository's.
const root = "../.."

// What `go tool mage` builds could be installed.
func TestDist(t *testing.T) {
	t.Parallel()
	dist := filepath.Join(root, "dist")
	if _, err := os.Stat(filepath.Join(dist, mainFile)); errors.Is(err, fs.ErrNotExist) {
		t.Fatal("there is no dist/plugin.json: build the app first, with `go tool mage plugin`")
	}
	check(t, &Plugin{Files: os.DirFS(dist), Source: os.DirFS(root)})
	if t.Failed() {
		t.Log("where this is not as in the source, dist is older than that: build it again with `go tool mage plugin`")
	}
}

// What `go tool mage package` makes could be submitted.
func TestZip(t *testing.T) {
	t.Parallel()
	var app struct{ ID string }
	var pkg struct{ Version string }
	readJSON(t, filepath.Join(root, "plugin.json"), &app)
	readJSON(t, filepath.Join(root, "package.json"), &pkg)
	file := filepath.Join(root, "dist-zip", app.ID+"-"+pkg.Version+".zip")
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) && !*release {
		t.Skip("there is no archive; `go tool mage package` makes and checks it")
	}
	files, done, err := OpenZip(file, app.ID, pkg.Version)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	// Of an archive that was made earlier, the source may have gone on since.
	check(t, &Plugin{Files: files, Source: os.DirFS(root), Release: true, Exact: *release})
}

func check(t *testing.T, p *Plugin) {
	t.Helper()
	findings, err := Check(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Error(f)
	}
}

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}
