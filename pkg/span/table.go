package span

// Table is a batch's string table: each string of low cardinality once. Ref 0 is "".
type Table struct {
	index map[string]Ref
	list  []string
	next  []Ref // the string that followed last time: SDKs repeat themselves
	last  Ref
}

func (t *Table) init() {
	if t.index == nil {
		t.index = map[string]Ref{"": 0}
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
	if r, ok := t.index[s]; ok {
		return r
	}
	return t.add(s)
}

// RefBytes is Ref for bytes that the table may not keep. It does not allocate for a
// string that is known.
func (t *Table) RefBytes(b []byte) Ref {
	t.init()
	if g := t.next[t.last]; t.list[g] == string(b) {
		t.last = g
		return g
	}
	r, ok := t.index[string(b)]
	if !ok {
		r = t.add(string(b))
	}
	t.next[t.last] = r
	t.last = r
	return r
}

func (t *Table) add(s string) Ref {
	r := Ref(len(t.list))
	t.index[s] = r
	t.list = append(t.list, s)
	t.next = append(t.next, 0)
	return r
}

// Reset empties the table.
func (t *Table) Reset() { *t = Table{} }
