package store

import "bytes"

// eventKeys calls each with the keys of the attributes in a span's events, as they are stored:
// [{"time":1,"name":"","attributes":{"key":value}}]. A key with escapes is left out. It is a
// look through the text, not a parser: what is no JSON gives some keys or none. The bytes of a
// key are the text's.
func eventKeys(events []byte, each func(key []byte)) {
	depth, attributes := 0, false
	var text []byte // the string that was read last
	for i := 0; i < len(events); i++ {
		switch events[i] {
		case '"':
			end := endOfString(events, i+1)
			text = events[i+1 : end]
			i = end
		case '{', '[':
			// The list is 1, an event 2, its attributes 3.
			if depth++; depth == 3 {
				attributes = string(text) == "attributes"
			}
		case '}', ']':
			depth--
			text = nil
		case ':':
			if attributes && depth == 3 && len(text) > 0 && bytes.IndexByte(text, '\\') < 0 {
				each(text)
			}
		}
	}
}

// endOfString is the place of the quote that ends a string, or the text's end.
func endOfString(text []byte, at int) int {
	for {
		n := bytes.IndexByte(text[at:], '"')
		if n < 0 {
			return len(text)
		}
		end := at + n
		slashes := 0
		for end-slashes-1 >= 0 && text[end-slashes-1] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return end
		}
		at = end + 1
	}
}
