package sys

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// scanWhenAsked looks for the processes of new namespaces, beside the reader: there may be
// thousands of threads. It ends with the capture.
func (c *Capture) scanWhenAsked() {
	rarely := time.NewTicker(10 * time.Second)
	defer rarely.Stop()
	for {
		select {
		case <-c.scan:
			if c.config.OwnPIDs {
				continue
			}
			if err := c.scanProcesses(); err != nil {
				c.config.Log.Warn("processes are looked at when they first send or receive", "err", err)
			}
		case <-rarely.C:
			c.programs.sweepWaiting()
		case <-c.stop:
			return
		}
	}
}

// scanProcesses finds the processes of the namespaces, so that their first calls are understood,
// and those of their threads that wait in a call.
func (c *Capture) scanProcesses() error {
	c.mu.Lock()
	namespaces := c.namespaces // replaced as a whole, never changed
	c.mu.Unlock()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return fmt.Errorf("list processes: %w", err)
	}
	for _, e := range entries {
		pid, err := strconv.ParseUint(e.Name(), 10, 32)
		if err != nil || !namespaces[networkOf(uint32(pid))] || c.leftOut(int(pid)) {
			continue
		}
		select {
		case c.found <- uint32(pid):
		case <-c.stop:
			return nil
		}
		if err := c.programs.noteWaiting(uint32(pid)); err != nil {
			c.config.Log.Warn("the first request of a server that waits for it is not seen", "err", err)
		}
	}
	return nil
}

func (c *Capture) leftOut(pid int) bool {
	return pid == os.Getpid() || slices.Contains(c.config.LeaveOutPIDs, pid)
}

// networkOf is the inode of a process's network namespace, 0 if it has ended meanwhile.
func networkOf(pid uint32) uint32 {
	ns, err := os.Stat(procPath(pid, "ns/net"))
	if err != nil {
		return 0
	}
	st, ok := ns.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	return uint32(st.Ino)
}
