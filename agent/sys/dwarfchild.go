package sys

import (
	"bytes"
	"context"
	"debug/dwarf"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Debug information is whatever the owner of a pod put into an executable, and a parser of it may
// be made to take memory and time without end. It is read by a child with little of both.
const (
	childMemory   = 512 << 20        // bytes, RLIMIT_DATA
	childCPU      = 10               // seconds, RLIMIT_CPU
	childPatience = 20 * time.Second // for its answer
)

// ReadGoidOffset is the child's part: it limits this process, reads the debug information of the
// executable that is its standard input, and writes where goid lies in the runtime's struct g.
func ReadGoidOffset(exe *os.File, out io.Writer) error {
	for resource, limit := range map[int]uint64{unix.RLIMIT_DATA: childMemory, unix.RLIMIT_CPU: childCPU, unix.RLIMIT_CORE: 0} {
		if err := unix.Setrlimit(resource, &unix.Rlimit{Cur: limit, Max: limit}); err != nil {
			return fmt.Errorf("limit this process: %w", err)
		}
	}
	offset, err := goidOffsetFromDWARF(exe)
	if err == nil {
		_, err = fmt.Fprintln(out, offset)
	}
	return err
}

// askChild runs the child on an executable.
func askChild(ctx context.Context, argv []string, exe *os.File) (uint16, error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	var said, failed bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = exe, &firstBytes{&said, 4096}, &firstBytes{&failed, 4096}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Run(); err != nil {
		line, _, _ := strings.Cut(strings.TrimSpace(failed.String()), "\n")
		return 0, fmt.Errorf("read its debug information: %w: %s", err, line)
	}
	offset, err := strconv.ParseUint(strings.TrimSpace(said.String()), 10, 16)
	if err != nil || offset == 0 {
		return 0, fmt.Errorf("read its debug information: offset %q", said.String())
	}
	return uint16(offset), nil
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

func goidOffsetFromDWARF(exe io.ReaderAt) (uint16, error) {
	f, err := elf.NewFile(exe)
	if err != nil {
		return 0, err
	}
	d, err := f.DWARF()
	if err != nil {
		return 0, err
	}
	for r := d.Reader(); ; {
		entry, err := r.Next()
		if err != nil {
			return 0, err
		}
		if entry == nil {
			return 0, errors.New("no type runtime.g")
		}
		if entry.Tag != dwarf.TagStructType || entry.Val(dwarf.AttrName) != "runtime.g" {
			if entry.Tag != dwarf.TagCompileUnit {
				r.SkipChildren()
			}
			continue
		}
		typ, err := d.Type(entry.Offset)
		if err != nil {
			return 0, err
		}
		g, ok := typ.(*dwarf.StructType)
		if !ok {
			return 0, errors.New("runtime.g is no struct")
		}
		for _, field := range g.Field {
			if field.Name == "goid" {
				return uint16(field.ByteOffset), nil
			}
		}
		return 0, errors.New("runtime.g has no goid")
	}
}
