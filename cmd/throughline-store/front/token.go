package front

import "iter"

// tokens yields the words and signs of a statement without comments: a quoted name with its
// first quote, a string as "'" alone. It only has to be right about where quotes and
// comments end.
func tokens(sql string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := 0; i < len(sql); {
			rest := sql[i:]
			switch c := sql[i]; {
			case c == '\'':
				i += quoted(rest, c)
				if !yield("'") {
					return
				}
			case c == '"' || c == '`':
				n := quoted(rest, c)
				i += n
				if !yield(rest[:max(1, n-1)]) {
					return
				}
			case c == '$' && heredoc(rest) > 0:
				i += heredoc(rest)
				if !yield("'") {
					return
				}
			case hasPrefix(rest, "--") || hasPrefix(rest, "# ") || hasPrefix(rest, "#!"):
				i += until(rest, 2, "\n")
			case hasPrefix(rest, "/*"):
				i += until(rest, 2, "*/")
			case wordByte(c):
				n := 1
				for n < len(rest) && wordByte(rest[n]) {
					n++
				}
				i += n
				if isLiteralPrefix(rest[:n]) && hasPrefix(sql[i:], "'") { // x'6162': no escapes in it
					i += until(sql[i:], 1, "'")
					n = len(rest) - len(sql[i:])
				}
				if !yield(rest[:n]) {
					return
				}
			case c <= ' ':
				i++
			default:
				i++
				if !yield(rest[:1]) {
					return
				}
			}
		}
	}
}

func isLiteralPrefix(word string) bool {
	return word == "x" || word == "X" || word == "b" || word == "B"
}

// quoted is the length of a quoted string, its quotes included; a doubled quote and a
// backslash keep it open.
func quoted(s string, quote byte) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case quote:
			if i+1 < len(s) && s[i+1] == quote {
				i++
				continue
			}
			return i + 1
		}
	}
	return len(s)
}

// heredoc is the length of $tag$...$tag$, or 0.
func heredoc(s string) int {
	n := 1
	for n < len(s) && wordByte(s[n]) && s[n] != '$' {
		n++
	}
	if n >= len(s) || s[n] != '$' {
		return 0
	}
	tag := s[:n+1]
	end := until(s, n+1, tag)
	if !hasPrefix(s[end-len(tag):], tag) || end < 2*len(tag) {
		return 0
	}
	return end
}

// until is the offset behind the first mark at or after from, or the end.
func until(s string, from int, mark string) int {
	for i := from; i+len(mark) <= len(s); i++ {
		if s[i:i+len(mark)] == mark {
			return i + len(mark)
		}
	}
	return len(s)
}

func hasPrefix(s, prefix string) bool { return len(s) >= len(prefix) && s[:len(prefix)] == prefix }

func wordByte(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
