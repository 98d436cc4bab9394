package main

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/throughline-io/throughline/demo/process"
)

// newPeer starts another program that takes OTLP/HTTP and stores spans, by a shell's command in
// which {port} and {dir} stand for a free port and a folder of its own. All its processes are
// counted.
func newPeer(ctx context.Context, command, url string) (*bed, error) {
	b := new(bed)
	var err error
	if b.dir, err = os.MkdirTemp("", "throughline-bench-"); err != nil {
		return nil, err
	}
	ports, err := freePorts(1)
	if err != nil {
		b.close()
		return nil, err
	}
	b.data = filepath.Join(b.dir, "data")
	fill := strings.NewReplacer("{port}", strconv.Itoa(ports[0]), "{dir}", b.data)
	b.otlp = fill.Replace(url)
	if err := os.Mkdir(b.data, 0o755); err != nil {
		b.close()
		return nil, err
	}
	p, err := b.run(ctx, "peer", b.otlp, "sh", "-c", fill.Replace(command))
	if err != nil {
		b.close()
		return nil, err
	}
	b.parts = []part{{"peer", func() ([]int, error) { return process.Members(p.pid()) }}}
	return b, nil
}
