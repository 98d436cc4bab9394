package sys

import (
	"bufio"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/bpf"
	"github.com/throughline-io/throughline/pkg/span"
)

// Of a socket whose bytes cannot be read next to nothing is taken, each call is counted, and a request
// is seen all the same when one comes.
func TestBytesThatCannotBeReadAreSkimmed(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		s := b.capture(v)
		p := b.start("mixed")
		did := uint64(0)
		say := func(message string) { did += p.says(message) }
		until(t, func() bool {
			for range 100 {
				say("\x17\x03\x03\x00\x40 a record of TLS")
			}
			return s.counter(bpf.SockioCounterCOUNTER_SKIMMED) > 0
		})
		say("GET /seen HTTP/1.1\r\nHost: x\r\n\r\n")
		say("HTTP/1.1 204 No Content\r\n\r\n")
		s.wait(1, func(sp *span.Span) bool { return sp.Point == span.PointServerProcess && sp.Endpoint == "/seen" })
		s.capture.Close()
		if s.line("calls in") != did || s.line("calls captured")+s.line(skims) != did {
			t.Errorf("%d calls done\nledger:\n%s", did, s.lines())
		}
	})
}

// A connection that has turned to another protocol is off: each of its calls is counted, and none is taken, whatever
// they look like.
func TestAConnectionThatIsGivenUpIsOff(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		s := b.capture(v)
		p := b.start("mixed")
		did := uint64(0)
		say := func(message string) { did += p.says(message) }
		say("GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
		say("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
		until(t, func() bool {
			say("a frame")
			return s.counter(bpf.SockioCounterCOUNTER_SKIMMED) > 2
		})
		taken := s.counter(bpf.SockioCounterCOUNTER_CAPTURED)
		say("GET /unseen HTTP/1.1\r\nHost: x\r\n\r\n")
		say("HTTP/1.1 204 No Content\r\n\r\n")
		if now := s.counter(bpf.SockioCounterCOUNTER_CAPTURED); now != taken {
			t.Errorf("%d calls taken of a connection that is off", now-taken)
		}
		s.capture.Close()
		if s.line("calls in") != did || s.line("calls captured")+s.line(skims) != did {
			t.Errorf("%d calls done\nledger:\n%s", did, s.lines())
		}
	})
}

// says has the role mixed send itself a message, and tells in how many calls it was sent and read.
func (p *program) says(message string) (calls uint64) {
	p.t.Helper()
	p.tell(message)
	p.read(&calls)
	return calls
}

// mixed sends itself each message it is told, answers from its server's end, and says in how many calls.
func mixed(in *bufio.Reader, out *json.Encoder) error {
	client, server, err := connection()
	if err != nil {
		return err
	}
	room := make([]byte, 4096)
	for messages := json.NewDecoder(in); ; {
		var message string
		if err := messages.Decode(&message); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		from, to := client, server
		if strings.HasPrefix(message, "HTTP/") {
			from, to = server, client
		}
		if _, err := from.Write([]byte(message)); err != nil {
			return err
		}
		calls := 1
		for left := len(message); left > 0; calls++ {
			n, err := to.Read(room)
			if err != nil {
				return err
			}
			left -= n
		}
		if err := out.Encode(calls); err != nil {
			return err
		}
	}
}
