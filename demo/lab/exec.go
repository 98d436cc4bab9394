package lab

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"

	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// Exec replaces this process by a command inside a network namespace, with its own
// /etc/hosts: the names of the pods, without a DNS server.
func Exec(netnsName, hosts string, argv []string) error {
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return err
	}
	runtime.LockOSThread() // until execve, which keeps the calling thread's namespaces
	target, err := netns.GetFromName(netnsName)
	if err != nil {
		return fmt.Errorf("network namespace %s: %w", netnsName, err)
	}
	if err := netns.Set(target); err != nil {
		return fmt.Errorf("enter network namespace %s: %w", netnsName, err)
	}
	if hosts != "" {
		if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
			return fmt.Errorf("own mounts: %w", err)
		}
		if err := unix.Mount("", "/", "", unix.MS_SLAVE|unix.MS_REC, ""); err != nil {
			return fmt.Errorf("keep mounts to ourselves: %w", err)
		}
		if err := unix.Mount(hosts, "/etc/hosts", "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("mount %s at /etc/hosts: %w", hosts, err)
		}
	}
	// The death signal belongs to a thread, and execve keeps this one.
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return fmt.Errorf("die with the parent: %w", err)
	}
	return unix.Exec(path, argv, os.Environ())
}
