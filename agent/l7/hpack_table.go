package l7

import "unsafe"

// hpackTable is what is known of a dynamic table (RFC 7541, 2.3.2): the latest entries. What lies behind them is
// not known. Of entries that nobody asks for the size is kept, and no text.
type hpackTable struct {
	ring  []hpackEntry // grows to hpackMaxEntries
	first int          // place of the latest
	n     int
	size  uint64 // of the entries, as the encoder counts
	limit uint64 // of size; 0: the first
	kept  int    // bytes of text
	late  bool   // it was met in its middle: its limit is not known
}

// hpackEntry is an entry; its memory is used again.
type hpackEntry struct {
	name     hpackName
	nameSize uint32
	size     uint64
	known    bool // value is
	context  []byte
	value    []byte
}

// at is a field by its number; of one whose value is not known, the name is. false: nothing is known.
func (t *hpackTable) at(i uint64) (hpackField, bool) {
	if i < uint64(len(hpackStatic)) {
		return hpackStatic[i], true
	}
	e := t.entry(i)
	if e == nil || e.name == nameUnknown && !e.known {
		return hpackField{}, false
	}
	f := hpackField{name: e.name, context: e.context}
	if e.known {
		f.value = e.value[:len(e.value):len(e.value)]
	}
	return f, true
}

func (t *hpackTable) entry(i uint64) *hpackEntry {
	if i -= uint64(len(hpackStatic)); i >= uint64(t.n) {
		return nil
	}
	return &t.ring[(t.first+len(t.ring)-int(i))%len(t.ring)]
}

// nameSize is the length of an entry's name, as far as it is known.
func (t *hpackTable) nameSize(i uint64) int {
	if i < uint64(len(hpackStatic)) {
		return hpackStaticSizes[i]
	}
	if e := t.entry(i); e != nil {
		return int(e.nameSize)
	}
	return 0
}

// add makes a field the latest entry.
func (t *hpackTable) add(f hpackField, nameSize int) {
	size := uint64(nameSize + len(f.value) + hpackEntrySize)
	limit := t.limitNow()
	if size > limit {
		t.clear()
		return
	}
	for t.n > 0 && t.size+size > limit || t.n == hpackMaxEntries {
		t.dropOldest()
	}
	if t.n == len(t.ring) {
		t.grow()
	}
	t.first = (t.first + 1) % len(t.ring)
	e := &t.ring[t.first]
	e.name, e.nameSize, e.size = f.name, uint32(nameSize), size
	e.context, e.value = append(e.context[:0], f.context...), e.value[:0]
	e.known = f.name != nameOther && len(f.value) <= hpackMaxValue && t.kept+len(f.value) <= hpackMaxKept
	if e.known {
		e.value = append(e.value, f.value...)
	}
	if e.value == nil {
		e.value = []byte{} // nil is a value that is not known
	}
	t.kept += len(e.value)
	t.n, t.size = t.n+1, t.size+size
}

func (t *hpackTable) limitNow() uint64 {
	switch {
	case t.limit > 0:
		return t.limit - 1
	case t.late:
		return hpackMaxSize
	}
	return hpackFirstSize
}

// resize takes an update of the table's size.
func (t *hpackTable) resize(size uint64) {
	t.limit = min(size, hpackMaxSize) + 1
	for t.n > 0 && t.size > t.limit-1 {
		t.dropOldest()
	}
}

func (t *hpackTable) dropOldest() {
	e := t.entry(uint64(len(hpackStatic) + t.n - 1))
	t.size -= e.size
	t.kept -= len(e.value)
	if cap(e.value) > 256 {
		e.value = nil
	}
	t.n--
}

// clear forgets the entries, which may be there all the same.
func (t *hpackTable) clear() {
	for t.n > 0 {
		t.dropOldest()
	}
}

// grow makes room; entries keep their order.
func (t *hpackTable) grow() {
	ring := make([]hpackEntry, max(16, 2*len(t.ring)))
	for i := range t.n {
		ring[t.n-1-i] = *t.entry(uint64(len(hpackStatic) + i))
	}
	t.ring, t.first = ring, (t.n+len(ring)-1)%len(ring)
}

// keeps is about how many bytes of memory it takes.
func (t *hpackTable) keeps() int {
	return len(t.ring)*int(unsafe.Sizeof(hpackEntry{})) + t.kept + 16*t.n
}
