package sys

import (
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

const (
	atExit     = "calls taken at their exit: the kernel ran no program at their entry"
	exitUnseen = "unknown calls dropped: the kernel ran no program at their exit"
)

// eachThatMayMiss runs a test with each way of building the programs for kernels that may leave them out.
func eachThatMayMiss(t *testing.T, test func(t *testing.T, b build)) {
	for _, one := range append(ladder(TPBTF), ladder(Tracepoint)...) {
		if one.mayMiss() {
			t.Run(one.String(), func(t *testing.T) {
				t.Parallel()
				test(t, one)
			})
		}
	}
}

// A call of which the kernel ran no program at the entry is told by its exit, at the same place of the stream.
func TestEntriesThatTheKernelLeavesOut(t *testing.T) {
	t.Parallel()
	eachThatMayMiss(t, func(t *testing.T, one build) {
		b := newBed(t)
		s := b.capture(Auto, func(c *Config) {
			c.only, c.deaf = &one, func(program string) bool { return strings.Contains(program, "_enter") }
		})
		client, url := b.serve()
		const n = 100
		client.do(job{URL: url + "/small/1", Method: "GET", Requests: n, Concurrency: 4, Numbered: true})
		s.wait(n, isHTTP(span.PointClientProcess))
		servers := map[[2]uint32]string{}
		for _, sp := range s.wait(n, isHTTP(span.PointServerProcess)) {
			servers[[2]uint32{sp.RequestSeq, sp.ResponseSeq}] = sp.Resource
		}
		for _, c := range s.all(isHTTP(span.PointClientProcess)) {
			if at := [2]uint32{c.RequestSeq, c.ResponseSeq}; servers[at] != c.Resource || c.Code != 200 {
				t.Errorf("at %v the client has %q, the server %q; code %d", at, c.Resource, servers[at], c.Code)
			}
		}
		if s.line(atExit) != s.line("calls in") || s.line("calls captured") < 4*n || s.line(exitUnseen) != 0 {
			t.Errorf("ledger:\n%s", s.lines())
		}
	})
}

// Every message by every system call, the entries of all of them left out. Two messages in one call alone are lost.
func TestOddCallsWhoseEntriesTheKernelLeavesOut(t *testing.T) {
	t.Parallel()
	eachThatMayMiss(t, func(t *testing.T, one build) {
		b := newBed(t)
		s := b.capture(Auto, func(c *Config) {
			c.only, c.deaf = &one, func(program string) bool { return strings.Contains(program, "_enter") }
		})
		_, url := b.serve()
		var said string
		b.start("odd-calls", addressVariable+"="+url[len("http://"):]).read(&said)
		s.wait(len(exchanges), isHTTP(span.PointServerProcess))
		s.wait(len(exchanges)-1, isHTTP(span.PointClientProcess))
		s.capture.Close()
		if lost := s.line(exitUnseen); lost != 1 {
			t.Errorf("%d calls lost, want the one that sends two messages\nledger:\n%s", lost, s.lines())
		}
	})
}

// Of a call whose exit was left out the thread's next one tells, if it moved bytes; and no other call is taken for it.
func TestExitsThatTheKernelLeavesOut(t *testing.T) {
	t.Parallel()
	eachThatMayMiss(t, func(t *testing.T, one build) {
		b := newBed(t)
		s := b.capture(Auto, func(c *Config) {
			c.only, c.deaf = &one, func(program string) bool { return strings.Contains(program, "_exit") && isOfCall(program) }
		})
		p, _ := b.echo()
		did := p.echoes(1000)
		s.capture.Close()
		threads := uint64(64) // each has a call at last behind which no other comes
		if lost := s.line(exitUnseen); lost > did || lost+threads < did || s.line("calls in") != 0 {
			t.Errorf("%d calls done, %d lost\nledger:\n%s", did, lost, s.lines())
		}
	})
}

// Where the kernel runs one of the two programs, nothing is lost and nothing doubled.
func TestSparesDoTheWorkOfTheirPrograms(t *testing.T) {
	t.Parallel()
	for _, one := range []build{ladder(TPBTF)[0], ladder(Tracepoint)[0]} {
		for name, deaf := range map[string]func(string) bool{
			"first entries": func(p string) bool { return strings.Contains(p, "_enter") && !strings.HasSuffix(p, spareSuffix) },
			"first exits": func(p string) bool {
				return isOfCall(p) && strings.Contains(p, "_exit") && !strings.HasSuffix(p, spareSuffix)
			},
			"spares": func(p string) bool { return strings.HasSuffix(p, spareSuffix) },
			"all but first entries and spare exits": func(p string) bool {
				return strings.Contains(p, "_enter") == strings.HasSuffix(p, spareSuffix) && isOfCall(p)
			},
		} {
			t.Run(one.String()+", without "+name, func(t *testing.T) {
				t.Parallel()
				b := newBed(t)
				s := b.capture(Auto, func(c *Config) { c.only, c.deaf = &one, deaf })
				p, _ := b.echo()
				did := p.echoes(300)
				s.capture.Close()
				if s.line("calls in") != did || s.line(exitUnseen) != 0 || s.line(atExit) != 0 {
					t.Errorf("%d calls done\nledger:\n%s", did, s.lines())
				}
			})
		}
	}
}
