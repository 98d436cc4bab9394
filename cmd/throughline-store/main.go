// Command throughline-store is the embedded engine: ClickHouse as a library behind
// ClickHouse's HTTP interface, on a unix socket or a loopback address, for the one server
// that started it.
//
// It is a process of its own so that a fault in the library ends this process only, and so
// that the other binaries stay static. Secrets come by environment
// (THROUGHLINE_STORE_SECRET, THROUGHLINE_STORE_READ_SECRET), not by flags, which every user
// of the machine can read.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/throughline-io/throughline/cmd/throughline-store/libchdb"
)

// Exit codes, by which the supervisor knows whether another try makes sense.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitUnsupported = 3 // the library cannot run on this machine
	exitInUse       = 4 // another process has the data directory
)

func main() {
	os.Exit(mainWithExitCode())
}

func mainWithExitCode() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var o options
	flags := o.flags()
	switch err := flags.Parse(os.Args[1:]); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return exitUsage
	}
	if o.ExitWithStdin {
		ctx = untilEOF(ctx, os.Stdin)
	}
	err := o.run(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, "throughline-store:", err)
	switch {
	case errors.Is(err, libchdb.ErrUnsupported):
		fmt.Fprintln(os.Stderr, "throughline-store: use a ClickHouse server instead: throughline server --store http://user:password@host:8123/throughline")
		return exitUnsupported
	case errors.Is(err, errInUse):
		return exitInUse
	}
	return exitFailed
}

// untilEOF is a context that also ends when the other end of in is closed: so the store
// does not outlive a server that was killed.
func untilEOF(ctx context.Context, in io.Reader) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, in) // an error is an end, too
		cancel()
	}()
	return ctx
}
