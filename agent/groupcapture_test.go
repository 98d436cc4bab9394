package agent_test

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"testing"

	"google.golang.org/grpc"

	"github.com/throughline-io/throughline/agent"
	"github.com/throughline-io/throughline/pkg/wire"
)

// A group switches captures and protocols off and on again in an agent that runs: what is off is not seen,
// and nobody counts as having looked.
func TestAGroupSwitchesCaptures(t *testing.T) {
	n := newNode(t)
	g := newGroups()
	s := newServerWith(t, func(r grpc.ServiceRegistrar) { wire.RegisterControlServer(r, g) })
	r := run(t, s, func(c *agent.Config) {
		c.Netns, c.NET, c.SYS, c.Control, c.Confine = "/var/run/netns/"+n.name, true, "auto", true, false
		c.OTLPHTTP, c.OTLPGRPC, c.OTLPNative = nodeAddr+":4318", "", ""
	})
	_, stopPod := n.startPod(t, "silent")
	ask := func(path string) {
		var conn net.Conn
		in(t, n.name, func() (err error) { conn, err = net.Dial("tcp", podAddr+":8080"); return err })
		defer conn.Close()
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: pod\r\n\r\n", path)
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			t.Fatal(err)
		}
	}
	seen := func() map[string]int { // spans, by path and source
		s.mu.Lock()
		defer s.mu.Unlock()
		all := map[string]int{}
		for _, sp := range s.spans {
			all[sp.Resource+" "+sp.Source.String()]++
		}
		return all
	}
	lastWatched := func() (sources int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, report := range s.reports {
			if len(report.Watched) > 0 {
				sources = len(report.Watched)
			}
		}
		return sources
	}
	both := func(path string) {
		t.Helper()
		ask(path)
		eventually(t, path+" is seen", func() bool { return seen()[path+" SYS"] > 0 && seen()[path+" NET"] > 0 })
	}
	both("/first")
	if st := g.push(t, 1, "agent: {net: off, sys-variant: off}\n"); st.GetError() != "" || st.GetSys() != "off, by the agent group" || st.GetNet() != st.GetSys() || len(st.GetNotes()) > 0 {
		t.Fatalf("switched off: %v", st)
	}
	ask("/unseen")
	if st := g.push(t, 2, "agent: {net: on}\n"); st.GetError() != "" || st.GetNet() != "on" || len(st.GetNotes()) > 0 {
		t.Fatalf("switched on: %v", st)
	}
	both("/second")
	// What is a protocol's is decided when the agent reads of a connection: nothing comes behind this one.
	if st := g.push(t, 3, "agent: {protocols: {http: false}}\n"); st.GetError() != "" {
		t.Fatalf("a protocol: %v", st)
	}
	ask("/no-protocol")
	eventually(t, "somebody looks at the pod", func() bool { return lastWatched() > 0 })
	stopPod()
	r.end()
	want := map[string]int{"/first SYS": 1, "/first NET": 1, "/second SYS": 1, "/second NET": 1}
	if all := seen(); !maps.Equal(all, want) {
		t.Errorf("seen %v, want %v", all, want)
	}
}
