package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc"
)

// asking is a run of the client.
type asking struct {
	addr, path, ids        string
	requests, connections  int
	rate                   float64 // requests a second, at random times; 0: each connection asks as soon as it is answered
	traceparent, requestID bool
	grpc                   bool
	limit                  time.Duration

	conn *grpc.ClientConn // nil: HTTP

	mu     sync.Mutex
	report Report
	took   []time.Duration
}

// Report is what the client prints.
type Report struct {
	Answered int     `json:"answered"` // rightly: with the request's id
	Wrong    int     `json:"wrong"`    // with something else
	Failed   int     `json:"failed"`   // not at all
	Seconds  float64 `json:"seconds"`
	MedianMS float64 `json:"median_ms"`
	Fault    string  `json:"fault,omitempty"` // the first
}

func ask(args []string) error {
	var a asking
	f := flag.NewFlagSet("ask", flag.ExitOnError)
	f.StringVar(&a.addr, "addr", "", "host:port")
	f.StringVar(&a.path, "path", "/a/", "path before the id")
	f.StringVar(&a.ids, "ids", "", "beginning of the ids")
	f.IntVar(&a.requests, "requests", 100, "how many")
	f.IntVar(&a.connections, "connections", 1, "how many, each with one request at a time")
	f.Float64Var(&a.rate, "rate", 0, "requests a second at random times; 0: each connection asks as soon as it is answered")
	f.BoolVar(&a.traceparent, "traceparent", false, "send a trace context of its own with each request")
	f.BoolVar(&a.requestID, "request-id", false, "send an X-Request-ID with each request")
	f.BoolVar(&a.grpc, "grpc", false, "call by gRPC, all by one connection")
	f.DurationVar(&a.limit, "limit", 2*time.Minute, "give up after")
	f.Parse(args)
	if a.grpc {
		conn, err := dialGRPC(a.addr)
		if err != nil {
			return err
		}
		defer conn.Close()
		a.conn = conn
	}
	return json.NewEncoder(os.Stdout).Encode(a.run())
}

func (a *asking) run() Report {
	began := time.Now()
	tickets := make(chan int)
	var askers sync.WaitGroup
	for range a.connections {
		if a.conn != nil {
			askers.Go(func() { a.caller(tickets) })
		} else {
			askers.Go(func() { a.asker(tickets) })
		}
	}
	at := began
	for i := 1; i <= a.requests && time.Since(began) < a.limit; i++ {
		if a.rate > 0 {
			at = at.Add(time.Duration(rand.ExpFloat64() / a.rate * float64(time.Second)))
			time.Sleep(time.Until(at))
		}
		tickets <- i
	}
	close(tickets)
	askers.Wait()
	a.report.Seconds = time.Since(began).Seconds()
	if slices.Sort(a.took); len(a.took) > 0 {
		a.report.MedianMS = a.took[len(a.took)/2].Seconds() * 1e3
	}
	return a.report
}

// asker is one connection, opened again when it was closed.
func (a *asking) asker(tickets <-chan int) {
	var c *connection
	for i := range tickets {
		began := time.Now()
		right, fault, err := false, "", error(nil)
		if c == nil {
			c, err = dial(a.addr)
		}
		if err == nil {
			right, fault, err = a.one(c, fmt.Sprintf("%s-%05d", a.ids, i))
		}
		if c != nil && (err != nil || c.last) {
			c.Close()
			c = nil
		}
		a.count(time.Since(began), right, fault, err)
	}
	if c != nil {
		c.Close()
	}
}

type connection struct {
	net.Conn
	in   *bufio.Reader
	last bool // it ends after this answer
}

func dial(addr string) (*connection, error) {
	c, err := net.DialTimeout("tcp4", addr, 5*time.Second)
	if err != nil {
		return nil, err
	}
	return &connection{Conn: c, in: bufio.NewReader(c)}, nil
}

func (a *asking) one(c *connection, id string) (right bool, fault string, err error) {
	c.SetDeadline(time.Now().Add(30 * time.Second))
	header := ""
	if a.traceparent {
		header += fmt.Sprintf("traceparent: 00-%016x%016x-%016x-01\r\n", rand.Uint64()|1, rand.Uint64(), rand.Uint64()|1)
	}
	if a.requestID {
		header += "X-Request-ID: q" + id + "\r\n"
	}
	if _, err := fmt.Fprintf(c, "GET %s%s HTTP/1.1\r\nHost: middle\r\nUser-Agent: scoreboard\r\n%s\r\n", a.path, id, header); err != nil {
		return false, "", err
	}
	resp, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return false, "", err
	}
	body, err := io.ReadAll(resp.Body)
	c.last = resp.Close
	if resp.StatusCode != http.StatusOK || !bytes.Contains(body, []byte(id)) {
		return false, fmt.Sprintf("%s: %s: %.200s", id, resp.Status, body), err
	}
	return true, "", err
}

func (a *asking) count(took time.Duration, right bool, fault string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case err != nil:
		a.report.Failed++
		a.report.Fault = cmp.Or(a.report.Fault, err.Error())
		return
	case right:
		a.report.Answered++
	default:
		a.report.Wrong++
		a.report.Fault = cmp.Or(a.report.Fault, fault)
	}
	a.took = append(a.took, took)
}
