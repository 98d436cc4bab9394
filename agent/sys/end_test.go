package sys

import (
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// That a process closes a descriptor says nothing of a connection that it or another has by another.
func TestADuplicateThatIsClosedEndsNothing(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		s := b.capture(v)
		other, url := b.serve()
		client := b.start("duplicates", addressVariable+"="+url[len("http://"):])
		var said string
		client.read(&said)
		time.Sleep(closeGrace + 2*time.Second) // as long as it took until the request was given up
		other.do(job{URL: url + "/release", Method: "GET", Requests: 1, Concurrency: 1})
		var status int
		client.read(&status)
		waited := func(sp *span.Span) bool { return sp.Resource == "/wait" }
		for _, sp := range s.wait(2, waited) {
			if sp.Code != 200 || sp.Duration < uint64(closeGrace) {
				t.Errorf("%v: status %v, code %d, %v; want the answer that came", sp.Point, sp.Status, sp.Code, time.Duration(sp.Duration))
			}
		}
	})
}
