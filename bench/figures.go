package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// measure sends spans to the bed and says what they cost it until all is quiet.
func (b *bed) measure(ctx context.Context, spans int, send func() error) error {
	before, err := b.cpu()
	if err != nil {
		return err
	}
	began := time.Now()
	if err := send(); err != nil {
		return err
	}
	took := time.Since(began)
	if err := b.settle(ctx); err != nil {
		return err
	}
	after, err := b.cpu()
	if err != nil {
		return err
	}
	peaks, err := b.peaks()
	if err != nil {
		return err
	}
	bytes, err := b.bytes(ctx)
	if err != nil {
		return err
	}
	sum := 0.0
	fmt.Printf("%.1f s, %.0f spans/s; CPU seconds per million spans until quiet:", took.Seconds(), float64(spans)/took.Seconds())
	for i, p := range b.parts {
		used := after[i] - before[i]
		sum += used
		fmt.Printf(" %s %.2f,", p.name, used*1e6/float64(spans))
	}
	fmt.Printf(" all %.2f; cores while they came: %.3f\npeak memory in MB:", sum*1e6/float64(spans), sum/took.Seconds())
	for i, p := range b.parts {
		fmt.Printf(" %s %.0f,", p.name, peaks[i]/(1<<20))
	}
	fmt.Printf(" bytes a span on disk: %d; %s\n", bytes/int64(spans), load1())
	return nil
}

// bytes is what the spans take on disk. Of our store it is the parts that count: those that were
// merged to others lie there for some minutes more.
func (b *bed) bytes(ctx context.Context) (int64, error) {
	if b.api == "" {
		return folderSize(b.data)
	}
	token, err := os.ReadFile(filepath.Join(b.data, "token"))
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.api+"/clickhouse/?default_format=JSONCompactColumns", strings.NewReader("SELECT toFloat64(sum(bytes_on_disk)) FROM system.parts WHERE active"))
	if err != nil {
		return 0, err
	}
	req.SetBasicAuth("default", strings.TrimSpace(string(token)))
	var columns [1][1]float64
	err = answer(req, &columns)
	return int64(columns[0][0]), err
}

// folderSize is what the files below a folder take on disk; what goes while it is counted
// does not count.
func folderSize(dir string) (total int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return ignoreGone(err)
		}
		info, err := d.Info()
		if err != nil {
			return ignoreGone(err)
		}
		total += info.Sys().(*syscall.Stat_t).Blocks * 512
		return nil
	})
	return total, err
}

func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
