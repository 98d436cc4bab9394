package lab_test

import (
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netns"

	"github.com/throughline-io/throughline/demo/lab"
)

var spec = lab.Spec{
	Prefix: "tllab-",
	Nodes:  []string{"a", "b"},
	Pods:   []lab.Pod{{Name: "client", Node: 0}, {Name: "near", Node: 0}, {Name: "far", Node: 1}},
}

// Pods reach one another on the same node and across nodes, and nothing is left of the
// lab once it is closed.
func TestPodsReachOneAnother(t *testing.T) {
	l, err := lab.Up(spec)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		left, _ := filepath.Glob(lab.NetnsDir + "/" + spec.Prefix + "*")
		if len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}()
	for _, pod := range []string{"near", "far"} {
		var listener net.Listener
		err := lab.In(l.PodNetns(pod), func() (err error) {
			listener, err = net.Listen("tcp4", net.JoinHostPort(l.PodAddr(pod).String(), "8080"))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			host, _, _ := net.SplitHostPort(r.RemoteAddr)
			io.WriteString(w, pod+" sees "+host)
		})}
		go server.Serve(listener)
		defer server.Close()

		var body []byte
		err = lab.In(l.PodNetns("client"), func() error {
			conn, err := net.DialTimeout("tcp4", listener.Addr().String(), 5*time.Second) // on this thread, so in the pod
			if err != nil {
				return err
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(5 * time.Second))
			io.WriteString(conn, "GET / HTTP/1.0\r\n\r\n")
			body, err = io.ReadAll(conn)
			return err
		})
		if err != nil {
			t.Fatalf("client -> %s: %v", pod, err)
		}
		if want := pod + " sees " + l.PodAddr("client").String(); !strings.Contains(string(body), want) {
			t.Errorf("answer %q, want %q in it", body, want)
		}
	}
}

// A named namespace that is gone is an error with its name, and the thread comes back.
func TestMissingNamespace(t *testing.T) {
	before, err := netns.Get()
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	err = lab.In("tllab-none", func() error { return nil })
	if err == nil || !strings.Contains(err.Error(), "tllab-none") {
		t.Errorf("error %v does not name the namespace", err)
	}
	if _, err := os.Stat(lab.NetnsPath("tllab-none")); err == nil {
		t.Error("the namespace was made")
	}
}
