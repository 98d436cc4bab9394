package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// perTrace is the spans of a request, which are one trace. Its number is in its trace id.
const perTrace = 20

// service is whose spans they are.
const service = "faults"

// load is clients that send one request after the other, each until it is answered, as
// OpenTelemetry's exporters do: after an error that may pass, the same bytes again.
type load struct {
	url    string
	client *http.Client
	run    uint64 // the first half of all trace ids
	next   atomic.Uint64

	stop   chan struct{}
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu        sync.Mutex
	acked     map[uint64]time.Time // requests, by their numbers
	resent    map[uint64]bool      // nobody knows what became of an earlier try
	failed    error
	refusals  int    // answers that said: later
	lastError string // why a request is sent again
}

func newLoad(address string, clients int) *load {
	ctx, cancel := context.WithCancel(context.Background())
	l := &load{
		url: "http://" + address + "/v1/traces", run: uint64(time.Now().UnixNano()), stop: make(chan struct{}), cancel: cancel,
		acked: map[uint64]time.Time{}, resent: map[uint64]bool{},
		// The timeout of OpenTelemetry's exporters.
		client: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: clients + 1}},
	}
	for range clients {
		l.wg.Go(func() {
			for {
				select {
				case <-l.stop:
					return
				default:
				}
				if _, err := l.one(ctx); err != nil {
					return
				}
			}
		})
	}
	return l
}

// traceID is that of a request.
func (l *load) traceID(n uint64) string { return hex.EncodeToString(l.id(n)) }

func (l *load) id(n uint64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, l.run), n)
}

// one sends one new request until it is acknowledged.
func (l *load) one(ctx context.Context) (n uint64, err error) { return l.by(ctx, l.client) }

// by does so by a client of the caller's.
func (l *load) by(ctx context.Context, client *http.Client) (n uint64, err error) {
	n = l.next.Add(1)
	body, err := l.request(n, 0)
	if err != nil {
		return n, err
	}
	for {
		again, err := l.post(ctx, client, body)
		switch {
		case err == nil:
			l.note(func() { l.acked[n] = time.Now() })
			return n, nil
		case ctx.Err() != nil:
			return n, ctx.Err()
		case again == no:
			err = fmt.Errorf("request %d was refused for good: %w", n, err)
			l.note(func() { l.failed = errors.Join(l.failed, err) })
			return n, err
		}
		l.note(func() {
			l.lastError = err.Error()
			if again == unanswered {
				l.resent[n] = true
			} else {
				l.refusals++
			}
		})
		if err := pause(ctx, 50*time.Millisecond); err != nil { // sooner than exporters, which wait seconds: more tries, more faults
			return n, err
		}
	}
}

func (l *load) note(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
}

// acknowledged is how many requests were.
func (l *load) acknowledged() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.acked)
}

// goesOn waits until more requests are acknowledged.
func (l *load) goesOn(ctx context.Context, b *bed, more int) error {
	want := l.acknowledged() + more
	return b.await(ctx, fmt.Sprintf("%d more requests are acknowledged (last: %s)", more, l.lastError), func() bool { return l.acknowledged() >= want })
}

// again says whether a request that failed is worth another try.
type again int

const (
	no again = iota
	later
	unanswered
)

func (l *load) post(ctx context.Context, client *http.Client, body []byte) (again, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url, bytes.NewReader(body))
	if err != nil {
		return no, err
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	resp, err := client.Do(req)
	if err != nil {
		var dial *net.OpError
		if errors.As(err, &dial) && dial.Op == "dial" {
			return later, err
		}
		return unanswered, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return unanswered, err
	case resp.StatusCode == http.StatusOK && len(text) == 0:
		return no, nil
	case resp.StatusCode == http.StatusOK:
		return no, fmt.Errorf("partly: %q", text)
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusServiceUnavailable:
		return later, errors.New(resp.Status)
	}
	return no, fmt.Errorf("%s: %q", resp.Status, text)
}

// end begins no more requests and waits until those under way are acknowledged.
func (l *load) end(ctx context.Context) error {
	close(l.stop)
	ended := make(chan struct{})
	go func() { l.wg.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(patience):
		l.cancel()
		<-ended
		return fmt.Errorf("clients are not answered any more: %s", l.lastError)
	case <-ctx.Done():
		l.cancel()
		<-ended
		return ctx.Err()
	}
	return l.failed
}

// abandon ends all at once.
func (l *load) abandon() { l.cancel(); l.wg.Wait() }

// request is a trace as SDKs send it, by a clock that is wrong by skew.
func (l *load) request(n uint64, skew time.Duration) ([]byte, error) {
	text := func(k, v string) *commonpb.KeyValue {
		return &commonpb.KeyValue{Key: k, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: v}}}
	}
	now := uint64(time.Now().Add(skew).UnixNano())
	spanID := func(place int) []byte { return binary.BigEndian.AppendUint64(nil, n<<8|uint64(place)) }
	scope := &tracepb.ScopeSpans{}
	for i := range perTrace {
		s := &tracepb.Span{TraceId: l.id(n), SpanId: spanID(i + 1), Name: "GET /items/{id}", Kind: tracepb.Span_SPAN_KIND_INTERNAL,
			StartTimeUnixNano: now + uint64(i)*1000, EndTimeUnixNano: now + 500_000,
			Attributes: []*commonpb.KeyValue{text("http.route", "/items/{id}"), text("user.id", fmt.Sprint("user-", n%500))}}
		if i == 0 {
			s.Kind = tracepb.Span_SPAN_KIND_SERVER
		} else {
			s.ParentSpanId = spanID(i)
		}
		scope.Spans = append(scope.Spans, s)
	}
	return proto.Marshal(&tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{{
		Resource:   &resourcepb.Resource{Attributes: []*commonpb.KeyValue{text("service.name", service), text("host.name", "node0")}},
		ScopeSpans: []*tracepb.ScopeSpans{scope},
	}}})
}
