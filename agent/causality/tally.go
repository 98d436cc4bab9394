package causality

// tally is how many of some were found to be so.
type tally struct{ all, so uint32 }

// tallied bounds what counts, so that what was long ago counts less.
const tallied = 512

// count takes one of some, and whether it is so.
func (t *tally) count(so bool) {
	if t.all++; so {
		t.so++
	}
	if t.all >= tallied {
		t.all, t.so = t.all/2, t.so/2
	}
}

// seldom reports whether fewer than one in so many are so.
func (t tally) seldom(one uint32) bool { return t.so*one <= t.all }

func (t tally) ordered() bool { return t.all >= orderKnown && t.seldom(disorderSeldom) }

// tallies are these by server.
type tallies map[kind]tally

func (t tallies) count(k kind, so bool) {
	of, known := t[k]
	if known || len(t) < kindsKept {
		of.count(so)
		t[k] = of
	}
}
