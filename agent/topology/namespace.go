package topology

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// namespace is a network namespace and a path that opens it.
type namespace struct {
	path  string
	inode uint32
}

// namespaces lists the network namespaces that have a name or a process, each once. A
// name is preferred as the path: it outlives the processes.
func namespaces() []namespace {
	var list []namespace
	seen := map[uint32]bool{}
	add := func(path string, inode uint32, err error) {
		if err == nil && !seen[inode] {
			seen[inode] = true
			list = append(list, namespace{path, inode})
		}
	}
	for _, dir := range [...]string{"/var/run/netns", "/run/docker/netns"} {
		entries, _ := os.ReadDir(dir) // absent where nothing is named
		for _, e := range entries {
			path := filepath.Join(dir, e.Name())
			inode, err := inodeOf(path)
			add(path, inode, err)
		}
	}
	processes, _ := filepath.Glob("/proc/[0-9]*/ns/net")
	for _, path := range processes {
		target, err := os.Readlink(path) // "net:[4026531840]"
		if err != nil {
			continue // ended since, or not ours to see
		}
		inode, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimPrefix(target, "net:["), "]"), 10, 32)
		add(path, uint32(inode), err)
	}
	return list
}

// inodeOf is the inode of a namespace's file, which names the namespace.
func inodeOf(path string) (uint32, error) {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return 0, fmt.Errorf("network namespace %s: %w", path, err)
	}
	return uint32(st.Ino), nil
}

const ownNamespace = "/proc/thread-self/ns/net"

func pathOf(nodeNetns string) string {
	if nodeNetns == "" {
		return ownNamespace
	}
	return nodeNetns
}

// Inside runs do on a thread that is in the network namespace at path ("": stays where it
// is). A socket that do opens stays in that namespace for good.
func Inside(path string, do func() error) error {
	if path == "" {
		return do()
	}
	done := make(chan error, 1)
	go func() {
		// A thread that cannot be brought back ends with this goroutine: it stays locked.
		runtime.LockOSThread()
		home, err := netns.Get()
		if err != nil {
			done <- fmt.Errorf("own network namespace: %w", err)
			return
		}
		defer home.Close()
		target, err := netns.GetFromPath(path)
		if err != nil {
			done <- fmt.Errorf("open network namespace %s: %w", path, err)
			return
		}
		defer target.Close()
		if err := netns.Set(target); err != nil {
			done <- fmt.Errorf("enter network namespace %s (needs CAP_SYS_ADMIN): %w", path, err)
			return
		}
		err = do()
		if netns.Set(home) == nil {
			runtime.UnlockOSThread()
		}
		done <- err
	}()
	return <-done
}
