package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// Requests differ from one another where those of the world do, so that a compressor finds no more in them: a span's
// ids, times and literals alone are some 40 bytes that nothing else tells.
func TestRequestsCompressLikeTheWorlds(t *testing.T) {
	t.Parallel()
	const spans, requests = 800, 10
	e, err := newExporter(spans, 1)
	if err != nil {
		t.Fatal(err)
	}
	var all int
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for range requests {
		body := e.next()
		all += len(body)
		if _, err := z.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	each := packed.Len() / (spans * requests)
	if t.Logf("%d bytes a span, %d compressed", all/(spans*requests), each); each < 40 || each > 120 {
		t.Errorf("%d bytes a span when compressed", each)
	}
}

// What is counted ends when the parts have nothing left to do, not when the last answer came.
func TestWhatIsMeasuredEndsWhenAllIsQuiet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		merging := func() (float64, error) { // half a processor for 20 s, with a pause
			s := time.Since(began).Seconds()
			if s > 10 {
				s = max(10, min(s, 23)-3)
			}
			return s / 2, nil
		}
		if err := quiet(context.Background(), merging); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 23*time.Second || took > 30*time.Second {
			t.Errorf("quiet after %v", took)
		}
	})
}
