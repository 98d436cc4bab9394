package agent_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent"
	"github.com/throughline-io/throughline/pkg/span"
)

// A Service whose address and port the node translates to those of the receiver. What a pod sends there is no
// request of the pod's, at its system calls and at its veth, which see the Service.
func TestExportsThroughAServiceAreLeftOut(t *testing.T) {
	n := newNode(t)
	s := newServer(t)
	r := run(t, s, func(c *agent.Config) {
		c.Netns, c.NET, c.SYS = "/var/run/netns/"+n.name, true, "auto"
		c.OTLPHTTP, c.OTLPGRPC, c.OTLPNative = nodeAddr+":4318", "", ""
	})
	const service = "10.96.0.10"
	rules := exec.Command("ip", "netns", "exec", n.name, "nft", "-f", "-")
	rules.Stdin = strings.NewReader("table ip services { chain prerouting { type nat hook prerouting priority dstnat; ip daddr " + service + " tcp dport 80 dnat to " + nodeAddr + ":4318\n}\n}\n")
	for _, c := range []*exec.Cmd{rules, exec.Command("ip", "-n", n.pod, "route", "add", service, "via", nodeAddr, "dev", "eth0")} {
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v: %s", c.Args, err, out)
		}
	}
	n.startPod(t, "silent")
	curl := func(namespace string, args ...string) {
		t.Helper()
		cmd := exec.Command("ip", append([]string{"netns", "exec", namespace, "curl", "-sS", "-f", "-m", "10", "--noproxy", "*"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v: %s", args, err, out)
		}
	}
	for range 5 {
		curl(n.pod, "-H", "Content-Type: application/json", "-d", oneSpan, "http://"+service+"/v1/traces")
	}
	curl(n.name, "http://"+podAddr+":8080/items/42") // behind the exports
	seen := func(source span.Source) (n int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, sp := range s.spans {
			if sp.Source == source && sp.Resource == "/items/42" {
				n++
			}
		}
		return n
	}
	eventually(t, "SYS and NET have seen the request", func() bool { return seen(span.SYS) > 0 && seen(span.NET) > 0 })
	r.end()
	for _, sp := range s.spans {
		if sp.Source != span.APP && sp.Resource != "/items/42" {
			t.Errorf("a span of an export: %v %v %s %v", sp.Source, sp.Point, sp.Resource, sp.Server)
		}
	}
}
