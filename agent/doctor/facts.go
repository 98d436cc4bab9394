package doctor

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Facts are what an agent finds out about the machine and its own rights, without trying anything.
type Facts struct {
	Kernel       [2]int            // such as 5, 15; zero: not known
	Capabilities uint64            // that are in effect
	BTF          bool              // the kernel tells its types
	Tracefs      bool              // is mounted
	Lockdown     string            // "none", "integrity", "confidentiality"; "": not known
	OwnPIDs      bool              // the process is in a PID namespace of its own
	Config       map[string]string // the kernel's, by name; nil: not known
}

// firstPIDNamespace is the inode of the machine's first PID namespace (PROC_PID_INIT_INO).
const firstPIDNamespace = "pid:[4026531836]"

// Find looks.
func Find() Facts {
	f := Facts{Capabilities: capabilities(), Lockdown: lockdown(), Kernel: kernel(), Config: kernelConfig()}
	_, err := os.Stat("/sys/kernel/btf/vmlinux")
	f.BTF = err == nil
	_, err = os.Stat("/sys/kernel/tracing/events")
	f.Tracefs = err == nil
	ns, err := os.Readlink("/proc/self/ns/pid")
	f.OwnPIDs = err == nil && ns != firstPIDNamespace
	return f
}

func capabilities() uint64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if hex, found := strings.CutPrefix(line, "CapEff:"); found {
			n, _ := strconv.ParseUint(strings.TrimSpace(hex), 16, 64) // 0: none
			return n
		}
	}
	return 0
}

// Has reports whether a capability is in effect, such as unix.CAP_BPF.
func (f Facts) Has(capability int) bool { return f.Capabilities>>capability&1 != 0 }

func release() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return ""
	}
	return unix.ByteSliceToString(u.Release[:])
}

func kernel() (v [2]int) {
	if n, err := fmt.Sscanf(release(), "%d.%d", &v[0], &v[1]); n < 2 || err != nil {
		return [2]int{}
	}
	return v
}

// before reports whether the kernel is known to be older.
func (f Facts) before(major, minor int) bool {
	return f.Kernel[0] != 0 && (f.Kernel[0] < major || f.Kernel[0] == major && f.Kernel[1] < minor)
}

// lockdown reads the mode in brackets: "none [integrity] confidentiality".
func lockdown() string {
	modes, err := os.ReadFile("/sys/kernel/security/lockdown")
	if err != nil {
		return ""
	}
	_, mode, _ := strings.Cut(string(modes), "[")
	mode, _, _ = strings.Cut(mode, "]")
	return mode
}

// kernelConfig is how the kernel was built, where it or the distribution tells.
func kernelConfig() map[string]string {
	data, err := os.ReadFile("/proc/config.gz")
	if err == nil {
		var z *gzip.Reader
		if z, err = gzip.NewReader(bytes.NewReader(data)); err == nil {
			data, err = io.ReadAll(io.LimitReader(z, 4<<20))
		}
	}
	if err != nil {
		if data, err = os.ReadFile("/boot/config-" + release()); err != nil {
			return nil
		}
	}
	config := map[string]string{}
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		if name, value, found := strings.Cut(lines.Text(), "="); found {
			config[name] = value
		}
	}
	return config
}
