package trace

import "strings"

// minHex is how long a run of hex digits is at least that stands for an id: shorter ones
// are words ("add", "c3").
const minHex = 4

// Fold replaces what differs between names of the same work by #: numbers, and words of
// hex digits such as ids and UUIDs. "chunk 7" and "chunk 12" are of one kind, "fetch 9f3a"
// and "fetch 11ab" too. src/trace/fold.ts is its twin; testdata/fold.json holds for both.
func Fold(name string) string {
	if !strings.ContainsAny(name, "0123456789") {
		return name
	}
	var b strings.Builder
	b.Grow(len(name))
	for len(name) > 0 {
		n := 0
		switch {
		case !alphanumeric(name[0]):
			for n < len(name) && !alphanumeric(name[n]) {
				n++
			}
			b.WriteString(name[:n])
		case startsWithUUID(name):
			n = len(uuidShape)
			if strings.ContainsAny(name[:n], "0123456789") {
				b.WriteByte('#')
			} else {
				b.WriteString(name[:n])
			}
		default:
			for n < len(name) && alphanumeric(name[n]) {
				n++
			}
			foldWord(&b, name[:n])
		}
		name = name[n:]
	}
	return b.String()
}

// foldWord writes a word of letters and digits.
func foldWord(b *strings.Builder, word string) {
	if len(word) >= minHex && strings.ContainsAny(word, "0123456789") && strings.Trim(word, "0123456789abcdefABCDEF") == "" {
		b.WriteByte('#')
		return
	}
	for i := range len(word) {
		switch {
		case !digit(word[i]):
			b.WriteByte(word[i])
		case i == 0 || !digit(word[i-1]):
			b.WriteByte('#')
		}
	}
}

// uuidShape is where a UUID has hex digits and where dashes.
const uuidShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"

func startsWithUUID(text string) bool {
	if len(text) < len(uuidShape) {
		return false
	}
	for i := range len(uuidShape) {
		if c := text[i]; uuidShape[i] == '-' && c != '-' || uuidShape[i] == 'x' && !hexDigit(c) {
			return false
		}
	}
	return true
}

func digit(c byte) bool    { return c >= '0' && c <= '9' }
func hexDigit(c byte) bool { return digit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }
func alphanumeric(c byte) bool {
	return digit(c) || c|0x20 >= 'a' && c|0x20 <= 'z'
}
