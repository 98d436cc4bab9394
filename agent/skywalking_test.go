package agent_test

import (
	"cmp"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/throughline-io/throughline/agent"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
)

// Two services that SkyWalking's own agent watches, one of which asks the other: what it says of them, by
// either of its protocols, is one trace with the system calls and packets of the same requests, with one
// root and everybody's parent.
func TestSkyWalkingsTraceIsOneWithWhatAgentsSee(t *testing.T) {
	packages := t.TempDir()
	if out, err := exec.Command("python3", "-m", "pip", "install", "-q", "--target", packages, "apache-skywalking==1.2.0", "requests==2.34.2").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, protocol := range []string{"grpc", "http"} {
		t.Run(protocol, func(t *testing.T) { skyWalkingTrace(t, packages, protocol) })
	}
}

func skyWalkingTrace(t *testing.T, packages, protocol string) {
	const frontAddr, backAddr = podAddr, "10.251.0.11"
	n := newNode(t)
	back := n.addPod(t, "back", backAddr)
	s := newServer(t)
	r := run(t, s, func(c *agent.Config) {
		c.Netns, c.NET, c.SYS = "/var/run/netns/"+n.name, true, "auto"
		c.OTLPHTTP, c.OTLPGRPC, c.OTLPNative = nodeAddr+":4318", "", ""
	})
	var said buffer
	var stops []func()
	start := func(namespace string, args ...string) {
		t.Helper()
		c := exec.Command("ip", append([]string{"netns", "exec", namespace, "python3", "testdata/watched_service.py"}, args...)...)
		c.Env = append(c.Environ(), "PYTHONPATH="+packages, "NO_PROXY=*", "no_proxy=*")
		c.Stderr = &said
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		stop := sync.OnceFunc(func() {
			_ = c.Process.Kill()
			_ = c.Wait()
		})
		stops = append(stops, stop)
		t.Cleanup(stop)
		if _, err := out.Read(make([]byte, 5)); err != nil { // "ready"
			stop()
			t.Fatalf("%v\n%s", err, said.Bytes())
		}
	}
	start(back, "back", backAddr, "8080", nodeAddr+":4318", protocol)
	start(n.pod, "front", frontAddr, "8080", nodeAddr+":4318", protocol, "http://"+backAddr+":8080")
	curl := exec.Command("ip", "netns", "exec", n.name, "curl", "-sS", "-f", "-m", "20", "--noproxy", "*", "http://"+frontAddr+":8080/order")
	if out, err := curl.CombinedOutput(); err != nil || string(out) != "in stock" {
		t.Fatalf("%v: %s", err, out)
	}
	of := func(source span.Source) (list []*span.Span) {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, sp := range s.spans {
			if sp.Source == source && (sp.Endpoint == "/order" || sp.Endpoint == "/stock" || strings.HasPrefix(sp.Resource, "/order") || strings.HasPrefix(sp.Resource, "/stock")) {
				list = append(list, sp)
			}
		}
		return list
	}
	eventually(t, "3 spans of code, 4 of system calls and 3 of packets", func() bool {
		return len(of(span.APP)) >= 3 && len(of(span.SYS)) >= 4 && len(of(span.NET)) >= 3
	})
	r.end()
	for _, stop := range stops {
		stop()
	}
	if len(said.Bytes()) > 0 {
		t.Errorf("the services' agents said:\n%s", said.Bytes())
	}
	tree := trace.Assemble(slices.Concat(of(span.APP), of(span.SYS), of(span.NET)), trace.Options{})
	got := ""
	for i, sp := range tree.Spans {
		got += fmt.Sprintf("%s%s\n", strings.Repeat(" ", int(tree.Depth[i])), strings.Join(strings.Fields(fmt.Sprint(sp.Source, " ", sp.Point, " ", sp.Kind, " ", sp.Service, " ", strings.TrimSuffix(cmp.Or(sp.Endpoint, sp.Resource), "?of=tea"))), " "))
	}
	const want = `SYS c-p /order
 NET s /order
  SYS s-p /order
   APP app SERVER front /order
    APP app CLIENT front /stock
     SYS c-p /stock
      NET c /stock
       NET s /stock
        SYS s-p /stock
         APP app SERVER back /stock
`
	if got != want {
		t.Errorf("the tree is\n%swant\n%s", got, want)
	}
}
