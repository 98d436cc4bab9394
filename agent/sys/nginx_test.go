package sys

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// nginx starts one that serves a file by TLS, and says its address.
func (b *bed) nginx(cert, key string) string {
	b.t.Helper()
	exe, err := exec.LookPath("nginx")
	if err != nil {
		b.t.Fatal("no nginx: install nginx-light")
	}
	dir := b.t.TempDir()
	const address = "127.0.0.1:8443" // the namespace is ours
	config := filepath.Join(dir, "nginx.conf")
	text := fmt.Sprintf(`daemon off; worker_processes 2; pid %[1]s/pid; error_log stderr emerg; user root;
events { worker_connections 512; }
http { access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
 server { listen %[2]s ssl http2; ssl_certificate %[3]s; ssl_certificate_key %[4]s; root %[1]s; keepalive_requests 100000; }
}`, dir, address, cert, key)
	for path, text := range map[string]string{config: text, filepath.Join(dir, "item"): "an item\n"} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			b.t.Fatal(err)
		}
	}
	cmd := exec.Command(exe, "-c", config, "-p", dir)
	server := b.run(cmd)
	b.t.Cleanup(func() { // before the program's own clean-up
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		server.cmd = nil
	})
	b.untilListening(address)
	return address
}

func (b *bed) untilListening(address string) {
	b.t.Helper()
	until(b.t, func() bool {
		var c net.Conn
		var err error
		b.in(func() { c, err = net.Dial("tcp", address) })
		if err != nil {
			return false
		}
		c.Close()
		return true
	})
}

// nginx and curl: OpenSSL at both ends.
func TestTLSOfNginxAndCurl(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	cert, key := certificateFiles(t)
	b.nginx(cert, key)
	var warm atomic.Int64
	s := b.capture(Auto, inTLS, func(c *Config) {
		sink := c.Sink
		c.Sink = func(sp *span.Span) {
			if strings.Contains(sp.Resource, "?n=") {
				sink(sp)
			} else if sp.Point == span.PointClientProcess {
				warm.Add(1)
			}
		}
	})
	s.untilProbed("OpenSSL in")
	options := []string{"-s", "--cacert", cert, "--resolve", serverName + ":8443:127.0.0.1", "-w", "%{http_code}\n"}
	until(t, func() bool { // all libraries that curl loads have probes
		if _, err := b.output(exec.Command("curl", append(options, "-o", "/dev/null", "https://"+serverName+":8443/item")...)); err != nil {
			t.Fatal(err)
		}
		return warm.Load() > 0
	})
	const clients, each = 16, 10
	var wg sync.WaitGroup
	for i := range clients {
		args := append(options[:len(options):len(options)], "-H", fmt.Sprintf("traceparent: 00-%032x-%016x-01", i+1, i+1), "--http1.1")
		if i%2 == 1 {
			args[len(args)-1] = "--http2"
		}
		for j := range each {
			args = append(args, "-o", "/dev/null", fmt.Sprintf("https://%s:8443/item?n=%d.%d", serverName, i, j))
		}
		cmd := exec.Command("curl", args...)
		wg.Go(func() {
			out, err := b.output(cmd)
			if err != nil || strings.Count(string(out), "200") != each {
				t.Errorf("curl: %v, %q", err, out)
			}
		})
	}
	wg.Wait()
	servers := checkPlaces(t, s, clients*each, 8)
	for resource, sp := range servers {
		if !sp.TLS || sp.TraceID.IsZero() {
			t.Errorf("%s: TLS %t, trace %v", resource, sp.TLS, sp.TraceID)
		}
	}
	for i := range clients { // what is missing is the first of a connection
		seen := false
		for j := range each {
			_, has := servers[fmt.Sprintf("/item?n=%d.%d", i, j)]
			if seen && !has {
				t.Errorf("client %d: request %d is missing behind one that was seen\nledger:\n%s", i, j, s.lines())
			}
			seen = seen || has
		}
	}
}

// untilProbed waits until a library has probes.
func (s *seen) untilProbed(library string) {
	s.t.Helper()
	until(s.t, func() bool {
		for _, l := range s.capture.tls.probes.Attached() {
			if strings.HasPrefix(l, library) {
				return true
			}
		}
		return false
	})
}

// output runs a command in the namespace, beside others.
func (b *bed) output(cmd *exec.Cmd) ([]byte, error) {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	var err error
	b.in(func() { err = cmd.Start() })
	if err != nil {
		return nil, err
	}
	err = cmd.Wait()
	return out.Bytes(), err
}
