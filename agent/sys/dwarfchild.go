package sys

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/throughline-io/throughline/agent/goruntime"
)

// Debug information is whatever the owner of a pod put into an executable, and a parser of it may
// be made to take memory and time without end. It is read by a child with little of both.
const (
	childMemory   = 512 << 20        // bytes, RLIMIT_DATA
	childCPU      = 10               // seconds, RLIMIT_CPU
	childPatience = 20 * time.Second // for its answer
)

// ReadGoLayout is the child's part: it limits this process, reads the debug information of the
// executable that is its standard input, and writes the goruntime.Layout that it tells.
func ReadGoLayout(exe *os.File, out io.Writer) error {
	for resource, limit := range map[int]uint64{unix.RLIMIT_DATA: childMemory, unix.RLIMIT_CPU: childCPU, unix.RLIMIT_CORE: 0} {
		if err := unix.Setrlimit(resource, &unix.Rlimit{Cur: limit, Max: limit}); err != nil {
			return fmt.Errorf("limit this process: %w", err)
		}
	}
	l, err := goruntime.FromDebugInformation(exe)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(l)
}

// askChild runs the child on an executable.
func askChild(ctx context.Context, argv []string, exe *os.File) (l goruntime.Layout, err error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	var said, failed bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = exe, &firstBytes{&said, 4096}, &firstBytes{&failed, 4096}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Run(); err != nil {
		line, _, _ := strings.Cut(strings.TrimSpace(failed.String()), "\n")
		return l, fmt.Errorf("read its debug information: %w: %s", err, line)
	}
	if err := json.Unmarshal(said.Bytes(), &l); err != nil || l.Goid == 0 {
		return goruntime.Layout{}, fmt.Errorf("read its debug information: layout %q", said.String())
	}
	return l, nil
}

// firstBytes keeps what comes first, and drops the rest.
type firstBytes struct {
	to   *bytes.Buffer
	left int
}

func (f *firstBytes) Write(p []byte) (int, error) {
	n := min(len(p), f.left)
	f.to.Write(p[:n])
	f.left -= n
	return len(p), nil
}
