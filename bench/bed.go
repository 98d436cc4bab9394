package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/throughline-io/throughline/demo/process"
)

// bed is what is measured: a server with the embedded store and, before it, an agent; or a peer.
type bed struct {
	dir      string // everything on disk; removed at the end
	data     string // of it, what is stored
	otlp     string // URL that takes spans
	api      string // of the server
	grpc     string // where agents push to
	stats    string // where an agent says what it sees
	admin    string // where it gives its profile
	programs []*program
	parts    []part
}

// part is processes that are counted together.
type part struct {
	name string
	pids func() ([]int, error)
}

// newBed starts programs of a folder. Without an agent spans are pushed to the server.
func newBed(ctx context.Context, bin string, agent bool) (*bed, error) {
	b := new(bed)
	if err := b.start(ctx, bin, agent); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *bed) start(ctx context.Context, bin string, agent bool) (err error) {
	if b.dir, err = os.MkdirTemp("", "throughline-bench-"); err != nil {
		return err
	}
	ports, err := freePorts(4)
	if err != nil {
		return err
	}
	at := func(i int) string { return "127.0.0.1:" + strconv.Itoa(ports[i]) }
	binary := filepath.Join(bin, "throughline")
	b.data, b.api, b.grpc = filepath.Join(b.dir, "data"), "http://"+at(0), "unix://"+filepath.Join(b.dir, "s.sock")
	server, err := b.run(ctx, "server", b.api+"/healthz", binary, "server", "--data-dir", b.data, "--listen-grpc", b.grpc, "--listen-http", at(0))
	if err != nil {
		return err
	}
	store, err := process.Child(server.pid(), "throughline-sto")
	if err != nil {
		return err
	}
	if agent {
		b.otlp = "http://" + at(1) + "/v1/traces"
		a, err := b.run(ctx, "agent", b.otlp, binary, "agent", "--node", "bench", "--server", b.grpc,
			"--state-dir", filepath.Join(b.dir, "state"), "--sys-variant", "off", "--net", "off",
			"--otlp-http", at(1), "--otlp-grpc", at(2), "--otlp-native", at(3))
		if err != nil {
			return err
		}
		b.parts = append(b.parts, one("agent", a.pid()))
	}
	b.parts = append(b.parts, one("server", server.pid()), one("store", store))
	return nil
}

// run starts a program and waits until it answers.
func (b *bed) run(ctx context.Context, name, url string, argv ...string) (*program, error) {
	p, err := start(b.dir, name, argv...)
	if err != nil {
		return nil, err
	}
	b.programs = append(b.programs, p)
	return p, p.await(ctx, url)
}

func one(name string, pid int) part {
	return part{name, func() ([]int, error) { return []int{pid}, nil }}
}

func (b *bed) close() {
	for i := len(b.programs) - 1; i >= 0; i-- { // the agent before its server
		b.programs[i].stop()
	}
	os.RemoveAll(b.dir)
}

// settle waits until what was acknowledged is stored, which a reader hastens, and the merges of
// that have ended: until the parts use next to no processor.
func (b *bed) settle(ctx context.Context) error {
	if b.api != "" {
		if err := b.stored(ctx); err != nil {
			return err
		}
	}
	return quiet(ctx, func() (float64, error) {
		used, err := b.cpu()
		if err != nil {
			return 0, err
		}
		return used[len(used)-1], nil
	})
}

// quiet waits until next to no processor was used for some seconds.
func quiet(ctx context.Context, used func() (float64, error)) error {
	for last, still := 0.0, 0; still < 5; {
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
		now, err := used()
		if err != nil {
			return err
		}
		if still++; now-last > 0.05 {
			still = 0
		}
		last = now
	}
	return nil
}

// stored waits until nothing lies in the server's log.
func (b *bed) stored(ctx context.Context) error {
	for {
		if err := get(ctx, b.api+"/api/v1/search?limit=1", nil); err != nil {
			return err
		}
		var status struct{ Log struct{ Segments int } } // none in a version without a log
		if err := get(ctx, b.api+"/api/v1/status", &status); err != nil {
			return err
		}
		if status.Log.Segments == 0 {
			return nil
		}
		if err := pause(ctx, 500*time.Millisecond); err != nil {
			return err
		}
	}
}

func get(ctx context.Context, url string, to any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	return answer(req, to)
}

// answer reads JSON; to is nil where only success counts.
func answer(req *http.Request, to any) error {
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", req.URL, resp.Status)
	}
	if to == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(to)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// cpu is the CPU seconds of each part so far.
func (b *bed) cpu() ([]float64, error) {
	return b.each(process.CPUSeconds)
}

// peaks is the most memory each part had, in bytes.
func (b *bed) peaks() ([]float64, error) {
	return b.each(peakRSS)
}

func (b *bed) each(of func(pid int) (float64, error)) ([]float64, error) {
	out := make([]float64, len(b.parts))
	for i, p := range b.parts {
		pids, err := p.pids()
		if err != nil {
			return nil, err
		}
		for _, pid := range pids {
			v, err := of(pid)
			if err != nil {
				return nil, err
			}
			out[i] += v
		}
	}
	return out, nil
}

func peakRSS(pid int) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return float64(kb << 10), err
		}
	}
	return 0, errors.New("no VmHWM")
}
