package net_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	stdnet "net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/net"
	"github.com/throughline-io/throughline/agent/topology"
	"github.com/throughline-io/throughline/agent/topology/testnet"
	"github.com/throughline-io/throughline/pkg/span"
)

// collector keeps the spans of one node.
type collector struct {
	mu    sync.Mutex
	spans []span.Span
}

func (c *collector) sink(s *span.Span) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.spans = append(c.spans, *s)
}

// startCapture captures a node of the test net; stop returns its spans.
func startCapture(t *testing.T, n *testnet.Net, node int, l *ledger.Ledger, leaveOut ...uint16) (stop func() []span.Span) {
	t.Helper()
	top, err := topology.Discover(n.NodePath(node))
	if err != nil {
		t.Fatal(err)
	}
	c := &collector{}
	capture, err := net.Start(t.Context(), net.Config{Node: top, LeaveOutPorts: leaveOut, Ledger: l, Sink: c.sink})
	if err != nil {
		t.Fatal(err)
	}
	return func() []span.Span {
		if err := capture.Close(); err != nil {
			t.Fatal(err)
		}
		return c.spans
	}
}

// serve runs an HTTP server inside a pod until the test ends.
func serve(t *testing.T, n *testnet.Net, pod, addr string, h http.Handler) {
	t.Helper()
	var l stdnet.Listener
	n.In(pod, func() (err error) {
		l, err = stdnet.Listen("tcp", addr)
		return err
	})
	s := &http.Server{Handler: h}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
}

// client is an HTTP client inside a pod, with keep-alive.
func client(n *testnet.Net, pod string) *http.Client {
	dial := func(ctx context.Context, network, addr string) (c stdnet.Conn, err error) {
		err = topology.Inside(n.PodPath(pod), func() error {
			c, err = new(stdnet.Dialer).DialContext(ctx, network, addr)
			return err
		})
		return c, err
	}
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DialContext: dial, MaxIdleConnsPerHost: 32}}
}

// shop answers with bodies of several sizes, one of them early flushed.
func shop(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	switch r.URL.Path {
	case "/big":
		_, _ = w.Write(bytes.Repeat([]byte("x"), 200<<10))
	case "/flush":
		_, _ = io.WriteString(w, "first")
		w.(http.Flusher).Flush()
		_, _ = io.WriteString(w, "second")
	default:
		_, _ = io.WriteString(w, "ok")
	}
}

// slowBody makes net/http send the header and the body in packets of their own.
type slowBody struct{ io.Reader }

func request(c *http.Client, base string, i int) error {
	var resp *http.Response
	var err error
	switch i % 4 {
	case 0:
		resp, err = c.Get(fmt.Sprintf("%s/items/%d?n=%d", base, i, i))
	case 1:
		resp, err = c.Post(fmt.Sprintf("%s/order?n=%d", base, i), "application/json", slowBody{strings.NewReader(`{"item":42}`)})
	case 2:
		resp, err = c.Get(fmt.Sprintf("%s/big?n=%d", base, i))
	default:
		resp, err = c.Get(fmt.Sprintf("%s/flush?n=%d", base, i))
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// load sends requests, ten at a time.
func load(t *testing.T, c *http.Client, base string, requests int) {
	t.Helper()
	var wg sync.WaitGroup
	for worker := range 10 {
		wg.Go(func() {
			for i := worker; i < requests; i += 10 {
				if err := request(c, base, i); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// Every request between pods of two nodes has exactly one span at each of the four points,
// with one pair of sequence numbers, and times in path order; between pods of one node at
// two points.
func TestOneSpanPerSessionAndPoint(t *testing.T) {
	t.Parallel()
	n := testnet.New(t, "tld-n1-", 2)
	n.Pod("web", 1)
	item, order := n.Pod("item", 1), n.Pod("order", 2)
	var l1, l2 ledger.Ledger
	stop1, stop2 := startCapture(t, n, 1, &l1, 9999), startCapture(t, n, 2, &l2, 9999)
	serve(t, n, "item", addr(item, 8080), http.HandlerFunc(shop))
	serve(t, n, "order", addr(order, 8080), http.HandlerFunc(shop))
	serve(t, n, "order", addr(order, 9999), http.HandlerFunc(shop)) // left out

	const requests = 400
	c := client(n, "web")
	load(t, c, "http://"+addr(order, 8080), requests)
	load(t, c, "http://"+addr(item, 8080), requests)
	load(t, c, "http://"+addr(order, 9999), 40)
	c.CloseIdleConnections()
	spans := append(stop1(), stop2()...)

	path := map[netip.Addr][]string{
		order: {"c caliweb veth ", "c-nd eth0 nic vxlan", "s-nd eth0 nic vxlan", "s caliorder veth "},
		item:  {"c caliweb veth ", "s caliitem veth "},
	}
	chains := map[uint64][]span.Span{}
	for _, s := range spans {
		if s.Server.Port() != 8080 {
			t.Fatalf("span of traffic that is left out: %+v", s)
		}
		k := uint64(s.RequestSeq)<<32 | uint64(s.ResponseSeq)
		chains[k] = append(chains[k], s)
	}
	if len(chains) != 2*requests {
		t.Errorf("%d different pairs of sequence numbers, want %d", len(chains), 2*requests)
	}
	for k, chain := range chains {
		slices.SortFunc(chain, func(a, b span.Span) int { return int(a.Point) - int(b.Point) })
		var got []string
		for i, s := range chain {
			got = append(got, fmt.Sprintf("%v %s %s %s", s.Point, s.Interface, s.InterfaceType, s.Tunnel))
			if i > 0 && (s.Start < chain[i-1].Start || s.Start+int64(s.ResponseStart) > chain[i-1].Start+int64(chain[i-1].ResponseStart)) {
				t.Errorf("%x: times at %v do not lie within those at %v", k, s.Point, chain[i-1].Point)
			}
			if s.Resource != chain[0].Resource || s.Status != span.StatusOK {
				t.Errorf("%x: %s %s at %v, %s at %v", k, s.Resource, s.Status, s.Point, chain[0].Resource, chain[0].Point)
			}
		}
		if !slices.Equal(got, path[chain[0].Server.Addr()]) {
			t.Errorf("%x %s: points %q", k, chain[0].Resource, got)
		}
	}
	for _, l := range []*ledger.Ledger{&l1, &l2} {
		for _, r := range l.Rows() {
			t.Log(r)
			if strings.HasPrefix(r.What, "lost") || strings.HasPrefix(r.What, "dropped") {
				t.Errorf("%v", r)
			}
		}
	}
}

func addr(a netip.Addr, port uint16) string { return netip.AddrPortFrom(a, port).String() }
