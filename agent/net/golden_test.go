package net

import (
	"encoding/binary"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/topology"
	"github.com/throughline-io/throughline/pkg/span"
)

var update = flag.Bool("update", false, "write the golden files anew")

// replay reads a file of tcpdump's as if it were captured at a node's NIC.
func replay(t testing.TB, file string, pods ...string) (spans []string, l *ledger.Ledger) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) < 24 || binary.LittleEndian.Uint32(data) != 0xa1b2c3d4 {
		t.Fatalf("%s: not a little-endian pcap file", file)
	}
	node := &topology.Node{Pods: []topology.Pod{{}}}
	for _, p := range pods {
		node.Pods[0].IPs = append(node.Pods[0].IPs, netip.MustParseAddr(p))
	}
	l = new(ledger.Ledger)
	c := &Capture{count: newCounters(l), local: addressesOf(node), room: room{limit: defaultMemory}}
	begin := int64(0)
	var all []*span.Span
	c.cfg = Config{Ledger: l, Sink: func(s *span.Span) {
		kept := *s
		all = append(all, &kept)
	}}
	tap := newTap(c, "eth0", typeNIC, 1)
	for data = data[24:]; len(data) >= 16; {
		h := data[:16]
		at := int64(binary.LittleEndian.Uint32(h))*1e9 + int64(binary.LittleEndian.Uint32(h[4:]))*1e3
		n := int(binary.LittleEndian.Uint32(h[8:]))
		if begin == 0 {
			begin = at
		}
		frame := captured{data: data[16 : 16+n], wireLen: int(binary.LittleEndian.Uint32(h[12:])), time: at}
		var p packet
		if p.parse(frame.data, frame.wireLen) == isTCP {
			frame.outgoing = c.local[p.from().Addr()] == isPod
		}
		tap.packet(&frame)
		data = data[16+n:]
	}
	for _, k := range tap.conns {
		k.end()
	}
	tap.datagrams.Close()
	slices.SortFunc(all, func(a, b *span.Span) int { return int(a.Start - b.Start) })
	for _, s := range all {
		spans = append(spans, fmt.Sprintf("%v %s %v>%v %08x/%08x +%dus %dus/%dus %s %s %s %v %d %d/%d bytes",
			s.Point, s.Tunnel, s.Client, s.Server, s.RequestSeq, s.ResponseSeq, (s.Start-begin)/1e3, s.ResponseStart/1e3, s.Duration/1e3,
			s.Protocol, s.Type, s.Resource, s.Status, s.Code, s.RequestSize, s.ResponseSize))
	}
	return spans, l
}

// The sessions in what a real kernel sent stay as they were once read and found right.
func TestGoldenCaptures(t *testing.T) {
	t.Parallel()
	f := func(name string, pods ...string) {
		t.Helper()
		spans, l := replay(t, filepath.Join("testdata", name+".pcap"), pods...)
		for _, r := range l.Rows() {
			if !strings.HasPrefix(r.What, "in:") && !strings.HasPrefix(r.What, "guessed") {
				spans = append(spans, fmt.Sprintf("%s: %d", r.What, r.Count))
			}
		}
		got := strings.Join(spans, "\n") + "\n"
		golden := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got; -update accepts):\n%s", name, diff)
		}
	}
	f("ipip-http", "10.244.0.10")
	f("vxlan-mysql", "10.245.1.10")
	// curl 7.88 and nghttp 1.52 turn connections to HTTP/2, and nghttp asks by one of HTTP/2 from the beginning.
	f("http2-upgrade", "10.9.0.2")
	// grpcio 1.85, grpc-js 1.14 and grpc-go 1.85 ask a server of grpc-go, and grpcio one of grpc-js.
	f("grpc-python-go", "10.9.0.2")
	f("grpc-node-go", "10.9.0.2")
	f("grpc-go-go", "10.9.0.2")
	f("grpc-python-node", "10.9.0.2")
	// glibc 2.36, musl 1.2.3, Go 1.26, c-ares of Node 20 and OpenJDK 17 ask dnsmasq 2.90; then what is no question.
	f("dns", "10.244.1.10")
}
