package l7

import (
	"hash/maphash"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/throughline-io/throughline/pkg/span"
)

// What messages say is said again and again, on one connection and by all observers of it. So texts and lists of attributes are
// kept once for the process: what is known costs no memory. Entries are never changed, so readers need no lock. Each place has
// the latest few, so that what is said together stays together: five of it at one place are not to be expected. Tags, beside each
// other, spare a look at most that are others: these are cold. Where a tag and its entry were written by two, it is not found.
type known[T any] struct {
	tags [knownPlaces][knownWays]atomic.Uint32
	list [knownPlaces][knownWays]atomic.Pointer[T]
	next [knownPlaces]atomic.Uint32 // which of a place is the oldest
}

const (
	knownPlaces     = 512  // a power of two
	knownWays       = 4    // a power of two
	knownText       = 1024 // bytes of a text; longer ones are made each time, which bounds the table to 2 MiB
	knownAttributes = 16   // of a list
)

var (
	knownSeed  = maphash.MakeSeed()
	knownTexts known[string]
	knownLists known[[]span.Attribute]
)

// find is an entry of a hash; nil: it is not known.
func (k *known[T]) find(hash uint64, is func(*T) bool) *T {
	place, tag := hash%knownPlaces, uint32(hash>>32)
	for i := range k.tags[place] {
		if k.tags[place][i].Load() != tag {
			continue
		}
		if e := k.list[place][i].Load(); e != nil && is(e) {
			return e
		}
	}
	return nil
}

func (k *known[T]) add(hash uint64, e *T) {
	place, tag := hash%knownPlaces, uint32(hash>>32)
	way := k.next[place].Add(1) % knownWays
	k.list[place][way].Store(e)
	k.tags[place][way].Store(tag)
}

// textOf is bytes as a text.
func textOf(b []byte) string {
	switch {
	case len(b) == 0:
		return ""
	case len(b) > knownText:
		return string(b)
	}
	hash := maphash.Bytes(knownSeed, b)
	if e := knownTexts.find(hash, func(e *string) bool { return *e == string(b) }); e != nil {
		return *e
	}
	text := string(b)
	knownTexts.add(hash, &text)
	return text
}

// numberText is a number in decimal.
func numberText(n uint64) string {
	var room [20]byte
	return textOf(strconv.AppendUint(room[:0], n, 10))
}

// decimal is the number that a text is; false: it is none. Unlike strconv's errors the answer costs no memory.
func decimal[T string | []byte](text T) (n uint64, ok bool) {
	const digits = 19 // of a number below 1<<63
	if len(text) == 0 || len(text) > digits {
		return 0, false
	}
	for i := range len(text) {
		if !isDigit(text[i]) {
			return 0, false
		}
		n = n*10 + uint64(text[i]-'0')
	}
	return n, true
}

// attributes adds to what a message says beside its fields; those without a value are left out.
func (f *Fields) attributes(more ...span.Attribute) {
	var room [knownAttributes]span.Attribute
	list := append(room[:0], f.Attributes...)
	for _, a := range more {
		if a.Value != "" {
			list = append(list, a)
		}
	}
	f.Attributes = attributesOf(list)
}

// attributesOf is a list that nobody writes to.
func attributesOf(list []span.Attribute) []span.Attribute {
	switch {
	case len(list) == 0:
		return nil
	case len(list) > knownAttributes:
		return slices.Clone(list)
	}
	var h maphash.Hash
	h.SetSeed(knownSeed)
	for i := range list {
		_, _ = h.WriteString(list[i].Key) // never fails
		_ = h.WriteByte(0)
		_, _ = h.WriteString(list[i].Value)
		_ = h.WriteByte(0)
	}
	hash := h.Sum64()
	if e := knownLists.find(hash, func(e *[]span.Attribute) bool { return slices.Equal(*e, list) }); e != nil {
		return *e
	}
	kept := slices.Clip(slices.Clone(list))
	size := 0
	for i := range kept {
		size += len(kept[i].Key) + len(kept[i].Value)
	}
	if size <= 2*knownText {
		knownLists.add(hash, &kept)
	}
	return kept
}
