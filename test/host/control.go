package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
)

// control does what a test asks for: a command on each line of r, an answer on a line of w.
// It returns when r ends, that is also when the process at its other end is gone, however
// it went.
//
//	traces        the fixture's trace ids, by breakage, as JSON
//	store stop    the data source's address refuses connections from now on
//	store start   it answers again, with the same data
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
	switch line {
	case "traces":
		b, err := json.Marshal(f.broken)
		return string(b), err
	case "store stop":
		return "ok", f.stopServer()
	case "store start":
		_, err := f.startServer(ctx)
		return "ok", err
	}
	return "", fmt.Errorf("unknown command %q", line)
}
