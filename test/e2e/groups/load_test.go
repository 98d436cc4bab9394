package groups

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

const perRequest = 10 // spans

// load is clients that send each request once. A connection that is refused sent nothing: its request goes to
// where the receiver is now, which is what a Service does. Anything else that is no 200 is a loss.
type load struct {
	bed   *bed
	port  atomic.Int64 // where the receivers are
	run   uint64
	next  atomic.Uint64
	every time.Duration // a request of each client

	acknowledged, refused atomic.Int64 // requests
	stop                  chan struct{}
	clients               sync.WaitGroup
	mu                    sync.Mutex
	lost                  []error
}

func newLoad(b *bed, port int, every time.Duration) *load {
	l := &load{bed: b, run: uint64(time.Now().UnixNano()), every: every, stop: make(chan struct{})}
	l.port.Store(int64(port))
	for i := range b.agents {
		// One that keeps its connection, one that makes one for each request, and one that stays with the address
		// it knows until it is refused there.
		for _, kind := range []client{{reuse: true}, {}, {stays: true}} {
			kind.load, kind.agent, kind.port = l, i, port
			kind.http = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: !kind.reuse}}
			l.clients.Go(kind.send)
		}
	}
	return l
}

type client struct {
	load         *load
	agent, port  int
	reuse, stays bool
	http         *http.Client
}

func (c client) send() {
	tick := time.NewTicker(c.load.every)
	defer tick.Stop()
	for {
		select {
		case <-c.load.stop:
			return
		case <-tick.C:
		}
		if !c.stays {
			c.port = int(c.load.port.Load())
		}
		body, err := c.load.request()
		if err == nil {
			err = c.post(body)
		}
		if errors.Is(err, syscall.ECONNREFUSED) {
			c.load.refused.Add(1)
			if now := int(c.load.port.Load()); c.port != now {
				c.port = now
				err = c.post(body)
			}
		}
		if err != nil {
			c.load.lose(fmt.Errorf("agent %d at port %d: %w", c.agent, c.port, err))
			continue
		}
		c.load.acknowledged.Add(1)
	}
}

func (l *load) lose(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = append(l.lost, err)
}

func (c client) post(body []byte) error {
	resp, err := c.http.Post("http://"+c.load.bed.at(c.agent, c.port)+"/api/v1/otel/trace", "application/x-protobuf", bytes.NewReader(body))
	if err != nil {
		var dial *net.OpError
		if errors.As(err, &dial) && dial.Op == "dial" {
			return syscall.ECONNREFUSED
		}
		return err
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK || len(text) > 0 {
		return fmt.Errorf("%s %q %v", resp.Status, text, err)
	}
	return nil
}

// end begins no more requests and waits for those under way.
func (l *load) end() {
	close(l.stop)
	l.clients.Wait()
}

// request is a trace of ten spans.
func (l *load) request() ([]byte, error) {
	n, now := l.next.Add(1), uint64(time.Now().UnixNano())
	id := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, l.run), n)
	scope := new(tracepb.ScopeSpans)
	for i := range perRequest {
		s := &tracepb.Span{TraceId: id, SpanId: binary.BigEndian.AppendUint64(nil, n<<8|uint64(i+1)), Name: "step", StartTimeUnixNano: now, EndTimeUnixNano: now + 1000}
		if i > 0 {
			s.ParentSpanId = binary.BigEndian.AppendUint64(nil, n<<8|uint64(i))
		}
		scope.Spans = append(scope.Spans, s)
	}
	name := &commonpb.KeyValue{Key: "service.name", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: service}}}
	return proto.Marshal(&tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{{
		Resource: &resourcepb.Resource{Attributes: []*commonpb.KeyValue{name}}, ScopeSpans: []*tracepb.ScopeSpans{scope},
	}}})
}
