package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// useServer ends every message about an engine that cannot run.
const useServer = "a ClickHouse server can be used instead: --store http://user:password@host:8123/throughline"

// ErrUnsupported is wrapped by errors that say that the engine cannot run on this machine,
// however often it is tried.
var ErrUnsupported = errors.New("the embedded engine cannot run here")

// ErrInUse is wrapped by the error of a data directory that another process serves.
var ErrInUse = errors.New("the data directory is in use")

func findBinary(named string) (string, error) {
	if named != "" {
		if _, err := os.Stat(named); err != nil {
			return "", fmt.Errorf("%w: %w; %s", ErrUnsupported, err, useServer)
		}
		return filepath.Abs(named)
	}
	if exe, err := os.Executable(); err == nil {
		if beside := filepath.Join(filepath.Dir(exe), binaryName); isFile(beside) {
			return beside, nil
		}
	}
	if found, err := exec.LookPath(binaryName); err == nil {
		return filepath.Abs(found)
	}
	return "", fmt.Errorf("%w: %s was not found beside this program nor in PATH; %s", ErrUnsupported, binaryName, useServer)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// explainStart says why a binary that is there cannot be started: the usual reason is
// that the machine lacks the loader it names.
func explainStart(binary string, err error) error {
	if errors.Is(err, fs.ErrNotExist) && isFile(binary) {
		return fmt.Errorf("%w: %s is there but its loader is not: this machine has no glibc (musl systems cannot run it); %s", ErrUnsupported, binary, useServer)
	}
	return fmt.Errorf("start %s: %w", binary, err)
}
