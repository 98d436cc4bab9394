package container

import (
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Table finds the network namespace of a container or a pod. The zero value is ready, and safe for
// concurrent use.
type Table struct {
	proc string // "" is /proc

	mu     sync.Mutex
	inodes map[string]uint32 // by container id and pod uid
	looked time.Time
}

const (
	// lookAgain is how often all processes are looked at, at most: anybody may ask for what there is not.
	lookAgain = 5 * time.Second
	maxNames  = 1 << 16
	maxCgroup = 64 << 10 // bytes of a process's file
)

// Namespace is the inode of the network namespace of a container or pod, by its id; false where no
// process of this machine is in it.
func (t *Table) Namespace(name string) (inode uint32, known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if inode, known = t.inodes[name]; known || time.Since(t.looked) < lookAgain {
		return inode, known
	}
	t.inodes, t.looked = t.look(), time.Now()
	inode, known = t.inodes[name]
	return inode, known
}

// Of is where a process of this machine is; nothing where it has ended.
func Of(pid uint32) Identity {
	return Parse(read(filepath.Join("/proc", strconv.FormatUint(uint64(pid), 10), "cgroup")))
}

// look reads the control groups of all processes.
func (t *Table) look() map[string]uint32 {
	proc := t.proc
	if proc == "" {
		proc = "/proc"
	}
	found := map[string]uint32{}
	processes, err := os.ReadDir(proc)
	if err != nil {
		return found // nothing is known
	}
	for _, p := range processes {
		if _, err := strconv.ParseUint(p.Name(), 10, 32); err != nil || len(found) >= maxNames {
			continue
		}
		dir := filepath.Join(proc, p.Name())
		of := Parse(read(filepath.Join(dir, "cgroup")))
		if of == (Identity{}) {
			continue
		}
		inode := inodeOf(filepath.Join(dir, "ns/net"))
		for _, name := range []string{of.ID, of.PodUID} {
			if name != "" && inode != 0 {
				found[name] = inode
			}
		}
	}
	return found
}

// read reads a file, "" where the process has ended.
func read(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxCgroup))
	if err != nil {
		return ""
	}
	return string(data)
}

func inodeOf(path string) uint32 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint32(st.Ino)
	}
	return 0
}
