package span

// Table is a batch's string table: each string of low cardinality once. Ref 0 is "". A table that
// is filled again and again keeps its words in mind, for most come again.
type Table struct {
	index map[string]word
	list  []string
	next  []Ref // the string that followed last time: SDKs repeat themselves
	last  Ref
	fill  uint32 // how often it was emptied
	bytes int    // of the words in mind
	size  int    // of the strings that are in it
}

// word is a string that was once in the table, and is if its fill is the table's.
type word struct {
	text string
	ref  Ref
	fill uint32
}

// What an empty table keeps in mind at most.
const (
	maxWords     = 4096
	maxWordBytes = 256 << 10
)

func (t *Table) init() {
	if t.index == nil {
		t.index = map[string]word{"": {}}
		t.list = []string{""}
		t.next = []Ref{0}
	}
}

// Len is the number of strings, the empty one included.
func (t *Table) Len() int { t.init(); return len(t.list) }

// String is the string a reference stands for.
func (t *Table) String(r Ref) string { t.init(); return t.list[r] }

// Strings is the table in order of reference. It must not be changed.
func (t *Table) Strings() []string { t.init(); return t.list }

// Ref is the reference of a string, which is added where it is new.
func (t *Table) Ref(s string) Ref {
	t.init()
	w, known := t.index[s]
	switch {
	case known && w.fill == t.fill:
		return w.ref
	case known:
		return t.add(w.text)
	}
	t.bytes += len(s)
	return t.add(s)
}

// RefBytes is Ref for bytes that the table may not keep. It does not allocate for a
// string that is known, or was before the table was emptied.
func (t *Table) RefBytes(b []byte) Ref {
	t.init()
	if g := t.next[t.last]; t.list[g] == string(b) {
		t.last = g
		return g
	}
	w, known := t.index[string(b)]
	switch {
	case !known:
		t.bytes += len(b)
		w.ref = t.add(string(b))
	case w.fill != t.fill:
		w.ref = t.add(w.text)
	}
	t.next[t.last] = w.ref
	t.last = w.ref
	return w.ref
}

// wordBytes is about what a string takes beside its bytes: its places in the list and the index.
const wordBytes = 100

// Size is about how many bytes of memory the strings take.
func (t *Table) Size() int { return t.size }

func (t *Table) add(s string) Ref {
	r := Ref(len(t.list))
	t.size += len(s) + wordBytes
	t.index[s] = word{s, r, t.fill}
	t.list = append(t.list, s)
	t.next = append(t.next, 0)
	return r
}

// Reset empties the table.
func (t *Table) Reset() {
	if t.index == nil {
		return
	}
	if t.fill++; t.fill == 0 || len(t.index) > maxWords || t.bytes > maxWordBytes {
		*t = Table{}
		return
	}
	t.list, t.next, t.last, t.size = t.list[:1], t.next[:1], 0, 0
	t.next[0] = 0
	t.index[""] = word{fill: t.fill}
}
