package sys

import (
	"math"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/throughline-io/throughline/pkg/span"
)

// BenchmarkHooks says what each variant adds to a system call, in CPU time of the calling
// thread:
//
//	getppid          no call of ours
//	file             read and write, not on a socket
//	unix-256         read and write on a socket, not of TCP
//	elsewhere-tcp    on a TCP socket of another network namespace
//	eagain           recvfrom that finds nothing
//	tcp-256, -1024   captured, with as many bytes of payload
//	http             captured, of requests and answers by a goroutine
//
//	go test -run - -bench Hooks -benchtime 1x ./agent/sys
func BenchmarkHooks(b *testing.B) {
	kinds := []string{"getppid", "file", "unix-256", "elsewhere-tcp", "eagain", "tcp-256", "tcp-1024", "http"}
	const runs, calls, rounds = 300, 500, 2 // short runs: the least of them was not disturbed
	measure := func(p *program, kind string) (ns float64) {
		if kind == "elsewhere-tcp" {
			kind = "tcp-256"
		}
		p.tell(costJob{kind, calls, runs})
		p.read(&ns)
		return ns
	}
	for range b.N {
		for _, v := range []Variant{TPBTF, Tracepoint} {
			for _, kind := range kinds {
				b.Run(string(v)+"/"+kind, func(b *testing.B) {
					here, elsewhere := newBed(b), newBed(b)
					p := here.start("cost")
					if kind == "elsewhere-tcp" {
						p = elsewhere.start("cost")
					}
					without, with, lost := math.Inf(1), math.Inf(1), uint64(0)
					for range rounds {
						without = min(without, measure(p, kind))
						s := here.capture(v)
						with = min(with, measure(p, kind))
						s.capture.Close()
						lost += s.line("calls dropped: ring full")
					}
					b.ReportMetric(0, "ns/op")
					b.ReportMetric(without, "without-ns/call")
					b.ReportMetric(with-without, "added-ns/call")
					b.ReportMetric(float64(lost), "lost")
				})
			}
		}
	}
}

// BenchmarkAgent says what the agent's own process spends on a request seen at both ends:
// its share in reading, framing, pairing and describing.
func BenchmarkAgent(b *testing.B) {
	for _, v := range []Variant{TPBTF, Tracepoint} {
		b.Run(string(v), func(b *testing.B) {
			bed := newBed(b)
			client, url := bed.serve()
			j := job{URL: url + "/small/1", Method: "GET", Requests: 20_000, Concurrency: 10}
			client.do(j)
			s := bed.capture(v, func(c *Config) { c.Sink = func(*span.Span) {} })
			before := processCPU()
			for range b.N {
				client.do(j)
			}
			spent := processCPU() - before
			s.capture.Close()
			requests := float64(b.N * j.Requests)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(spent.Nanoseconds())/requests, "agent-ns/request")
			b.ReportMetric(float64(s.line("calls read"))/requests, "calls/request")
			b.ReportMetric(float64(s.line("calls dropped: ring full")), "lost")
		})
	}
}

func processCPU() time.Duration {
	return time.Duration(readTime(unix.CLOCK_PROCESS_CPUTIME_ID))
}
