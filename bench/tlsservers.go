package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/throughline-io/throughline/demo/lab"
	"github.com/throughline-io/throughline/demo/process"
)

// securedBed is servers of HTTPS on a node, and who asks on another, which no agent looks at.
type securedBed struct {
	dir     string // certificate, key, what nginx serves
	lab     *lab.Lab
	client  *roleProgram
	servers []secured
	stop    []func()
}

// secured is one of the servers.
type secured struct {
	name, address string
	pid           int // whose CPU is counted
}

// certificateFile and keyFile lie in a bed's folder.
const certificateFile, keyFile = "cert.pem", "key.pem"

func startSecured() (s *securedBed, err error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("needs root: makes network namespaces and loads BPF programs")
	}
	s = &securedBed{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.dir, err = os.MkdirTemp("", "throughline-bench-"); err != nil {
		return nil, err
	}
	if err := os.Chmod(s.dir, 0o755); err != nil {
		return nil, err
	}
	if s.lab, err = lab.Up(lab.Spec{Prefix: "tlstls-", Nodes: []string{"node", "asker"}}); err != nil {
		return nil, err
	}
	host := s.lab.NodeAddr(0).String()
	if err := writeCertificate(s.dir, host); err != nil {
		return nil, err
	}
	if s.client, err = startRole("ask", s.lab.NodeNetns(1)); err != nil {
		return nil, err
	}
	s.stop = append(s.stop, s.client.end)
	if err := s.nginx(net.JoinHostPort(host, "8443")); err != nil {
		return nil, fmt.Errorf("nginx: %w", err)
	}
	server, err := startRole("serve", s.lab.NodeNetns(0))
	if err != nil {
		return nil, err
	}
	s.stop = append(s.stop, server.end)
	address := net.JoinHostPort(host, "8444")
	s.servers = append(s.servers, secured{"a service in Go", address, server.cmd.Process.Pid})
	return s, server.do(serveJob{Address: address, Secrets: s.dir}, nil)
}

// nginx serves a file of 500 bytes whatever is asked for.
func (s *securedBed) nginx(address string) error {
	exe, err := exec.LookPath("nginx")
	if err != nil {
		return fmt.Errorf("%w: install nginx-light", err)
	}
	config := fmt.Sprintf(`daemon off; worker_processes 1; pid pid; error_log stderr emerg; user root;
events { worker_connections 512; }
http { access_log off; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
 server { listen %s ssl; ssl_certificate %s; ssl_certificate_key %s; root .; keepalive_requests 100000000;
  location / { try_files /item =404; } }
}`, address, certificateFile, keyFile)
	for name, text := range map[string]string{"nginx.conf": config, "item": strings.Repeat("an item. ", 55)} {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	cmd := exec.Command(exe, "-p", s.dir, "-c", "nginx.conf")
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := lab.In(s.lab.NodeNetns(0), cmd.Start); err != nil {
		return err
	}
	s.stop = append(s.stop, func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	for until := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		worker, err := process.Child(cmd.Process.Pid, "nginx")
		if err == nil {
			s.servers = append(s.servers, secured{"nginx, a file", address, worker})
			return nil
		}
		if time.Now().After(until) {
			return err
		}
	}
}

func (s *securedBed) close() {
	for i := len(s.stop) - 1; i >= 0; i-- {
		s.stop[i]()
	}
	if s.lab != nil {
		s.lab.Close()
	}
	os.RemoveAll(s.dir)
}

// job is what a burst asks a server for.
func (s *securedBed) job(v secured) askJob {
	return askJob{URL: "https://" + v.address, Requests: tlsRequests, Connections: captureConnections, Authority: filepath.Join(s.dir, certificateFile)}
}

// writeCertificate makes a certificate of a host that signs itself, and its key.
func writeCertificate(dir, host string) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	of := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Now().Add(24 * time.Hour), IPAddresses: []net.IP{net.ParseIP(host)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, of, of, private.Public(), private)
	if err != nil {
		return err
	}
	key, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	for name, block := range map[string]*pem.Block{certificateFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: key}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// serveJob is where a service listens, and the folder of its certificate; "" is without TLS.
type serveJob struct{ Address, Secrets string }

// shop answers HTTP.
func shop(in *json.Decoder, out *json.Encoder) error {
	body := []byte(`{"items":[` + strings.Repeat(`{"sku":"A-1022","price":1299,"stock":7},`, 11) + `{}]}`)
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.Write(body)
	})
	for {
		var j serveJob
		if err := in.Decode(&j); err != nil {
			return ended(err)
		}
		l, err := net.Listen("tcp", j.Address)
		if err != nil {
			return err
		}
		if j.Secrets == "" {
			go http.Serve(l, nil)
		} else {
			go http.ServeTLS(l, nil, filepath.Join(j.Secrets, certificateFile), filepath.Join(j.Secrets, keyFile))
		}
		if err := out.Encode("listens"); err != nil {
			return err
		}
	}
}

// trusting is a client that trusts the authority in a file; "" is those of the system.
func trusting(authority string) (*http.Client, error) {
	t := &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}
	if authority != "" {
		text, err := os.ReadFile(authority)
		if err != nil {
			return nil, err
		}
		t.TLSClientConfig = &tls.Config{RootCAs: x509.NewCertPool()} // by HTTP/1, for HTTP/2 was not asked for
		if !t.TLSClientConfig.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%s: no certificate", authority)
		}
	}
	return &http.Client{Transport: t}, nil
}
