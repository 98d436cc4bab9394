package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// language is one whose OpenTelemetry SDK sends spans: a program in senders/NAME, where its packages are pinned.
type language struct {
	name  string
	needs string // a program without which it cannot be built
	// build is a shell command in the program's folder, which leaves in $TO what run needs.
	build string
	run   func(to string) []string
	// protocols are the exporters, as the program names them.
	protocols []string
	long      bool // of the long form only, for its packages take long to get
}

var languages = []*language{
	{name: "go", needs: "go", build: `go build -o "$TO/sender" .`, protocols: []string{"http", "grpc"},
		run: func(to string) []string { return []string{filepath.Join(to, "sender")} }},
	{name: "python", needs: "python3", build: `python3 -m venv "$TO" && "$TO/bin/pip" install --quiet -r requirements.txt && cp sender.py "$TO"`, protocols: []string{"http", "grpc"},
		run: func(to string) []string {
			return []string{filepath.Join(to, "bin", "python"), filepath.Join(to, "sender.py")}
		}},
	{name: "node", needs: "npm", build: `cp package.json package-lock.json sender.js "$TO" && cd "$TO" && npm ci --no-audit --no-fund --loglevel=error`, protocols: []string{"http", "json", "grpc"},
		run: func(to string) []string { return []string{"node", filepath.Join(to, "sender.js")} }},
	{name: "java", needs: "mvn", build: `mvn -q -B dependency:copy-dependencies -DoutputDirectory="$TO" && javac -cp "$TO/*" -d "$TO" Sender.java`, protocols: []string{"http", "grpc"}, long: true,
		run: func(to string) []string { return []string{"java", "-Xmx128m", "-cp", to + ":" + to + "/*", "Sender"} }},
	collectorLanguage,
}

// collectorLanguage has no SDK: its program is the collector, which passes on what programs in Go send to it.
var collectorLanguage = &language{name: "collector", needs: "go", build: `cp builder.yaml "$TO" && cd "$TO" && CGO_ENABLED=0 go run go.opentelemetry.io/collector/cmd/builder@v0.165.0 --config builder.yaml`, long: true,
	run: func(to string) []string { return []string{filepath.Join(to, "collector")} }}

// sendersFolder is seen from the root of the repository, where this program is run.
const sendersFolder = "test/e2e/faults/senders"

var building sync.Mutex // faults run side by side

// built is the command of the language's program, which is built unless it is there as its folder has it now.
func (l *language) built(ctx context.Context, bin string) ([]string, error) {
	building.Lock()
	defer building.Unlock()
	if _, err := exec.LookPath(l.needs); err != nil {
		return nil, &skipped{fmt.Sprintf("no senders in %s: %v", l.name, err)}
	}
	from, to := filepath.Join(sendersFolder, l.name), filepath.Join(bin, "senders", l.name)
	sum, err := sumOf(from)
	if err != nil {
		return nil, err
	}
	stamp := filepath.Join(to, "built-from")
	if was, err := os.ReadFile(stamp); err == nil && string(was) == sum {
		return l.run(to), nil
	}
	if err := os.RemoveAll(to); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return nil, err
	}
	build := exec.CommandContext(ctx, "sh", "-c", l.build)
	build.Dir, build.Env = from, append(os.Environ(), "TO="+to)
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the senders in %s: %w: %s", l.name, err, out)
	}
	return l.run(to), os.WriteFile(stamp, []byte(sum), 0o600)
}

// build builds the program of a language and prints its command.
func build(ctx context.Context, bin, name string) error {
	i := slices.IndexFunc(languages, func(l *language) bool { return l.name == name })
	if i < 0 {
		return fmt.Errorf("there are no senders in %q", name)
	}
	argv, err := languages[i].built(ctx, bin)
	if err == nil {
		fmt.Println(strings.Join(argv, " "))
	}
	return err
}

// sumOf tells one state of a folder's files from another.
func sumOf(folder string) (string, error) {
	sum := sha256.New()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		fmt.Fprintf(sum, "%s %d\n%s", path, len(data), data)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)), err
}
