package sys

import (
	"bytes"
	"os"
	"strconv"

	"github.com/throughline-io/throughline/agent/causality"
)

// carrierName begins the names of the threads that run a JVM's virtual threads (java.lang.VirtualThread, JDK 21 to 25):
// "ForkJoinPool-1-worker-3", of which the kernel keeps 15 bytes. A pool of a program's own may be called so, too; that
// of its threads nothing is told by the thread alone is the price.
const carrierName = "ForkJoinPool-"

// threadsLookedAt bounds what is remembered of a process.
const threadsLookedAt = 4096

// serves takes that a thread has read a request: in a JVM it is looked at, once, whether that is a carrier.
func (p *process) serves(thread uint32) {
	if p.cause.Runtime != causality.JVM {
		return
	}
	if _, known := p.lookedAt[thread]; known {
		return
	}
	if p.lookedAt == nil || len(p.lookedAt) >= threadsLookedAt {
		p.lookedAt = map[uint32]struct{}{}
	}
	p.lookedAt[thread] = struct{}{}
	name, err := os.ReadFile(procPath(p.pid, "task/"+strconv.FormatUint(uint64(thread), 10)+"/comm"))
	if err == nil && bytes.HasPrefix(name, []byte(carrierName)) {
		p.cause.Carries(p.pid, thread)
	}
}
