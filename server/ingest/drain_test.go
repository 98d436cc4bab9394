package ingest

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
)

// The pushes at fault are found among the others and kept where somebody can look at them.
func TestPushesTheStoreNeverTakesAreSetAsideAlone(t *testing.T) {
	t.Parallel()
	m, l := &memory{poison: map[uint64]bool{5: true, 14: true}}, newShelf()
	s, c := logged(t, m, l, JournalOptions{})
	var want []uint64
	for i := range uint64(10) {
		if _, err := c.Push(t.Context(), push("a", i+1, 2*i+1, 2*i+2)); err != nil {
			t.Fatal(err)
		}
		if i != 2 && i != 6 {
			want = append(want, 2*i+1, 2*i+2)
		}
	}
	_ = l.Seal(t.Context())
	eventually(t, "all is stored or set aside", func() bool { return l.Waiting() == 0 })
	if got := m.stored(); !slices.Equal(got, want) {
		t.Errorf("stored %v, want %v", got, want)
	}
	if n, _ := s.Journal(); n.SetAside != 2 || n.Spans != 16 || len(l.aside) != 2 || l.aside[0] != "2: cannot parse" || l.aside[1] != "6: cannot parse" {
		t.Errorf("counted %+v, set aside %q", n, l.aside)
	}
}

// What is too much for the store at once goes in halves, and stays where one push is.
func TestAnInsertTooLargeForTheStoreGoesInHalves(t *testing.T) {
	t.Parallel()
	tooLarge := errors.New("memory limit")
	m, l := &small{memory: memory{}, rows: 6, err: tooLarge}, newShelf()
	opt := JournalOptions{TooLarge: func(err error) bool { return errors.Is(err, tooLarge) }}
	s := New(m, noTags{}, Options{Log: l, Journal: opt})
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan struct{})
	go func() { defer close(ran); s.Run(ctx) }()
	defer func() { cancel(); <-ran }()
	for i := range uint64(10) {
		if _, err := s.Push(t.Context(), push("a", i+1, 2*i+1, 2*i+2)); err != nil {
			t.Fatal(err)
		}
	}
	_ = l.Seal(t.Context())
	eventually(t, "all is stored", func() bool { return l.Waiting() == 0 })
	if got := m.stored(); len(got) != 20 || len(slices.Compact(got)) != 20 {
		t.Errorf("stored %v", got)
	}
	if slices.Contains(m.tokens, "token1") || len(m.tokens) < 4 {
		t.Errorf("inserts %q", m.tokens)
	}
}

// A store that reads half of a body says what it says of a malformed one.
func TestAPushIsSetAsideOnlyWhenItIsRefusedTwice(t *testing.T) {
	t.Parallel()
	m, l := &hasty{}, newShelf()
	s := New(m, noTags{}, Options{Log: l, Journal: JournalOptions{Refused: func(err error) bool { return errors.Is(err, errBadData) }}})
	for i := range uint64(3) {
		if _, err := s.Push(t.Context(), push("a", 1+i, 1+i)); err != nil {
			t.Fatal(err)
		}
	}
	_ = l.Seal(t.Context())
	s.journal.next(t.Context(), t.Context(), t.Context())
	if got := m.stored(); !slices.Equal(got, []uint64{1, 2, 3}) || !slices.Equal(m.tokens, []string{"token1"}) {
		t.Errorf("stored %v by %q", got, m.tokens)
	}
	if counts, _ := s.Journal(); counts.SetAside != 0 {
		t.Errorf("%d pushes were set aside", counts.SetAside)
	}
}

// hasty refuses its first insert, for which nobody is to blame.
type hasty struct {
	memory
	asked bool
}

func (h *hasty) InsertAll(ctx context.Context, token string, batches iter.Seq2[*span.Batch, error]) (store.Inserted, error) {
	if !h.asked {
		h.asked = true
		return store.Inserted{}, errBadData
	}
	return h.memory.InsertAll(ctx, token, batches)
}

// small is a store with room for few rows at once.
type small struct {
	memory
	rows int
	err  error
}

func (s *small) InsertAll(ctx context.Context, token string, batches iter.Seq2[*span.Batch, error]) (store.Inserted, error) {
	n := 0
	for b, err := range batches {
		if err != nil {
			return store.Inserted{}, err
		}
		n += b.Len()
	}
	if n > s.rows {
		return store.Inserted{}, s.err
	}
	return s.memory.InsertAll(ctx, token, batches)
}
