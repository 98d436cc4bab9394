package main

import (
	"io"
	"net"
	"sync"
)

// proxy passes connections on, until it is told to be as a machine that has vanished: those it has
// then pass on nothing more, and nobody is told. New ones work.
type proxy struct {
	listener net.Listener
	to       string

	mu    sync.Mutex
	conns []net.Conn
	stale chan struct{} // closed: the connections made until then are half open
}

func newProxy(network, to string) (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: l, to: to, stale: make(chan struct{})}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.pass(c, network)
		}
	}()
	return p, nil
}

func (p *proxy) address() string { return p.listener.Addr().String() }

func (p *proxy) pass(from net.Conn, network string) {
	to, err := net.Dial(network, p.to)
	if err != nil {
		from.Close()
		return
	}
	p.mu.Lock()
	p.conns = append(p.conns, from, to)
	stale := p.stale
	p.mu.Unlock()
	for _, way := range [][2]net.Conn{{from, to}, {to, from}} {
		go func() {
			buf := make([]byte, 64<<10)
			for {
				n, err := way[0].Read(buf)
				select {
				case <-stale:
					_, _ = io.Copy(io.Discard, way[0]) // what comes is lost
					return
				default:
				}
				if n > 0 {
					if _, err := way[1].Write(buf[:n]); err != nil {
						way[0].Close()
						return
					}
				}
				if err != nil {
					way[1].Close()
					return
				}
			}
		}()
	}
}

// vanish makes all connections half open.
func (p *proxy) vanish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.stale)
	p.stale = make(chan struct{})
}

func (p *proxy) close() {
	p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
}
