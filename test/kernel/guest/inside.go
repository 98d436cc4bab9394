package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
)

const securePort = "8443"

// inside are what callInside asks for by HTTPS: this program is in Go, so what it says is seen by probes of crypto/tls.
func inside() (list []string) {
	for i := range 10 {
		list = append(list, fmt.Sprintf("/text/inside/%d", i))
	}
	return list
}

// serveInside answers by HTTPS, as serve does.
func serveInside() error {
	l, err := net.Listen("tcp", server.address+":"+securePort)
	if err != nil {
		return err
	}
	s := httptest.NewUnstartedServer(nil) // it has a certificate
	s.Config.Handler = http.DefaultServeMux
	s.Listener.Close()
	s.Listener = l
	s.StartTLS()
	return nil
}

// callInside asks by HTTPS in the pod of the client, on one connection.
func callInside() error {
	c := http.Client{Timeout: patience, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // it is not who answers that matters
	for _, path := range inside() {
		answer, err := c.Get("https://" + net.JoinHostPort(server.address, securePort) + path)
		if err != nil {
			return err
		}
		n, err := io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK || n == 0 {
			return fmt.Errorf("%s: status %d, %d bytes, %w", path, answer.StatusCode, n, err)
		}
	}
	return nil
}
