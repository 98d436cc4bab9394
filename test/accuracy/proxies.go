package main

import (
	"context"
	"os"
	"strings"
)

var proxyCases = []Case{
	{Name: "nginx", About: "nginx with 2 workers, connections kept", Start: nginx(toBackend), Short: true},
	{Name: "nginx-request-id", About: "the same, passing X-Request-ID on", Start: nginx(toBackend + "proxy_set_header X-Request-ID $http_x_request_id;"), Load: loadOptions{requestID: true}},
	{Name: "nginx-traceparent", About: "the same, with the client's traceparent", Start: nginx(toBackend), Load: loadOptions{traceparent: true}},
	{Name: "haproxy", About: "HAProxy with 2 threads, connections kept", Start: haproxy("/b/", "BACKEND"), Short: true},
	{Name: "haproxy-traceparent", About: "the same, with the client's traceparent", Start: haproxy("/b/", "BACKEND"), Load: loadOptions{traceparent: true}},
	{Name: "nginx-go", About: "nginx in a pod of its own before Go net/http", Start: before(startGo, nginxAt("front", toMiddle)), Entry: "front", Calls: 2, Database: true},
	{Name: "sidecar-nginx", About: "nginx in the pod of gunicorn with threads", Start: before(behind("-k", "gthread", "-w", "2", "--threads", "16"), nginx(toSidecar)), Calls: 2, Local: 1, Share: 0.5},
	{Name: "sidecar-haproxy", About: "HAProxy in the pod of gunicorn with threads", Start: before(behind("-k", "gthread", "-w", "2", "--threads", "16"), haproxy("/a/", "127.0.0.1:"+sidecarPort)), Calls: 2, Local: 1, Share: 0.5},
}

// Where nginx passes requests on to.
const (
	toBackend = "proxy_pass http://BACKEND_POOL/b/;"
	toMiddle  = "proxy_pass http://MIDDLE_POOL;"
	toSidecar = "proxy_pass http://SIDECAR_POOL;"
)

// before starts one after the other.
func before(all ...func(context.Context, *site) error) func(context.Context, *site) error {
	return func(ctx context.Context, s *site) error {
		for _, start := range all {
			if err := start(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}
}

const nginxConfig = `daemon off; worker_processes 2; pid DIR/nginx.pid; error_log DIR/nginx-error.log;
events { worker_connections 1024; }
http {
  access_log off; client_body_temp_path DIR/t1; proxy_temp_path DIR/t2; fastcgi_temp_path DIR/t3; uwsgi_temp_path DIR/t4; scgi_temp_path DIR/t5;
  keepalive_requests 100000;
  upstream BACKEND_POOL { server BACKEND; keepalive 64; keepalive_requests 100000; }
  upstream MIDDLE_POOL { server MIDDLE:8080; keepalive 64; keepalive_requests 100000; }
  upstream SIDECAR_POOL { server 127.0.0.1:SIDECAR; keepalive 64; keepalive_requests 100000; }
  server {
    listen 8080;
    location /a/ { proxy_http_version 1.1; proxy_set_header Connection ""; LOCATION }
  }
}
`

// nginx starts it in the middle, with what its location does.
func nginx(location string) func(context.Context, *site) error { return nginxAt("middle", location) }

func nginxAt(pod, location string) func(context.Context, *site) error {
	return func(ctx context.Context, s *site) error {
		if err := apt(ctx, "nginx", "nginx-light"); err != nil {
			return err
		}
		config, err := s.write("nginx.conf", strings.Replace(nginxConfig, "LOCATION", location, 1))
		if err != nil {
			return err
		}
		return s.run(pod, "nginx", nil, "nginx", "-c", config, "-e", s.path("nginx-error.log"))
	}
}

const haproxyConfig = `global
  nbthread 2
  maxconn 2000
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  option http-keep-alive
frontend f
  bind :8080
  default_backend b
backend b
  http-reuse always
  http-request replace-path /a/(.*) TO\1
  server s SERVER
`

// haproxy starts it; path takes the place of /a/ for its server.
func haproxy(path, server string) func(context.Context, *site) error {
	return func(ctx context.Context, s *site) error {
		if err := apt(ctx, "haproxy", "haproxy"); err != nil {
			return err
		}
		config, err := s.write("haproxy.cfg", strings.NewReplacer("TO", path, "SERVER", server).Replace(haproxyConfig))
		if err != nil {
			return err
		}
		return s.run("middle", "haproxy", nil, "haproxy", "-db", "-f", config)
	}
}

// write writes a file for a program, with its directory, the addresses of the backend and of the middle, and
// more pairs of words in place of their names.
func (s *site) write(name, text string, pairs ...string) (string, error) {
	path := s.path(name)
	text = strings.NewReplacer(append(pairs, "DIR", s.dir, "BACKEND_POOL", "backend", "MIDDLE_POOL", "middle", "SIDECAR_POOL", "sidecar", "SIDECAR", sidecarPort, "BACKEND", s.backend(), "MIDDLE", s.addr("middle"))...).Replace(text)
	return path, os.WriteFile(path, []byte(text), 0o644)
}
