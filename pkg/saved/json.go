package saved

import (
	"encoding/json"
	"iter"
)

// node is a JSON value and where it lies in the file. Its text is valid JSON.
type node struct {
	text []byte
	at   int // bytes before it in the file
}

// member is a member of an object, or an element of an array, which has no name.
type member struct {
	name string
	node
}

func (n node) is(open byte) bool { return len(n.text) > 0 && n.text[0] == open }

// members are those of an object or array, in order; none of other values. They are found by
// a walk over the text, so that of a large file one small value is decoded at a time.
func (n node) members() iter.Seq[member] {
	return func(yield func(member) bool) {
		if !n.is('{') && !n.is('[') {
			return
		}
		object := n.is('{')
		for i := 1; i < len(n.text)-1; {
			i = afterBlank(n.text, i)
			if i >= len(n.text)-1 {
				return
			}
			var m member
			if object {
				end := afterValue(n.text, i)
				_ = json.Unmarshal(n.text[i:end], &m.name) // the text is valid
				i = afterBlank(n.text, end) + 1            // the colon
				i = afterBlank(n.text, i)
			}
			end := afterValue(n.text, i)
			m.node = node{n.text[i:end], n.at + i}
			if !yield(m) {
				return
			}
			i = afterBlank(n.text, end) + 1 // the comma, or the end
		}
	}
}

// member is the one with this name; of several the last one, as JSON's readers take it.
func (n node) member(name string) (found node, ok bool) {
	if !n.is('{') {
		return node{}, false
	}
	for m := range n.members() {
		if m.name == name {
			found, ok = m.node, true
		}
	}
	return found, ok
}

func afterBlank(text []byte, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\r' || text[i] == '\t') {
		i++
	}
	return i
}

// afterValue is where the value ends that begins at i.
func afterValue(text []byte, i int) int {
	switch text[i] {
	case '"':
		return afterString(text, i)
	case '{', '[':
		depth := 0
		for ; i < len(text); i++ {
			switch text[i] {
			case '"':
				i = afterString(text, i) - 1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
		return i
	}
	for i < len(text) {
		switch text[i] {
		case ',', '}', ']', ' ', '\n', '\r', '\t', ':':
			return i
		}
		i++
	}
	return i
}

func afterString(text []byte, i int) int {
	for i++; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}
