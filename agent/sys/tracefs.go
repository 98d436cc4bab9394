package sys

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

const tracefsPath = "/sys/kernel/tracing"

// withTracefs runs f where tracefs is mounted, which attaching to a tracepoint needs. If
// the machine has not mounted it, f runs in a mount namespace of its own that has: the
// machine's mounts stay as they are.
func withTracefs(f func() error) error {
	if _, err := os.Stat(tracefsPath + "/events"); err == nil {
		return f()
	}
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine, and its namespace with it
		if err := unix.Unshare(unix.CLONE_FS | unix.CLONE_NEWNS); err != nil {
			done <- fmt.Errorf("tracefs is not mounted at %s, and no mount namespace of our own to mount it in (needs CAP_SYS_ADMIN): %w", tracefsPath, err)
			return
		}
		if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
			done <- fmt.Errorf("make the mounts of our namespace private: %w", err)
			return
		}
		if err := unix.Mount("tracefs", tracefsPath, "tracefs", 0, ""); err != nil {
			done <- fmt.Errorf("mount tracefs at %s: %w", tracefsPath, err)
			return
		}
		done <- f()
	}()
	return <-done
}
