package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/throughline-io/throughline/cmd/throughline-store/front"
	"github.com/throughline-io/throughline/cmd/throughline-store/libchdb"
)

// shutdownTime is what running statements get to end; an insert that is cut off was not
// acknowledged.
const shutdownTime = 5 * time.Second

// run serves until ctx ends.
func (o *options) run(ctx context.Context) error {
	if err := o.check(); err != nil {
		return err
	}
	library, err := findLibrary(o.Lib)
	if err != nil {
		return err
	}
	release, err := lock(ctx, filepath.Join(o.DataDir, "lock"), o.LockWait)
	if err != nil {
		return err
	}
	defer release()
	config := o.Config
	if config == "" {
		if config, err = writeConfig(o.DataDir, o.Memory, o.KeepFree); err != nil {
			return err
		}
	}
	if err := forgetLostParts(o.DataDir); err != nil {
		return err
	}
	if err := libchdb.Load(library); err != nil {
		return err
	}
	var cannotNote sync.Once
	connect := func() (*libchdb.Conn, error) {
		return libchdb.Connect("--path="+filepath.Join(o.DataDir, "db"), "--config-file="+config)
	}
	f, err := front.New(front.Options{
		Connect: connect, Connections: o.Connections, Readers: o.Readers, MaxInsert: o.MaxInsert, ReaderMemory: o.readerMemory(),
		Noting: func() {
			if err := noteSynchronously(o.DataDir); err != nil {
				cannotNote.Do(func() {
					fmt.Fprintln(os.Stderr, "the file system cannot write the notes of inserts synchronously; a loss of power may count the spans of one insert twice in metrics:", err)
				})
			}
		},
		Noted:  func() error { return syncDeduplicationLogs(o.DataDir) },
		Secret: os.Getenv("THROUGHLINE_STORE_SECRET"), ReadSecret: os.Getenv("THROUGHLINE_STORE_READ_SECRET"),
	})
	if err != nil {
		return fmt.Errorf("open %s: %w", o.DataDir, err)
	}
	ln, err := o.listen()
	if err != nil {
		return err
	}
	server := &http.Server{Handler: f, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 2 << 20}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(ln) }()
	fmt.Printf("ready %s %s\n", ln.Addr(), f.Version()) // the supervisor waits for this line

	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	// Leave even if a statement does not end: the data directory is safe at any moment.
	time.AfterFunc(2*shutdownTime, func() { os.Exit(0) })
	stopping, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	if err := server.Shutdown(stopping); err != nil {
		server.Close() // cancels running queries
	}
	f.Close()
	return nil
}

func (o *options) listen() (net.Listener, error) {
	if o.Listen != "" {
		ln, err := net.Listen("tcp", o.Listen)
		if err != nil {
			return nil, fmt.Errorf("listen: %w", err)
		}
		if !ln.Addr().(*net.TCPAddr).IP.IsLoopback() {
			ln.Close()
			return nil, fmt.Errorf("--listen %s is not a loopback address: the store serves its own machine only, without encryption", o.Listen)
		}
		return ln, nil
	}
	// A socket left by a process that was killed; the lock says that nobody serves on it.
	if err := os.Remove(o.Socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("listen: %w", err)
	}
	ln, err := net.Listen("unix", o.Socket)
	if err != nil {
		return nil, fmt.Errorf("listen (a unix socket's path may have 107 bytes): %w", err)
	}
	if err := os.Chmod(o.Socket, 0o600); err != nil {
		ln.Close()
		return nil, fmt.Errorf("listen: %w", err)
	}
	return ln, nil
}
