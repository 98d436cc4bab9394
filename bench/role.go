package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/throughline-io/throughline/demo/lab"
)

// The programs that are looked at are this one, started again in a role inside a pod. Each answers
// the JSON values on its standard input, one after the other, until that ends.
const roleVariable = "THROUGHLINE_BENCH_ROLE"

var roles = map[string]func(in *json.Decoder, out *json.Encoder) error{"serve": shop, "ask": ask, "call": call, "noise": noise, "cache": cache, "get": askCache}

func playRole(name string) error {
	return roles[name](json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout))
}

// roleProgram is one of them that runs.
type roleProgram struct {
	name string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *json.Decoder
}

func startRole(name, netns string) (*roleProgram, error) {
	p := &roleProgram{name: name, cmd: exec.Command("/proc/self/exe")}
	p.cmd.Env = append(os.Environ(), roleVariable+"="+name)
	p.cmd.Stderr = os.Stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	p.out = json.NewDecoder(out)
	return p, lab.In(netns, p.cmd.Start)
}

// do has the program do a job; answer may be nil.
func (p *roleProgram) do(job, answer any) error {
	if err := json.NewEncoder(p.in).Encode(job); err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	if answer == nil {
		answer = new(json.RawMessage)
	}
	if err := p.out.Decode(answer); err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	return nil
}

func (p *roleProgram) end() {
	p.in.Close()
	p.cmd.Wait()
}

// askJob is requests by so many connections at once.
type askJob struct {
	URL                   string
	Requests, Connections int
	Rate                  int    // requests a second of all together; 0: as fast as they are answered
	Seconds               int    // and then no more, 0: however long it takes
	Authority             string // of HTTPS: the file of a certificate that is trusted
}

// ask asks on connections that stay open, and says how often it did.
func ask(in *json.Decoder, out *json.Encoder) error {
	clients := map[string]*http.Client{} // by the authority that they trust
	for {
		var j askJob
		if err := in.Decode(&j); err != nil {
			return ended(err)
		}
		client := clients[j.Authority]
		if client == nil {
			var err error
			if client, err = trusting(j.Authority); err != nil {
				return err
			}
			clients[j.Authority] = client
		}
		var next, asked atomic.Int64
		var askers sync.WaitGroup
		failed := make(chan error, j.Connections)
		began := time.Now()
		for range j.Connections {
			askers.Go(func() {
				for i := next.Add(1); i <= int64(j.Requests); i = next.Add(1) {
					if j.Seconds > 0 && time.Since(began) > time.Duration(j.Seconds)*time.Second {
						return
					}
					if j.Rate > 0 {
						time.Sleep(time.Until(began.Add(time.Duration(i) * time.Second / time.Duration(j.Rate))))
					}
					if err := askOne(client, j.URL, i); err != nil {
						failed <- err
						return
					}
					asked.Add(1)
				}
			})
		}
		askers.Wait()
		close(failed)
		if err := <-failed; err != nil {
			return err
		}
		if err := out.Encode(asked.Load()); err != nil {
			return err
		}
	}
}

func askOne(client *http.Client, url string, i int64) error {
	req, err := http.NewRequest(http.MethodGet, fmt.Sprintf("%s/orders/%d/items?limit=20", url, i), nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("traceparent", fmt.Sprintf("00-%032x-%016x-01", i+1<<40, i))
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

func ended(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}
