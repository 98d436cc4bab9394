package engine

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// Options say how to run the store; zero values take the defaults named here.
type Options struct {
	// DataDir holds the database (required).
	DataDir string
	// Binary is throughline-store (beside the running executable, else in PATH).
	Binary string
	// Library is libchdb.so (the store looks for it).
	Library string
	// Memory caps the store's memory in bytes (the store's own default).
	Memory int64
	// Logger gets what the store writes (slog.Default).
	Logger *slog.Logger
	// StartTimeout bounds a start, after which it is tried again (10 min: a large database is opened
	// and checked, and spans are acknowledged meanwhile).
	StartTimeout time.Duration
	// StopTimeout is how long the store may take to leave (15 s).
	StopTimeout time.Duration
	// Args are further flags of throughline-store.
	Args []string
}

// socketLimit is how long the path of a unix socket may be.
const socketLimit = 107

func (o *Options) fill() error {
	if o.DataDir == "" {
		return errors.New("the embedded store needs a data directory")
	}
	dir, err := filepath.Abs(o.DataDir)
	if err != nil {
		return fmt.Errorf("data directory of the store: %w", err)
	}
	o.DataDir = dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("data directory of the store: %w", err)
	}
	o.Logger = cmp.Or(o.Logger, slog.Default())
	o.StartTimeout = cmp.Or(o.StartTimeout, 10*time.Minute)
	o.StopTimeout = cmp.Or(o.StopTimeout, 15*time.Second)
	o.Binary, err = findBinary(o.Binary)
	return err
}

const binaryName = "throughline-store"
