package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/throughline-io/throughline/test/shapes"
)

// control does what a test asks for: a command on each line of r, an answer on a line of w.
// It returns when r ends, that is also when the process at its other end is gone, however
// it went.
//
//	traces        the fixture's trace ids, by breakage, as JSON
//	shapes        the trace ids of package shapes, by shape and the last one stored first, as JSON
//	shape NAME    stores one of them; answers as shapes does
//	server        the address of the fixture's server, with its HTTP API
//	store stop    the data source's address refuses connections from now on
//	store start   it answers again, with the same data
//	serve /path   the address of a further host that serves the same data below the path
func (f *fixture) control(ctx context.Context, r io.Reader, w io.Writer) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		answer, err := f.command(ctx, lines.Text())
		if err != nil {
			answer = "error: " + err.Error()
		}
		fmt.Fprintln(w, answer)
	}
}

func (f *fixture) command(ctx context.Context, line string) (string, error) {
	f.busy.Lock()
	defer f.busy.Unlock()
	if err := ctx.Err(); err != nil {
		return "", err // the host is ending
	}
	if name, ok := strings.CutPrefix(line, "shape "); ok {
		if !slices.Contains(shapes.Names(), name) {
			return "", fmt.Errorf("no shape is called %q: there are %q", name, shapes.Names())
		}
		if err := f.shop.store(ctx, f.grpc, f.dir, []string{name}, []time.Time{time.Now()}); err != nil {
			return "", err
		}
		line = "shapes"
	}
	if path, ok := strings.CutPrefix(line, "serve "); ok {
		return f.serve(path)
	}
	switch line {
	case "traces":
		b, err := json.Marshal(f.broken)
		return string(b), err
	case "shapes":
		b, err := json.Marshal(f.shop)
		return string(b), err
	case "server":
		return "http://" + f.listen, nil
	case "store stop":
		return "ok", f.stopServer()
	case "store start":
		return "ok", f.startServer(ctx)
	}
	return "", fmt.Errorf("unknown command %q", line)
}
