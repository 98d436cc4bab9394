package agent_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vishvananda/netns"

	"github.com/throughline-io/throughline/agent"
	"github.com/throughline-io/throughline/pkg/span"
)

// node is a network namespace with one pod behind a veth pair.
type node struct{ name, pod string }

const (
	nodeAddr = "10.251.0.1"
	podAddr  = "10.251.0.10"
)

// newNode makes the namespaces, where that is allowed.
func newNode(t *testing.T) node {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root for network namespaces")
	}
	n := node{fmt.Sprintf("tle-node-%d", os.Getpid()), fmt.Sprintf("tle-pod-%d", os.Getpid())}
	t.Cleanup(func() {
		exec.Command("ip", "netns", "del", n.pod).Run()
		exec.Command("ip", "netns", "del", n.name).Run()
	})
	for _, c := range []string{
		"netns add " + n.name, "netns add " + n.pod,
		"-n " + n.name + " link set lo up", "-n " + n.pod + " link set lo up",
		"-n " + n.name + " link add tlepod type veth peer name eth0 netns " + n.pod,
		"-n " + n.name + " addr add " + nodeAddr + "/32 dev lo", "-n " + n.name + " link set tlepod up",
		"-n " + n.pod + " addr add " + podAddr + "/32 dev eth0", "-n " + n.pod + " link set eth0 up",
		"-n " + n.pod + " route add " + nodeAddr + " dev eth0", "-n " + n.name + " route add " + podAddr + " dev tlepod",
	} {
		if out, err := exec.Command("ip", strings.Fields(c)...).CombinedOutput(); err != nil {
			t.Fatalf("network namespaces cannot be made here: ip %s: %v: %s", c, err, out)
		}
	}
	return n
}

// addPod makes one more pod, which reaches the other one through the node.
func (n node) addPod(t *testing.T, name, addr string) (namespace string) {
	t.Helper()
	namespace = fmt.Sprintf("tle-%s-%d", name, os.Getpid())
	t.Cleanup(func() { exec.Command("ip", "netns", "del", namespace).Run() })
	for _, c := range []string{
		"ip netns add " + namespace, "ip -n " + namespace + " link set lo up",
		"ip -n " + n.name + " link add tle" + name + " type veth peer name eth0 netns " + namespace, "ip -n " + n.name + " link set tle" + name + " up",
		"ip -n " + namespace + " addr add " + addr + "/32 dev eth0", "ip -n " + namespace + " link set eth0 up",
		"ip -n " + namespace + " route add " + nodeAddr + " dev eth0", "ip -n " + namespace + " route add default via " + nodeAddr + " dev eth0",
		"ip -n " + n.name + " route add " + addr + " dev tle" + name, "ip -n " + n.pod + " route add " + addr + " via " + nodeAddr + " dev eth0",
		"ip netns exec " + n.name + " sysctl -qw net.ipv4.ip_forward=1",
	} {
		args := strings.Fields(c)
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", c, err, out)
		}
	}
	return namespace
}

// in runs fn in a network namespace, on a thread that ends with it.
func in(t *testing.T, name string, fn func() error) {
	t.Helper()
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		ns, err := netns.GetFromName(name)
		if err == nil {
			defer ns.Close()
			err = netns.Set(ns)
		}
		if err == nil {
			err = fn()
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// One request from the node to a server in its pod: the agent sees it at the pod's system
// calls and at its veth, and no more; and it receives the pod's own span for it, whose
// root is joined with the s-p. What the export itself sends is left out.
func TestAnAgentSeesItsNode(t *testing.T) {
	n := newNode(t)
	s := newServer(t)
	r := run(t, s, func(c *agent.Config) {
		c.Netns, c.NET, c.SYS = "/var/run/netns/"+n.name, true, "auto"
		c.OTLPHTTP, c.OTLPGRPC, c.OTLPNative = nodeAddr+":4318", "", ""
	})
	if strings.HasPrefix(r.stats.SYS, "failed") || strings.HasPrefix(r.stats.NET, "failed") {
		t.Fatalf("cannot capture here: SYS %s, NET %s", r.stats.SYS, r.stats.NET)
	}
	watched := map[string][]byte{}
	eventually(t, "the pod is reported as watched", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, report := range s.reports {
			for _, w := range report.Watched {
				watched[w.Source] = w.Addresses
			}
		}
		return len(watched) > 0
	})
	ip := netip.MustParseAddr(podAddr).As16()
	for _, source := range []string{"SYS", "NET"} {
		if !bytes.Contains(watched[source], ip[:]) {
			t.Errorf("%s watches %x, want the pod %x", source, watched[source], ip)
		}
	}
	_, stopPod := n.startPod(t, "1")
	var conn net.Conn
	in(t, n.name, func() (err error) { conn, err = net.Dial("tcp", podAddr+":8080"); return err })
	defer conn.Close()
	fmt.Fprintf(conn, "GET /items/42 HTTP/1.1\r\nHost: pod\r\n\r\n")
	if _, err := conn.Read(make([]byte, 4096)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "SYS, NET and APP span are stored, and their edge", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.spans) >= 3 && len(s.edges) >= 1
	})
	conn.Close()
	stopPod()
	r.end()

	points := map[string]*span.Span{}
	for _, sp := range s.spans {
		key := sp.Source.String() + " " + sp.Point.String()
		if points[key] != nil {
			t.Errorf("two spans of %s", key)
		}
		points[key] = sp
		if sp.Agent != "node0" || sp.Node != "node0" || sp.ID == 0 {
			t.Errorf("not signed: %+v", sp)
		}
	}
	sp, app := points["SYS s-p"], points["APP app"]
	if len(points) != 3 || sp == nil || app == nil || points["NET s"] == nil {
		t.Fatalf("spans %v", points)
	}
	if sp.PodIP.String() != podAddr || app.PodIP.String() != podAddr {
		t.Errorf("pods %v and %v", sp.PodIP, app.PodIP)
	}
	want := span.Edge{A: span.TraceGroup(app.TraceID), B: sp.Group(), Time: sp.Start, Kind: span.EdgeRoot}
	if len(s.edges) != 1 || s.edges[0] != want {
		t.Errorf("edges %v, want %v", s.edges, want)
	}
}

// startPod runs TestPodProcess in the pod until it is stopped or the test ends, in a process of its own: the agent leaves
// out its own process.
func (n node) startPod(t *testing.T, how string) (*os.Process, func()) {
	t.Helper()
	pod := exec.Command("ip", "netns", "exec", n.pod, os.Args[0], "-test.run", "^TestPodProcess$")
	pod.Env = append(os.Environ(), "AGENT_TEST_POD="+how)
	out, err := pod.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdin, err := pod.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := pod.Start(); err != nil {
		t.Fatal(err)
	}
	stop := sync.OnceFunc(func() {
		stdin.Close()
		pod.Wait()
	})
	t.Cleanup(stop)
	if _, err := out.Read(make([]byte, 5)); err != nil { // "ready"
		t.Fatal(err)
	}
	return pod.Process, stop
}

// A span that somebody else passes on, of a resource that names its container and no address, as Node's
// instrumentation sends it, is joined with the system calls of the pod that the container is in.
func TestARootThatNamesItsContainerIsLinked(t *testing.T) {
	n := newNode(t)
	s := newServer(t)
	r := run(t, s, func(c *agent.Config) {
		c.Netns, c.NET, c.SYS = "/var/run/netns/"+n.name, true, "auto"
		c.OTLPHTTP, c.OTLPGRPC, c.OTLPNative = nodeAddr+":4318", "", ""
	})
	id := strings.Repeat("3dd98808", 8)
	pod, _ := n.startPod(t, "silent")
	inControlGroup(t, pod.Pid, "docker/"+id)
	var conn net.Conn
	in(t, n.name, func() (err error) { conn, err = net.Dial("tcp", podAddr+":8080"); return err })
	defer conn.Close()
	fmt.Fprintf(conn, "GET /items/42 HTTP/1.1\r\nHost: pod\r\n\r\n")
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	began, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(conn.LocalAddr().String())
	body := fmt.Sprintf(`{"resourceSpans":[{"resource":{"attributes":[{"key":"container.id","value":{"stringValue":%q}}]},"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"GET","kind":2,"startTimeUnixNano":"%s","endTimeUnixNano":"%d",
		"attributes":[{"key":"network.peer.address","value":{"stringValue":%q}},{"key":"network.peer.port","value":{"intValue":%q}}]}]}]}]}`, id, began, time.Now().UnixNano(), host, port)
	if err := postFrom("/var/run/netns/"+n.name, nodeAddr+":4318", body); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the root is stored, and joined", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return slices.ContainsFunc(s.edges, func(e span.Edge) bool { return e.Kind == span.EdgeRoot }) && len(s.spans) >= 2
	})
	r.end()
	for _, sp := range s.spans {
		if sp.Source == span.APP && sp.PodIP.String() != podAddr {
			t.Errorf("the span is of %v, want %s", sp.PodIP, podAddr)
		}
	}
}

// inControlGroup moves a process into a control group of its own until the test ends.
func inControlGroup(t *testing.T, pid int, name string) {
	t.Helper()
	for _, root := range []string{"/sys/fs/cgroup/pids", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"} {
		dir := filepath.Join(root, name)
		if os.MkdirAll(dir, 0o755) != nil {
			continue
		}
		t.Cleanup(func() {
			for ; dir != root; dir = filepath.Dir(dir) {
				os.Remove(dir) //nolint:errcheck // others may use what is above
			}
		})
		if os.WriteFile(filepath.Join(dir, "cgroup.procs"), []byte(fmt.Sprint(pid)), 0o644) == nil {
			return
		}
	}
	t.Skip("no control group can be made here")
}

// TestPodProcess is the pod's process of the test above: a server that exports one span
// for each request, by itself.
func TestPodProcess(t *testing.T) {
	if os.Getenv("AGENT_TEST_POD") == "" {
		t.Skip("runs in a pod only")
	}
	l, err := net.Listen("tcp", podAddr+":8080")
	if err != nil {
		t.Fatal(err)
	}
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if os.Getenv("AGENT_TEST_POD") == "silent" { // its caller makes the span
			fmt.Fprint(w, time.Now().UnixNano())
			return
		}
		start := time.Now().UnixNano()
		host, port, _ := net.SplitHostPort(r.RemoteAddr)
		go func() {
			body := fmt.Sprintf(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"GET","kind":2,"startTimeUnixNano":"%d","endTimeUnixNano":"%d",
				"attributes":[{"key":"network.peer.address","value":{"stringValue":%q}},{"key":"network.peer.port","value":{"intValue":%q}}]}]}]}]}`, start, time.Now().UnixNano(), host, port)
			response, err := http.Post("http://"+nodeAddr+":4318/v1/traces", "application/json", strings.NewReader(body))
			if err == nil {
				response.Body.Close()
			}
		}()
	}))
	fmt.Print("ready")
	io.Copy(io.Discard, os.Stdin) //nolint:errcheck // until the test is done
}
