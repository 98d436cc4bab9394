package agent_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// theProgram is the path of the real program, which anybody may run.
func theProgram(t *testing.T) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// builtIn is the directory of the program, removed after all tests.
var builtIn string

var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "throughline-test")
	if err != nil {
		return "", err
	}
	builtIn = dir
	path := filepath.Join(dir, "throughline")
	build := exec.Command("go", "build", "-o", path, "./cmd/throughline")
	build.Dir, build.Env = "..", append(os.Environ(), "CGO_ENABLED=0") // as it is shipped
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, os.Chmod(dir, 0o755)
})
