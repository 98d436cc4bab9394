// Package compare says whether a printed trace is the reference trace. It knows nothing of
// the project but the public JSON document that `throughline trace get --json`, the HTTP
// API and the demo print, so it can tell when they are wrong.
//
// The two trees are compared as rooted trees with siblings in order of start. Every field
// the reference lists is compared, except ids, parents (they are the tree) and words for
// people; null, "" and a field that is not there are the same.
package compare

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ignored are fields of the reference that are not compared.
var ignored = map[string]bool{"id": true, "parent": true, "label": true, "db_system": true}

// record is a span with whatever fields it has.
type record map[string]any

// node is a span in its tree.
type node struct {
	record
	name string
	kids []*node
}

// Traces compares a printed trace with the reference, both as JSON documents with a list
// "spans". It returns one line for each difference, none if they are equal, and an error
// where a document cannot be read as a trace.
func Traces(expected, printed []byte) ([]string, error) {
	want, err := readExpected(expected)
	if err != nil {
		return nil, fmt.Errorf("read the reference trace: %w", err)
	}
	got, diffs, err := readPrinted(printed)
	if err != nil {
		return nil, fmt.Errorf("read the printed trace: %w", err)
	}
	if n, m := want.size(), got.size(); n != m && len(diffs) == 0 {
		diffs = append(diffs, fmt.Sprintf("the trace has %d spans, want %d", m, n))
	}
	c := comparison{diffs: diffs}
	c.nodes(want, got)
	return c.diffs, nil
}

func (n *node) size() int {
	total := 1
	for _, k := range n.kids {
		total += k.size()
	}
	return total
}

func readSpans(doc []byte) ([]record, error) {
	var d struct {
		Spans []record `json:"spans"`
	}
	decoder := json.NewDecoder(strings.NewReader(string(doc)))
	decoder.UseNumber() // nanoseconds since 1970 do not fit a float
	if err := decoder.Decode(&d); err != nil {
		return nil, err
	}
	if len(d.Spans) == 0 {
		return nil, errors.New("it has no spans")
	}
	return d.Spans, nil
}

// readExpected reads the reference, whose siblings are in order.
func readExpected(doc []byte) (*node, error) {
	spans, err := readSpans(doc)
	if err != nil {
		return nil, err
	}
	root, diffs, err := link(spans, func(r record) string {
		return fmt.Sprintf("span %v (%s)", r["id"], r.text("label"))
	})
	if err != nil {
		return nil, err
	}
	if len(diffs) > 0 {
		return nil, errors.New(strings.Join(diffs, "; "))
	}
	return root, nil
}

// readPrinted reads a printed trace. What keeps it from being one tree is returned as
// differences, and the tree of the first root is compared all the same.
func readPrinted(doc []byte) (*node, []string, error) {
	spans, err := readSpans(doc)
	if err != nil {
		return nil, nil, err
	}
	for i, r := range spans {
		for _, field := range []string{"start", "end"} {
			if _, err := r.number(field); err != nil {
				return nil, nil, fmt.Errorf("span %d (id %s): %w", i, r.text("id"), err)
			}
		}
	}
	slices.SortStableFunc(spans, func(x, y record) int {
		p, _ := x.number("start")
		q, _ := y.number("start")
		switch {
		case p < q:
			return -1
		case p > q:
			return 1
		}
		return 0
	})
	return link(spans, func(r record) string {
		return fmt.Sprintf("span %s (%s)", r.text("id"), r.words())
	})
}

// link makes the tree. Siblings keep the list's order.
func link(spans []record, name func(record) string) (root *node, diffs []string, err error) {
	byID := make(map[string]*node, len(spans))
	nodes := make([]*node, 0, len(spans))
	for i, r := range spans {
		id := r.text("id")
		if id == "" {
			return nil, nil, fmt.Errorf("span %d has no id", i)
		}
		n := &node{record: r, name: name(r)}
		nodes = append(nodes, n)
		if byID[id] != nil {
			diffs = append(diffs, fmt.Sprintf("%s is there twice", n.name))
			continue
		}
		byID[id] = n
	}
	for _, n := range nodes {
		parent := n.text("parent")
		if parent == "" {
			if root == nil {
				root = n
				continue
			}
			diffs = append(diffs, fmt.Sprintf("%s is a second root: %s", n.name, orText(n.text("orphan"), "it has no parent")))
			continue
		}
		p := byID[parent]
		if p == nil {
			diffs = append(diffs, fmt.Sprintf("%s hangs under %s, which is not there", n.name, parent))
			continue
		}
		p.kids = append(p.kids, n)
	}
	if root == nil {
		return nil, nil, errors.New("no span is a root")
	}
	reached := map[*node]bool{}
	for stack := []*node{root}; len(stack) > 0; {
		n := stack[len(stack)-1]
		stack = append(stack[:len(stack)-1], n.kids...)
		reached[n] = true
	}
	lost := 0
	for _, n := range nodes {
		if !reached[n] {
			lost++
		}
	}
	if lost > 0 {
		diffs = append(diffs, fmt.Sprintf("%d of %d spans are not below the root", lost, len(nodes)))
	}
	return root, diffs, nil
}

// text is a field as text: "" for null and for a field that is not there.
func (r record) text(field string) string {
	switch v := r[field].(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		return fmt.Sprint(v)
	}
}

func (r record) number(field string) (int64, error) {
	n, ok := r[field].(json.Number)
	if !ok {
		return 0, fmt.Errorf("field %q is %v, want whole nanoseconds", field, r[field])
	}
	v, err := n.Int64()
	if err != nil {
		return 0, fmt.Errorf("field %q: %w", field, err)
	}
	return v, nil
}

// words tells a person which span it is.
func (r record) words() string {
	var words []string
	for _, field := range []string{"source", "observation_point", "kind", "service", "node", "of_pod", "name", "request"} {
		if w := r.text(field); w != "" && !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}

func orText(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
