package webshop

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// Options say what the demo is to do. The zero value of most is a sensible default.
type Options struct {
	Dir         string // logs, data and sockets; removed and made anew at each start
	Once        bool   // one request, one trace, then end
	JSON        bool   // with Once: print the trace as JSON
	Traces      int    // compare that many traces, then end
	Concurrency int    // requests at a time
	Break       string // what to make slow
	Record      string // directory to record raw spans in
	Kill        string // what to kill -9 while requests run: server, agent or store
	Kills       int    // how often
	Listen      string // address of the page
	NoPage      bool
	SYSVariant  string
	Programs    Programs
	Out         io.Writer // results
	Log         io.Writer // progress
}

// Programs are the files of the programs that the demo starts.
type Programs struct {
	Throughline, Store, WebShop, Host string
	Root                              string // where dist/ and the page are
}

// FindPrograms looks for the programs beside this one, as `mage build` puts them.
func FindPrograms() (Programs, error) {
	self, err := os.Executable()
	if err != nil {
		return Programs{}, err
	}
	if self, err = filepath.EvalSymlinks(self); err != nil {
		return Programs{}, err
	}
	bin := filepath.Dir(self)
	p := Programs{
		Throughline: self, Store: filepath.Join(bin, "throughline-store"), WebShop: filepath.Join(bin, "throughline-webshop"),
		Host: filepath.Join(bin, "throughline-host"), Root: filepath.Dir(bin),
	}
	for _, file := range []string{p.Store, p.WebShop} {
		if _, err := os.Stat(file); err != nil {
			return p, fmt.Errorf("%s is missing: build everything with `go tool mage build`", file)
		}
	}
	return p, nil
}

// breaks are what --break can make slow, and what does it.
var breaks = []string{"code", "pool", "network", "database"}

func (o *Options) check() error {
	if o.Break != "" && !slices.Contains(breaks, o.Break) {
		return fmt.Errorf("--break=%s: want one of %v", o.Break, breaks)
	}
	if o.Concurrency < 1 {
		o.Concurrency = 1
	}
	if o.Traces > 0 && o.Traces%o.Concurrency != 0 {
		return fmt.Errorf("--traces %d is not a multiple of --concurrency %d, which the load generator needs", o.Traces, o.Concurrency)
	}
	if o.Kill != "" && !slices.Contains([]string{"server", "agent", "store"}, o.Kill) {
		return fmt.Errorf("--kill=%s: want server, agent or store", o.Kill)
	}
	if o.Dir == "" {
		o.Dir = filepath.Join(os.TempDir(), "throughline-demo")
	}
	return nil
}
