package link

import (
	"iter"
	"net/netip"
	"slices"
	"sort"
	"time"
)

// window keeps values by client address and port, for a time and up to a count.
type window[T any] struct {
	limit int
	next  uint64 // number of the value that comes next
	count int
	byKey map[netip.AddrPort][]entry[T] // by start: a connection's requests come in that order
	order []arrival                     // by arrival; places before from are done with
	from  int
}

type entry[T any] struct {
	start  int64
	number uint64
	value  T
}

type arrival struct {
	key    netip.AddrPort
	number uint64
	at     time.Time
}

// add reports whether the oldest value had to go to make room.
func (w *window[T]) add(key netip.AddrPort, start int64, now time.Time, v T) (dropped bool) {
	if w.byKey == nil {
		w.byKey = map[netip.AddrPort][]entry[T]{}
	}
	for w.count >= w.limit {
		dropped = w.dropOldest() || dropped
	}
	list := w.byKey[key]
	at := len(list)
	for at > 0 && list[at-1].start > start {
		at--
	}
	w.byKey[key] = slices.Insert(list, at, entry[T]{start, w.next, v})
	w.order = append(w.order, arrival{key, w.next, now})
	w.next++
	w.count++
	return dropped
}

// before yields the last n values of a key that start at or before a time, latest first.
func (w *window[T]) before(key netip.AddrPort, start int64, n int) iter.Seq[T] {
	list := w.byKey[key]
	end := sort.Search(len(list), func(i int) bool { return list[i].start > start })
	return func(yield func(T) bool) {
		for i := end - 1; i >= 0 && i >= end-n; i-- {
			if !yield(list[i].value) {
				return
			}
		}
	}
}

// take removes the values of a key that start within an interval and that fn accepts.
func (w *window[T]) take(key netip.AddrPort, from, to int64, fn func(T) bool) {
	list := w.byKey[key]
	first := sort.Search(len(list), func(i int) bool { return list[i].start >= from })
	for i := first; i < len(list) && list[i].start <= to; {
		if fn(list[i].value) {
			list = w.remove(key, list, i)
			continue
		}
		i++
	}
}

func (w *window[T]) remove(key netip.AddrPort, list []entry[T], i int) []entry[T] {
	w.count--
	if len(list) == 1 {
		delete(w.byKey, key)
		return nil
	}
	if i == 0 {
		list = list[1:] // the common case: the oldest goes first
	} else {
		list = slices.Delete(list, i, i+1)
	}
	w.byKey[key] = list
	return list
}

// expire drops what arrived before a time, and says how many that were.
func (w *window[T]) expire(before time.Time) (dropped int) {
	for w.from < len(w.order) && w.order[w.from].at.Before(before) {
		if w.dropOldest() {
			dropped++
		}
	}
	return dropped
}

// dropOldest is done with the oldest place; it reports whether a value was still there.
func (w *window[T]) dropOldest() bool {
	a := w.order[w.from]
	w.from++
	if w.from > len(w.order)/2 && w.from > 1024 {
		w.order = slices.Delete(w.order, 0, w.from)
		w.from = 0
	}
	list := w.byKey[a.key]
	i := slices.IndexFunc(list, func(e entry[T]) bool { return e.number == a.number })
	if i < 0 {
		return false // taken
	}
	w.remove(a.key, list, i)
	return true
}
