package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// options are the command's flags.
type options struct {
	Lib           string
	DataDir       string
	Socket        string
	Listen        string
	Config        string
	Memory        int64
	Connections   int
	Readers       int
	MaxInsert     int64
	KeepFree      int64
	LockWait      time.Duration
	ExitWithStdin bool
}

// minMemory is what the span table needs: below it even small inserts are refused.
const minMemory = 600 << 20

func (o *options) flags() *flag.FlagSet {
	f := flag.NewFlagSet("throughline-store", flag.ContinueOnError)
	f.StringVar(&o.Lib, "lib", "", "path of libchdb.so (default: THROUGHLINE_LIBCHDB, then node_modules and /usr/lib/throughline)")
	f.StringVar(&o.DataDir, "data-dir", "", "directory of the database (required)")
	f.StringVar(&o.Socket, "socket", "", "unix socket to serve on")
	f.StringVar(&o.Listen, "listen", "", "loopback address to serve on, such as 127.0.0.1:8123")
	f.StringVar(&o.Config, "config", "", "ClickHouse configuration file instead of the built-in one")
	f.Int64Var(&o.Memory, "memory", 1500<<20, "memory in bytes that queries, inserts and merges may use together")
	f.IntVar(&o.Connections, "connections", 8, "statements of the server that run at once")
	f.IntVar(&o.Readers, "readers", 4, "statements of readers that run at once")
	f.Int64Var(&o.MaxInsert, "max-insert", 1<<30, "largest insert in bytes")
	f.Int64Var(&o.KeepFree, "keep-free", 64<<20, "bytes of the disk that inserts and merges leave free")
	f.DurationVar(&o.LockWait, "lock-wait", 10*time.Second, "how long to wait for a process that is leaving the data directory")
	f.BoolVar(&o.ExitWithStdin, "exit-with-stdin", false, "stop when standard input ends")
	return f
}

// leastReader is what look-ups and searches need at least, in bytes.
const leastReader = 256 << 20

// readerMemory is the most that a reader's statement may take: half of all is the readers', and the
// other half left to inserts and merges.
func (o *options) readerMemory() int64 {
	return max(o.Memory/2/int64(max(o.Readers, 1)), leastReader)
}

func (o *options) check() error {
	if o.DataDir == "" {
		return errors.New("--data-dir is required")
	}
	if (o.Socket == "") == (o.Listen == "") {
		return errors.New("give one of --socket and --listen")
	}
	if o.Memory < minMemory {
		return fmt.Errorf("--memory %d is too small: the span table needs at least %d", o.Memory, minMemory)
	}
	// The engine refuses inserts into a relative path once it syncs directories.
	dir, err := filepath.Abs(o.DataDir)
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	o.DataDir = dir
	if err := os.MkdirAll(o.DataDir, 0o700); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	return nil
}
