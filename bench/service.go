package main

import (
	"errors"
	"os"

	"github.com/throughline-io/throughline/demo/lab"
)

// service is HTTP between two pods of a node: who asks and who answers, programs of their own.
type service struct {
	lab            *lab.Lab
	server, client *roleProgram
	url            string
}

// startService makes the node, with more pods beside the two. prefix is that of its network namespaces.
func startService(prefix string, more ...string) (s *service, err error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("needs root: makes network namespaces and loads BPF programs")
	}
	pods := []lab.Pod{{Name: "client"}, {Name: "server"}}
	for _, name := range more {
		pods = append(pods, lab.Pod{Name: name})
	}
	s = &service{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.lab, err = lab.Up(lab.Spec{Prefix: prefix, Nodes: []string{"node"}, Pods: pods}); err != nil {
		return nil, err
	}
	if s.server, err = startRole("serve", s.lab.PodNetns("server")); err != nil {
		return nil, err
	}
	if s.client, err = startRole("ask", s.lab.PodNetns("client")); err != nil {
		return nil, err
	}
	address := s.lab.PodAddr("server").String() + ":8080"
	s.url = "http://" + address
	return s, s.server.do(serveJob{Address: address}, nil)
}

func (s *service) close() {
	for _, p := range []*roleProgram{s.client, s.server} {
		if p != nil {
			p.end()
		}
	}
	if s.lab != nil {
		s.lab.Close()
	}
}
