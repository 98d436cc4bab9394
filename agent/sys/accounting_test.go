package sys

import (
	"net/netip"
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// echoes has an echo program exchange n messages, and says how many calls that took.
func (p *program) echoes(n int) (calls uint64) {
	p.t.Helper()
	p.tell(n)
	p.read(&calls)
	return calls
}

// start of an echo program, and its port.
func (b *bed) echo() (*program, uint16) {
	b.t.Helper()
	p := b.start("echo")
	var address netip.AddrPort
	p.read(&address)
	return p, address.Port()
}

const overShare = "calls dropped: the process had its share of a ring that fills"

const skims = "calls left out: bytes that cannot be read, of TLS or of an unknown protocol"

// What a program did is captured or lost, and each is counted. The ring here is too small
// and nobody empties it.
func TestEveryCallIsCounted(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		s := b.capture(v, func(c *Config) { c.Ring, c.Poll = 1<<16, time.Hour })
		p, _ := b.echo()
		did := p.echoes(1000)
		s.capture.Close()
		captured, lost := s.line("calls captured"), s.line("calls dropped: ring full")+s.line(overShare)
		if s.line("calls in") != did || captured+lost != did || captured == 0 || lost == 0 || s.line("calls read") != captured {
			t.Errorf("%d calls done\nledger:\n%s", did, s.lines())
		}
	})
}

func TestLeaveOutPort(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		p, port := b.echo()
		s := b.capture(v, func(c *Config) { c.LeaveOutPorts = []uint16{port} })
		did := p.echoes(100)
		s.capture.Close()
		if s.line("calls left out: port") != did || s.line("calls in") != did || s.line("calls captured") != 0 {
			t.Errorf("%d calls done\nledger:\n%s", did, s.lines())
		}
	})
}

func TestLeaveOutProcess(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		out, _ := b.echo()
		in, _ := b.echo()
		s := b.capture(v, func(c *Config) { c.LeaveOutPIDs = []int{out.cmd.Process.Pid} })
		didOut, didIn := out.echoes(100), in.echoes(50)
		s.capture.Close()
		if s.line("calls left out: process") != didOut || s.line("calls captured")+s.line(skims) != didIn {
			t.Errorf("%d calls left out, %d to capture\nledger:\n%s", didOut, didIn, s.lines())
		}
	})
}

// A capture sees its namespaces and no others, and can be told of more.
func TestNamespaces(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		one, other := newBed(t), newBed(t)
		s := one.capture(v)
		p, _ := one.echo()
		q, _ := other.echo()
		did := p.echoes(10)
		q.echoes(10)
		if err := s.capture.SetNamespaces([]uint32{other.inode}); err != nil {
			t.Fatal(err)
		}
		p.echoes(10)
		did += q.echoes(20)
		s.capture.Close()
		if s.line("calls in") != did {
			t.Errorf("%d calls done\nledger:\n%s", did, s.lines())
		}
	})
}

// Calls beyond what is kept per process are counted.
func TestSocketLimit(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	s := b.capture(Auto, func(c *Config) { c.MaxSockets = 1 })
	client, url := b.serve()
	for _, of := range []*program{client, b.start("http-client")} { // each keeps its connection
		of.do(job{URL: url + "/flush", Method: "GET", Requests: 20})
	}
	s.capture.Close()
	if s.line("calls dropped: too many sockets in one process") == 0 {
		t.Errorf("ledger:\n%s", s.lines())
	}
	if n := len(s.matching(at(span.PointClientProcess))); n == 0 {
		t.Error("nothing seen of the socket within the limit")
	}
}
