package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/throughline-io/throughline/demo/process"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
	"github.com/throughline-io/throughline/server/engine"
)

const (
	corpusTraces = 250 // of a batch: 25,000 spans
	insertRounds = 12  // batches of an insert, as large as the server makes them
	spanRate     = 2800
)

// stored is what a data directory holds, in a file beside it: what to ask for.
type stored struct {
	Spans    int
	From, To int64 // Unix ns
	Samples  []sample
}

const storedFile = "reads.json"

// load fills the store in dir/data with spans, 2,800 of each second up to now. A directory that
// was filled before is taken as it is.
func load(ctx context.Context, dir, bin string, spans int) (*stored, error) {
	known := new(stored)
	text, err := os.ReadFile(filepath.Join(dir, storedFile))
	if err == nil {
		return known, json.Unmarshal(text, known)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	eng, err := engine.Start(ctx, engine.Options{DataDir: filepath.Join(dir, "data"), Binary: filepath.Join(bin, "throughline-store")})
	if err != nil {
		return nil, err
	}
	defer eng.Close()
	st, err := store.Open(ctx, eng.StoreConfig())
	if err != nil {
		return nil, err
	}
	defer st.Close()
	if err := st.Migrate(ctx); err != nil {
		return nil, err
	}
	if err := st.PutEntities(ctx, tracetest.WebShopEntities()); err != nil {
		return nil, err
	}
	c := newCorpus(1, corpusTraces, 100*time.Second/spanRate)
	length := corpusTraces * c.step
	rounds := spans / c.first.Len()
	known.To = time.Now().UnixNano()
	known.From = known.To - int64(rounds)*int64(length)
	before, err := process.CPUSeconds(eng.PID())
	if err != nil {
		return nil, err
	}
	began := time.Now()
	for n := 0; n < rounds; n += insertRounds {
		var all iter.Seq2[*span.Batch, error] = func(yield func(*span.Batch, error) bool) {
			for i := n; i < min(n+insertRounds, rounds); i++ {
				b := c.round(uint64(i), known.From+int64(i)*int64(length))
				if !yield(b, nil) {
					return
				}
				known.Spans += b.Len()
			}
		}
		if _, err := st.InsertAll(ctx, fmt.Sprint("load-", n), all); err != nil {
			return nil, err
		}
		if n/insertRounds%max(1, rounds/insertRounds/200) == 0 {
			known.Samples = append(known.Samples, c.sample(n%corpusTraces))
		}
	}
	took := time.Since(began)
	if err := quiet(ctx, func() (float64, error) { return process.CPUSeconds(eng.PID()) }); err != nil {
		return nil, err
	}
	after, err := process.CPUSeconds(eng.PID())
	if err != nil {
		return nil, err
	}
	bytes, err := folderSize(filepath.Join(dir, "data"))
	if err != nil {
		return nil, err
	}
	fmt.Printf("loaded %d spans in %.0f s; until quiet the store used %.1f CPU s a million spans; %d bytes a span on disk\n",
		known.Spans, took.Seconds(), (after-before)*1e6/float64(known.Spans), bytes/int64(known.Spans))
	if text, err = json.Marshal(known); err != nil {
		return nil, err
	}
	return known, os.WriteFile(filepath.Join(dir, storedFile), text, 0o600)
}
