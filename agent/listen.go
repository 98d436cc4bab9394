package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"

	"github.com/vishvananda/netns"
)

// inNetns runs fn in the network namespace at path; "" is the caller's own. A socket
// stays in the namespace it was made in, so the thread returns as soon as fn does.
func inNetns(path string, fn func() error) error {
	if path == "" {
		return fn()
	}
	runtime.LockOSThread()
	own, err := netns.Get()
	if err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("look at the own network namespace: %w", err)
	}
	defer own.Close()
	node, err := netns.GetFromPath(path)
	if err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("open network namespace %s: %w", path, err)
	}
	defer node.Close()
	if err := netns.Set(node); err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("enter network namespace %s (needs root or CAP_SYS_ADMIN): %w", path, err)
	}
	err = fn()
	if back := netns.Set(own); back != nil {
		// The thread stays locked: it ends with its goroutine and nobody else gets it.
		return errors.Join(err, fmt.Errorf("return from network namespace %s: %w", path, back))
	}
	runtime.UnlockOSThread()
	return err
}

// listen listens on a TCP address in a network namespace. Not by multipath TCP, as Go would: such a
// socket takes no filter (deafen).
func listen(path, address string) (l net.Listener, err error) {
	var config net.ListenConfig
	config.SetMultipathTCP(false)
	err = inNetns(path, func() error {
		l, err = config.Listen(context.Background(), "tcp", address)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return l, nil
}

// listenLocal listens on "unix:///path" or on a TCP address. A socket that an agent left
// behind when it was killed is removed, one that somebody answers at is not.
func listenLocal(ctx context.Context, address string) (net.Listener, error) {
	path, unix := strings.CutPrefix(address, "unix://")
	if !unix {
		path, unix = strings.CutPrefix(address, "unix:")
	}
	var config net.ListenConfig
	if !unix {
		return config.Listen(ctx, "tcp", address)
	}
	l, err := config.Listen(ctx, "unix", path)
	if !errors.Is(err, syscall.EADDRINUSE) {
		return l, err
	}
	if c, dialErr := net.Dial("unix", path); dialErr == nil {
		c.Close()
		return nil, fmt.Errorf("another process answers at %s: %w", path, err)
	}
	if err := os.Remove(path); err != nil {
		return nil, fmt.Errorf("remove the socket of an agent that is gone: %w", err)
	}
	return config.Listen(ctx, "unix", path)
}
