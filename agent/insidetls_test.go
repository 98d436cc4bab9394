package agent_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/throughline-io/throughline/agent"
	"github.com/throughline-io/throughline/agent/topology/testnet"
	"github.com/throughline-io/throughline/certificate/certificatetest"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
)

// nginxIn starts one in a pod that serves a small and a large file by TLS at a port.
func nginxIn(t *testing.T, n *testnet.Net, pod string, address netip.AddrPort) {
	t.Helper()
	p := certificatetest.New(t, time.Hour)
	dir := t.TempDir()
	config := filepath.Join(dir, "nginx.conf")
	for path, text := range map[string]string{
		config: fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log stderr emerg;
events { worker_connections 64; }
http { access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
 server { listen %[2]s ssl http2; ssl_certificate %[3]s; ssl_certificate_key %[4]s; root %[1]s; }
}`, dir, address, p.Cert, p.Key),
		filepath.Join(dir, "small"): "an item\n",
		filepath.Join(dir, "large"): strings.Repeat("many items\n", 40_000),
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := n.Command(pod, "nginx", "-c", config, "-p", dir)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

// curl asks for paths on one connection, with a trace's context, and says which codes it got.
func curlIn(n *testnet.Net, pod string, address netip.AddrPort, context, version string, paths ...string) string {
	args := []string{"curl", "-sk", version, "--max-time", "10", "--connect-to", fmt.Sprintf("shop.test:%d:%s", address.Port(), address), "-w", "%{http_code} ", "-H", "traceparent: " + context}
	for _, p := range paths {
		args = append(args, "-o", "/dev/null", fmt.Sprintf("https://shop.test:%d%s", address.Port(), p))
	}
	out, _ := n.Command(pod, args...).Output()
	return strings.TrimSpace(string(out))
}

// What curl and nginx say inside of TLS is seen at every interface between their pods as at their processes: the packets show when
// it passed, the system calls what it was.
func TestPacketsOfTLSAreOfTheRequestThatTheyCarry(t *testing.T) {
	t.Parallel()
	n := testnet.New(t, "tlin", 2)
	n.Pod("a", 1)
	address := netip.AddrPortFrom(n.Pod("b", 2), 8443)
	s := newServer(t)
	for i := range 2 {
		r := run(t, s, func(c *agent.Config) {
			c.Name, c.Node = n.Node(i+1), n.Node(i+1)
			c.Netns, c.NET, c.SYS, c.SYSTLS.On = n.NodePath(i+1), true, "auto", true
		})
		if strings.HasPrefix(r.stats.SYS, "failed") || strings.HasPrefix(r.stats.NET, "failed") {
			t.Fatalf("cannot capture here: SYS %s, NET %s", r.stats.SYS, r.stats.NET)
		}
	}
	nginxIn(t, n, "b", address)
	chains := func(part string) map[string]map[span.Point][]*span.Span {
		s.mu.Lock()
		defer s.mu.Unlock()
		found := map[string]map[span.Point][]*span.Span{}
		for _, sp := range s.spans {
			if !strings.Contains(sp.Resource, part) {
				continue
			}
			if found[sp.Resource] == nil {
				found[sp.Resource] = map[span.Point][]*span.Span{}
			}
			found[sp.Resource][sp.Point] = append(found[sp.Resource][sp.Point], sp)
		}
		return found
	}
	eventually(t, "both ends are read", func() bool { // all libraries have probes
		curlIn(n, "a", address, "00-00000000000000000000000000000001-0000000000000001-01", "--http1.1", "/small?warm")
		warm := chains("?warm")["/small?warm"]
		return len(warm[span.PointClientProcess]) > 0 && len(warm[span.PointServerProcess]) > 0
	})
	points := []span.Point{span.PointClientProcess, span.PointClient, span.PointClientNode, span.PointServerNode, span.PointServer, span.PointServerProcess}
	for i, version := range []string{"--http1.1", "--http2"} {
		paths := []string{"/small?0", "/small?1", "/large?2", "/none?3"}
		for j := range paths {
			paths[j] += version
		}
		const context = "00-%032x-00000000000000aa-01"
		if codes := curlIn(n, "a", address, fmt.Sprintf(context, i+16), version, paths...); codes != "200 200 200 404" {
			t.Fatalf("curl %s was answered %q", version, codes)
		}
		eventually(t, "spans at all points, of all but a first request", func() bool {
			found := chains(version)
			for _, p := range paths[1:] {
				if len(found[p]) < len(points) {
					return false
				}
			}
			return true
		})
		for resource, at := range chains(version) {
			var all []*span.Span
			first := at[span.PointClientProcess]
			for _, p := range points {
				all = append(all, at[p]...)
				if len(at[p]) != 1 || len(first) != 1 {
					t.Errorf("%s: %d spans at %v, want one", resource, len(at[p]), p)
					continue
				}
				got, want := at[p][0], first[0]
				if got.TraceID != want.TraceID || got.TraceID.IsZero() || got.Code != want.Code || got.Status != want.Status || got.Type != "GET" || got.Domain != want.Domain || !got.TLS {
					t.Errorf("%s at %v: %+v, want what the c-p says: %+v", resource, p, got, want)
				}
				if got.RequestSeq != want.RequestSeq || got.ResponseSeq != want.ResponseSeq || got.ResponseSize != want.ResponseSize {
					t.Errorf("%s at %v: places %d and %d, %d bytes, want %d, %d and %d", resource, p, got.RequestSeq, got.ResponseSeq, got.ResponseSize, want.RequestSeq, want.ResponseSeq, want.ResponseSize)
				}
				if p != span.PointClientProcess && p != span.PointServerProcess && (got.Interface == "" || got.PID != 0 || got.ResponseStart == 0) {
					t.Errorf("%s at %v: interface %q, process %d, answered after %d ns", resource, p, got.Interface, got.PID, got.ResponseStart)
				}
				if tunnelled := p == span.PointClientNode || p == span.PointServerNode; tunnelled != (got.Tunnel == "vxlan") {
					t.Errorf("%s at %v: tunnel %q", resource, p, got.Tunnel)
				}
			}
			tree := trace.Assemble(all, trace.Options{})
			for i := 1; i < len(tree.Spans); i++ {
				if tree.Spans[i].Point <= tree.Spans[i-1].Point || int(tree.Parent[i]) != i-1 {
					t.Errorf("%s: %v hangs under span %d, want the point before it: one chain", resource, tree.Spans[i].Point, tree.Parent[i])
				}
			}
		}
	}
}
