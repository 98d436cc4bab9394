package sys

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// The system calls a thread may wait in for its peer.
var (
	waitingReads  = []int{unix.SYS_READ, unix.SYS_RECVFROM, unix.SYS_READV, unix.SYS_RECVMSG}
	waitingWrites = []int{unix.SYS_WRITE, unix.SYS_SENDTO, unix.SYS_WRITEV, unix.SYS_SENDMSG, unix.SYS_SENDFILE}
)

// noteWaiting tells the programs which threads of a process are in the middle of a call
// whose entry they have not seen: those of servers that block in read for their next
// request, where a read is not looked at when it returns anyway.
func (p *programs) noteWaiting(pid uint32) error {
	tasks, err := os.ReadDir(procPath(pid, "task"))
	if err != nil {
		return nil // ended meanwhile
	}
	for _, task := range tasks {
		line, err := os.ReadFile(procPath(pid, "task/"+task.Name()+"/syscall"))
		if err != nil || !isWaiting(string(line), waitingWrites) && (p.build.readsAtExit() || !isWaiting(string(line), waitingReads)) {
			continue
		}
		tid, err := strconv.ParseUint(task.Name(), 10, 32)
		if err != nil {
			continue
		}
		if err := p.coll.Maps["waiting"].Put(uint64(pid)<<32|tid, uint8(1)); err != nil {
			return fmt.Errorf("tell the programs of waiting thread %d of process %d: %w", tid, pid, err)
		}
		if err := p.coll.Variables["any_waiting"].Set(true); err != nil {
			return fmt.Errorf("tell the programs of waiting threads: %w", err)
		}
	}
	return nil
}

// isWaiting reads a line of /proc/PID/task/TID/syscall: "running", or the number of the
// call that the thread waits in (-1: none), its arguments, stack and program counter.
func isWaiting(line string, calls []int) bool {
	number, _, _ := strings.Cut(line, " ")
	n, err := strconv.Atoi(number)
	return err == nil && slices.Contains(calls, n)
}

// sweepWaiting spares the programs the look-up when no thread is left, and drops threads
// that are gone.
func (p *programs) sweepWaiting() {
	var id uint64
	var used uint8
	left := false
	var gone []uint64
	for entries := p.coll.Maps["waiting"].Iterate(); entries.Next(&id, &used); {
		if _, err := os.Stat(procPath(uint32(id>>32), "task/"+strconv.FormatUint(id&(1<<32-1), 10))); err != nil {
			gone = append(gone, id)
		} else {
			left = true
		}
	}
	for _, id := range gone {
		_ = p.coll.Maps["waiting"].Delete(id) // used up meanwhile
	}
	if !left {
		_ = p.coll.Variables["any_waiting"].Set(false) // else the look-ups go on, which is only slower
	}
}
