package trace

import "github.com/throughline-io/throughline/pkg/span"

// numbering gives equal things one number, from 0 on in the order they come.
type numbering[K comparable] map[K]int32

func (n numbering[K]) number(k K) int32 {
	i, ok := n[k]
	if !ok {
		i = int32(len(n))
		n[k] = i
	}
	return i
}

// nameTable is what each span is called, by number: spans have few names, and to compare or
// fold them anew for each span would cost more than all else.
type nameTable struct {
	of     []int32  // each span's
	texts  []string // by number
	foldOf []int32  // by number: the folded form
	folds  []string
}

func newNameTable(spans []*span.Span) nameTable {
	type parts struct{ verb, rest string }
	t := nameTable{of: make([]int32, len(spans))}
	known, texts, folds := map[parts]int32{}, numbering[string]{}, numbering[string]{}
	for i, s := range spans {
		var p parts
		switch {
		case s.Source == span.APP:
			p.rest = s.Endpoint
		case s.Protocol == "HTTP":
			p = parts{s.Type, s.Endpoint}
		default:
			p.rest = s.Request()
		}
		n, ok := known[p]
		if !ok {
			n = t.enter(nameIn(s), texts, folds)
			known[p] = n
		}
		t.of[i] = n
	}
	return t
}

func (t *nameTable) enter(text string, texts, folds numbering[string]) int32 {
	n := texts.number(text)
	if int(n) == len(t.texts) {
		fold := Fold(text)
		f := folds.number(fold)
		if int(f) == len(t.folds) {
			t.folds = append(t.folds, fold)
		}
		t.texts, t.foldOf = append(t.texts, text), append(t.foldOf, f)
	}
	return n
}

// spoken is a span's name in a sentence.
func spoken(s *span.Span) string { return shorten(nameIn(s), maxName) }

// nameIn is what a span is called: of system calls and packets it is the request.
func nameIn(s *span.Span) string {
	if s.Source == span.APP {
		return s.Endpoint
	}
	return s.Request()
}
