package main

import (
	"context"
	"os"
	"strings"
)

var proxyCases = []Case{
	{Name: "nginx", About: "nginx with 2 workers, connections kept", Start: nginx(""), Short: true},
	{Name: "nginx-request-id", About: "the same, passing X-Request-ID on", Start: nginx("proxy_set_header X-Request-ID $http_x_request_id;"), Load: loadOptions{requestID: true}},
	{Name: "nginx-traceparent", About: "the same, with the client's traceparent", Start: nginx(""), Load: loadOptions{traceparent: true}},
	{Name: "haproxy", About: "HAProxy with 2 threads, connections kept", Start: haproxy, Short: true},
	{Name: "haproxy-traceparent", About: "the same, with the client's traceparent", Start: haproxy, Load: loadOptions{traceparent: true}},
}

const nginxConfig = `daemon off; worker_processes 2; pid DIR/nginx.pid; error_log DIR/nginx-error.log;
events { worker_connections 1024; }
http {
  access_log off; client_body_temp_path DIR/t1; proxy_temp_path DIR/t2; fastcgi_temp_path DIR/t3; uwsgi_temp_path DIR/t4; scgi_temp_path DIR/t5;
  keepalive_requests 100000;
  upstream backend { server BACKEND; keepalive 64; keepalive_requests 100000; }
  server {
    listen 8080;
    location /a/ { proxy_pass http://backend/b/; proxy_http_version 1.1; proxy_set_header Connection ""; MORE }
  }
}
`

// nginx starts it with more directives in its location.
func nginx(more string) func(context.Context, *site) error {
	return func(ctx context.Context, s *site) error {
		if err := apt(ctx, "nginx", "nginx-light"); err != nil {
			return err
		}
		config, err := s.write("nginx.conf", nginxConfig, "MORE", more)
		if err != nil {
			return err
		}
		return s.run("middle", "nginx", nil, "nginx", "-c", config, "-e", s.path("nginx-error.log"))
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
  http-request replace-path /a/(.*) /b/\1
  server s BACKEND
`

func haproxy(ctx context.Context, s *site) error {
	if err := apt(ctx, "haproxy", "haproxy"); err != nil {
		return err
	}
	config, err := s.write("haproxy.cfg", haproxyConfig)
	if err != nil {
		return err
	}
	return s.run("middle", "haproxy", nil, "haproxy", "-db", "-f", config)
}

// write writes a file for a program, with pairs of words replaced, and DIR and BACKEND.
func (s *site) write(name, text string, pairs ...string) (string, error) {
	path := s.path(name)
	text = strings.NewReplacer(append(pairs, "DIR", s.dir, "BACKEND", s.backend())...).Replace(text)
	return path, os.WriteFile(path, []byte(text), 0o644)
}
