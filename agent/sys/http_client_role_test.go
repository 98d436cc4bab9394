package sys

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// job is what an http-client is told to do; each has its answer.
type job struct {
	URL                   string
	Method                string
	Body                  int
	Requests, Concurrency int
	Numbered              bool // appends the request's number to the path
	Traceparent           bool
	Cookie                int // bytes of a header in front of it
}

// done is what an http-client says of a job.
type done struct {
	Goids map[string]uint64   // by path: the server's goroutine
	Conns map[string][]string // by a connection's address here: the paths that were asked for on it, in order
	Bytes int64
	Error string
}

// httpClient does jobs as they come on its input, with one pool of connections.
func httpClient(in *bufio.Reader, out *json.Encoder) error {
	transport := &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}
	if os.Getenv(http2Variable) != "" {
		transport.Protocols = new(http.Protocols)
		transport.Protocols.SetUnencryptedHTTP2(true)
	}
	if os.Getenv(tlsVariable) != "" {
		transport.TLSClientConfig = inClientsTLS()
		if transport.Protocols != nil {
			transport.Protocols.SetHTTP2(true)
		}
	}
	client := &http.Client{Transport: transport}
	if path := os.Getenv(socketVariable); path != "" {
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		}
	}
	for jobs := json.NewDecoder(in); ; {
		var j job
		if err := jobs.Decode(&j); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := out.Encode(j.do(client)); err != nil {
			return err
		}
	}
}

func (j *job) do(client *http.Client) done {
	var d done
	var mu sync.Mutex
	var next atomic.Int64
	var wg sync.WaitGroup
	d.Goids, d.Conns = map[string]uint64{}, map[string][]string{}
	asks := func(path string) *httptrace.ClientTrace {
		return &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
			mu.Lock()
			defer mu.Unlock()
			at := i.Conn.LocalAddr().String()
			d.Conns[at] = append(d.Conns[at], path)
		}}
	}
	for range max(j.Concurrency, 1) {
		wg.Go(func() {
			for {
				i := next.Add(1)
				if i > int64(j.Requests) {
					return
				}
				goid, n, path, err := j.one(client, i, asks)
				mu.Lock()
				if err != nil {
					d.Error = err.Error()
				}
				d.Goids[path] = goid
				d.Bytes += n
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return d
}

func (j *job) one(client *http.Client, i int64, asks func(path string) *httptrace.ClientTrace) (goid uint64, n int64, path string, err error) {
	url := j.URL
	if j.Numbered {
		url += fmt.Sprintf("?n=%d", i)
	}
	var body io.Reader
	if j.Body > 0 {
		// Not a type that net/http knows: header and body are written apart.
		body = struct{ io.Reader }{bytes.NewReader(make([]byte, j.Body))}
	}
	req, err := http.NewRequest(j.Method, url, body)
	if err != nil {
		return 0, 0, url, err
	}
	if j.Body > 0 {
		req.ContentLength = int64(j.Body)
	}
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), asks(req.URL.RequestURI())))
	if j.Cookie > 0 {
		req.Header.Set("Cookie", strings.Repeat("c", j.Cookie))
	}
	if j.Traceparent {
		req.Header.Set("traceparent", fmt.Sprintf("00-%032x-%016x-01", i, i))
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, 0, url, err
	}
	defer resp.Body.Close()
	n, err = io.Copy(io.Discard, resp.Body)
	goid, _ = strconv.ParseUint(resp.Header.Get("X-Goid"), 10, 64)
	return goid, n, req.URL.RequestURI(), err
}
