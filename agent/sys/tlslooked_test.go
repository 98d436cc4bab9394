package sys

import (
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// Processes are looked at beside what they do. One that began a moment ago, as PostgreSQL's server begins one for each connection, may
// have said all that it says before its files are known. Others had its library probed: what it says is seen from its handshake on.
func TestTLSOfProcessesThatAreLookedAtLate(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	cert, key := certificateFiles(t)
	address := b.postgres(cert, key)
	s := b.captureTLS(cert, key)
	looks := s.capture.tls.probes
	looks.mu.Lock() // nobody is looked at meanwhile
	defer looks.mu.Unlock()
	moved := s.capture.tls.count.records.Load()
	client := b.start("postgres-slow-client", databaseVariable+"="+address, tlsVariable+"=1")
	var said string
	client.read(&said)
	until(t, func() bool { return s.capture.tls.count.records.Load() >= moved+4 }) // the hello, written, read and answered
	client.tell("go on")
	client.read(&said)
	for _, p := range processEnds {
		for _, sp := range s.wait(1, func(sp *span.Span) bool { return sp.Point == p && sp.Resource == "SELECT 'late'" }) {
			if !sp.TLS || attribute(sp, "tls.protocol.version") != "1.3" || sp.RequestSeq == 0 {
				t.Errorf("%v of %s: TLS %t, at %d, %+v", p, sp.Comm, sp.TLS, sp.RequestSeq, sp.Attributes)
			}
		}
	}
	if left := s.leftOut() - s.tooEarly; left != 0 {
		t.Errorf("%d calls were left out\nledger:\n%s", left, s.lines())
	}
}
