package sys

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/throughline-io/throughline/agent/causality"
	"github.com/throughline-io/throughline/pkg/span"
)

// An agent in a PID namespace of its own sees all requests. The numbers of processes that the kernel
// tells are not those of its /proc, so it says nothing of goroutines and passages.
func TestAPIDNamespaceOfItsOwn(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	client, url := b.serve()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), roleVariable+"=observer", namespaceVariable+"="+fmt.Sprint(b.inode))
	agent := b.run(cmd, syscall.CLONE_NEWPID|syscall.CLONE_NEWNS)
	var pid int
	if agent.read(&pid); pid != 1 {
		t.Fatalf("the agent is process %d, want the first of its namespace", pid)
	}
	const n = 20
	client.do(job{URL: url + "/small/1", Method: "GET", Requests: n, Concurrency: 2, Numbered: true})
	agent.tell("enough")
	var spans []span.Span
	agent.read(&spans)
	if len(spans) != 2*n {
		t.Errorf("%d spans, want %d", len(spans), 2*n)
	}
	for _, s := range spans {
		if s.Goroutine != 0 || s.Comm == "" || s.Code != 200 {
			t.Errorf("%+v", s)
		}
	}
}

// A number that the kernel tells may be another process's here.
func TestNoProcessIsTakenForAnother(t *testing.T) {
	t.Parallel()
	p := &processTable{known: map[uint32]*process{}, ownPIDs: true, kernel: nil}
	if got := p.describe(uint32(os.Getpid()), "theirs"); got.comm != "theirs" || got.cause.Runtime != causality.Unknown {
		t.Errorf("%+v: this is of our own process", got)
	}
}
