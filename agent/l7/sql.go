package l7

import (
	"bytes"
	"strings"
)

// sqlVerbs are the words that statements begin with.
var sqlVerbs = [...]string{
	"SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "SET", "COMMIT", "BEGIN", "START", "ROLLBACK", "SHOW", "CREATE", "DROP",
	"ALTER", "USE", "CALL", "EXPLAIN", "DESC", "TRUNCATE", "LOCK", "UNLOCK", "KILL", "WITH", "GRANT", "REVOKE", "ANALYZE",
	"OPTIMIZE", "LOAD", "FLUSH", "SAVEPOINT", "RELEASE", "PREPARE", "EXECUTE", "DEALLOCATE", "HANDLER", "DO", "XA", "CHECK",
	"VALUES", "TABLE", "/*", "(", "-- ", "#",
}

// matchVerb tells whether text begins with one of some words; whole says that nothing of it is missing.
func matchVerb(text []byte, verbs []string, whole bool) Match {
	for _, verb := range verbs {
		n := min(len(text), len(verb))
		if !bytes.EqualFold(text[:n], []byte(verb[:n])) {
			continue
		}
		if n == len(verb) {
			return MatchRequest
		}
		if !whole {
			return MatchMore
		}
	}
	return MatchNone
}

// Verb is the first word of an SQL statement in upper case, comments and brackets before
// it passed over: "select 1" is "SELECT".
func Verb(text string) string {
	for {
		for text != "" && (text[0] <= ' ' || text[0] == '(' || text[0] == ';') {
			text = text[1:]
		}
		switch {
		case strings.HasPrefix(text, "/*"):
			end := strings.Index(text[2:], "*/")
			if end < 0 {
				return ""
			}
			text = text[2+end+2:]
		case strings.HasPrefix(text, "--"), strings.HasPrefix(text, "#"):
			end := strings.IndexByte(text, '\n')
			if end < 0 {
				return ""
			}
			text = text[end+1:]
		default:
			n := 0
			for n < len(text) && n < 32 && isLetter(text[n]) {
				n++
			}
			var room [32]byte
			return textOf(upperBytes(room[:0], []byte(text[:n])))
		}
	}
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
