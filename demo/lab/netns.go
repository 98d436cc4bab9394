package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/vishvananda/netns"
)

// NetnsDir is where named network namespaces are mounted, as iproute2 does.
const NetnsDir = "/run/netns"

// NetnsPath is the file of a named network namespace.
func NetnsPath(name string) string { return filepath.Join(NetnsDir, name) }

// In runs fn on a thread that is inside the named network namespace.
func In(name string, fn func() error) error {
	runtime.LockOSThread()
	home, err := netns.Get()
	if err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("own network namespace: %w", err)
	}
	defer home.Close()
	target, err := netns.GetFromName(name)
	if err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("network namespace %s: %w", name, err)
	}
	defer target.Close()
	if err := netns.Set(target); err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("enter network namespace %s: %w", name, err)
	}
	err = fn()
	if back := netns.Set(home); back != nil {
		return fmt.Errorf("leave network namespace %s: %w", name, back) // the thread stays locked, and dies with its goroutine
	}
	runtime.UnlockOSThread()
	return err
}

// sysctl sets a setting of the network namespace the thread is in.
func sysctl(key, value string) error {
	return os.WriteFile(filepath.Join("/proc/sys/net", key), []byte(value), 0o644)
}
