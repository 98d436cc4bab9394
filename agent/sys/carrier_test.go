package sys

import (
	"os"
	"runtime"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/throughline-io/throughline/agent/causality"
	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/pkg/span"
)

// A carrier of virtual threads reads one's request and makes another's calls, from the first request on: before it
// was seen to do so its calls would be told wrongly.
func TestACarrierOfVirtualThreadsTellsNothing(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"ForkJoinPool-1-": 0, "http-nio-8080-e": 1, "ForkJoinPool.co": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runtime.LockOSThread() // it ends with the goroutine, and its name with it
			text, err := unix.BytePtrFromString(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(text)), 0, 0, 0); err != nil {
				t.Fatal(err)
			}
			c := newCalls()
			p, thread := c.socket.process, uint32(unix.Gettid())
			p.pid, p.cause.Runtime = uint32(os.Getpid()), causality.JVM
			request := c.begins(false, thread, span.TraceID{}, "")
			call := c.begins(true, thread, span.TraceID{}, "")
			for _, r := range []*session.Session{call, request} {
				r.HasResponse = true
				c.finished(c.socket, r)
			}
			got := 0
			for _, sp := range c.spans {
				if sp.Point == span.PointClientProcess && sp.PassageRule == span.RuleThread {
					got++
				}
			}
			if got != want {
				t.Errorf("%d calls are the thread's request's, want %d", got, want)
			}
		})
	}
}
