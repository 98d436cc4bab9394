package trace

// breakCycles cuts every cycle of links at its weakest: the least sure one, of those the
// one of the latest rule, of those the one above the span that starts first.
func (a *assembly) breakCycles() {
	const fresh, open, done = 0, 1, 2
	state := make([]uint8, len(a.s))
	var path []int32
	for i := range a.s {
		path = path[:0]
		v := int32(i)
		for v != none && state[v] == fresh {
			state[v] = open
			path = append(path, v)
			v = a.parent[v]
		}
		if v != none && state[v] == open {
			a.cut(v)
		}
		for _, u := range path {
			state[u] = done
		}
	}
}

// cut breaks the cycle that holds v.
func (a *assembly) cut(v int32) {
	weakest, length := v, uint64(0)
	for u := a.parent[v]; ; u = a.parent[u] {
		length++
		if a.weaker(u, weakest) {
			weakest = u
		}
		if u == v {
			break
		}
	}
	a.cycles++
	if length == 1 {
		a.text.str("names itself as its parent")
	} else {
		a.text.str("its link (").str(a.rule[weakest].String()).str(", ").str(a.conf[weakest].String()).
			str(") was cut: it closed a cycle of ").num(length).str(" spans")
	}
	a.orphan(weakest)
}

// weaker reports whether the link above x is to be cut rather than the one above y.
func (a *assembly) weaker(x, y int32) bool {
	if a.conf[x] != a.conf[y] {
		return a.conf[x] < a.conf[y]
	}
	if a.rule[x] != a.rule[y] {
		return a.rule[x] > a.rule[y]
	}
	return x < y // canonical order is by start
}
