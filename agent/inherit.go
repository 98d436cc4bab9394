package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// inherited are listening sockets of who was before: systemd's, or an earlier agent's. A connection
// that comes between two agents waits in such a socket, and is not refused.
type inherited struct{ list []net.Listener }

const (
	firstListenFD = 3 // systemd gives its sockets from here on; see sd_listen_fds(3)
	maxInherited  = 16
	// handingOver is how long the agent before may need to end: it waits for requests under way.
	handingOver = shutdownTime + 4*time.Second
)

// inherit takes over the sockets that systemd opened for this process, or those of the agent that runs
// with the same state directory, which then ends.
func inherit(ctx context.Context, stateDir string) (*inherited, error) {
	i := new(inherited)
	if pid, _ := strconv.Atoi(os.Getenv("LISTEN_PID")); pid == os.Getpid() {
		n, err := strconv.Atoi(os.Getenv("LISTEN_FDS"))
		if err != nil || n < 0 || n > maxInherited {
			return nil, fmt.Errorf("LISTEN_FDS %q: want how many sockets systemd gives, at most %d", os.Getenv("LISTEN_FDS"), maxInherited)
		}
		for fd := firstListenFD; fd < firstListenFD+n; fd++ {
			syscall.CloseOnExec(fd)
			if err := i.add(fd); err != nil {
				return nil, err
			}
		}
		// A child is not to take them for its own.
		return i, errors.Join(os.Unsetenv("LISTEN_PID"), os.Unsetenv("LISTEN_FDS"), os.Unsetenv("LISTEN_FDNAMES"))
	}
	if stateDir == "" {
		return i, nil
	}
	return i, i.takeOver(ctx, handoverPath(stateDir))
}

func (i *inherited) add(fd int) error {
	// A socket that systemd holds may be deaf since an agent moved away from it.
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DETACH_FILTER, 0); err != nil && !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.EOPNOTSUPP) {
		return fmt.Errorf("a socket handed to the agent cannot be listened to: %w", err)
	}
	f := os.NewFile(uintptr(fd), "listener")
	defer f.Close()
	l, err := net.FileListener(f)
	if err != nil {
		return fmt.Errorf("a socket handed to the agent is no listener: %w", err)
	}
	i.list = append(i.list, l)
	return nil
}

// take is the inherited listener for an address, nil if there is none.
func (i *inherited) take(address string) net.Listener {
	if i == nil {
		return nil
	}
	for n, l := range i.list {
		if sameAddress(l.Addr(), address) {
			i.list = append(i.list[:n], i.list[n+1:]...)
			return l
		}
	}
	return nil
}

func sameAddress(have net.Addr, want string) bool {
	h, ok := have.(*net.TCPAddr)
	if !ok {
		return false
	}
	w, err := net.ResolveTCPAddr("tcp", want)
	if err != nil || w.Port != h.Port {
		return false
	}
	return w.IP.Equal(h.IP) || (len(w.IP) == 0 || w.IP.IsUnspecified()) && h.IP.IsUnspecified()
}

// close closes what nobody took.
func (i *inherited) close() {
	for _, l := range i.list {
		l.Close()
	}
	i.list = nil
}

func handoverPath(stateDir string) string { return filepath.Join(stateDir, "handover.sock") }

// takeOver asks the agent that runs, if one does, for its sockets, and waits for its end: two would
// see the same system calls, and only one can have the log.
func (i *inherited) takeOver(ctx context.Context, path string) error {
	c, err := net.DialTimeout("unix", path, time.Second)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return nil // none runs
	}
	if err != nil {
		return fmt.Errorf("ask the agent that runs for its sockets: %w", err)
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	if err := c.SetDeadline(time.Now().Add(handingOver)); err != nil {
		return err
	}
	rights := make([]byte, syscall.CmsgSpace(4*maxInherited))
	_, n, _, _, err := c.(*net.UnixConn).ReadMsgUnix(make([]byte, 1), rights)
	if err != nil {
		return fmt.Errorf("the agent that runs does not hand over its sockets: %w", err)
	}
	messages, err := syscall.ParseSocketControlMessage(rights[:n])
	if err != nil {
		return fmt.Errorf("what the agent that runs hands over: %w", err)
	}
	for _, m := range messages {
		fds, err := syscall.ParseUnixRights(&m)
		if err != nil {
			return fmt.Errorf("what the agent that runs hands over: %w", err)
		}
		for _, fd := range fds {
			syscall.CloseOnExec(fd)
			if err := i.add(fd); err != nil {
				return err
			}
		}
	}
	if _, err := io.Copy(io.Discard, c); err != nil { // it is closed when the other has ended
		return fmt.Errorf("the agent that runs does not end: %w", err)
	}
	return nil
}
