package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// flag is one on a command line: of throughline, in the files that start it.
var flag = regexp.MustCompile(`--([a-z][a-z-]+)`)

// Every flag that the deployment files give to throughline is one of that command's.
func TestFlagsOfDeployment(t *testing.T) {
	t.Parallel()
	var compose struct {
		Services map[string]struct{ Command []string }
	}
	if err := yaml.Unmarshal([]byte(read(t, "deploy/compose.yaml")), &compose); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"server", "agent"} {
		source := sources(t, command)
		given := strings.Join(compose.Services[command].Command, " ")
		if given == "" {
			t.Errorf("compose.yaml has no service %s with a command", command)
		}
		given += lines(read(t, "deploy/Dockerfile."+command), "ENTRYPOINT") + lines(read(t, "deploy/systemd/throughline-"+command+".service"), "ExecStart=")
		for _, m := range flag.FindAllStringSubmatch(given, -1) {
			if !strings.Contains(source, `"`+m[1]+`"`) {
				t.Errorf("deploy: throughline %s has no flag --%s", command, m[1])
			}
		}
	}
}

// sources are the files of a command: agent.go, agentflags.go.
func sources(t *testing.T, command string) (all string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "cmd", "throughline", command+"*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files of throughline %s: %v", command, err)
	}
	for _, file := range files {
		all += read(t, "cmd/throughline/"+filepath.Base(file))
	}
	return all
}

// lines are those of a file that begin with a word.
func lines(text, word string) (found string) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, word) {
			found += " " + line
		}
	}
	return found
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
