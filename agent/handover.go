package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
)

// errHandedOver ends an agent whose sockets another has.
var errHandedOver = errors.New("another agent with the same state directory took over")

// handover gives the listening sockets to the agent that asks for them, and ends this one.
type handover struct {
	asked net.Conn // it learns of this agent's end when it is closed
}

// offerHandover waits for an agent that asks; end ends this one. Only who may use the state directory
// can ask.
func (a *agent) offerHandover(ctx context.Context, end func(error)) error {
	if a.config.StateDir == "" {
		return nil
	}
	path := handoverPath(a.config.StateDir)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return err
	}
	context.AfterFunc(ctx, func() { l.Close() })
	go func() {
		for {
			c, err := l.AcceptUnix()
			if err != nil {
				return
			}
			if err := a.receivers.send(c); err != nil {
				a.config.Log.Error("the sockets are not handed over", "error", err)
				c.Close()
				continue
			}
			a.config.Log.Info("another agent takes over")
			a.handover.asked = c
			end(errHandedOver)
			return
		}
	}()
	return nil
}

// close tells the agent that asked that this one has ended.
func (h *handover) close() {
	if h.asked != nil {
		h.asked.Close()
	}
}

// send gives copies of the listening sockets away.
func (r *receivers) send(to *net.UnixConn) error {
	var fds []int
	for _, l := range r.listening() {
		t, ok := l.Listener.(*net.TCPListener)
		if !ok {
			continue
		}
		raw, err := t.SyscallConn()
		if err == nil { // File() would make the socket a blocking one, here too
			err = raw.Control(func(fd uintptr) { fds = append(fds, int(fd)) })
		}
		if err != nil {
			return fmt.Errorf("socket of %s: %w", l.Addr(), err)
		}
	}
	var rights []byte
	if len(fds) > 0 {
		rights = syscall.UnixRights(fds...)
	}
	_, _, err := to.WriteMsgUnix([]byte{0}, rights, nil)
	return err
}
