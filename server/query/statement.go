package query

import (
	"strings"
	"unicode"
)

// reading are the words a reader's statement may begin with. The store refuses writes by
// itself (readonly = 1), but not all that harms others: KILL QUERY ends their inserts.
var reading = map[string]bool{
	"SELECT": true, "WITH": true, "SHOW": true, "DESCRIBE": true, "DESC": true, "EXPLAIN": true, "EXISTS": true,
}

// reads reports whether a statement begins like one that only reads.
func reads(sql string) bool { return reading[strings.ToUpper(firstWord(sql))] }

// firstWord is a statement's first word behind space, comments and opening brackets.
func firstWord(sql string) string {
	for {
		sql = strings.TrimLeftFunc(sql, func(r rune) bool { return unicode.IsSpace(r) || r == '(' || r == '\ufeff' })
		var found bool
		switch {
		case strings.HasPrefix(sql, "--"), strings.HasPrefix(sql, "#"):
			_, sql, found = strings.Cut(sql, "\n")
		case strings.HasPrefix(sql, "/*"):
			_, sql, found = strings.Cut(sql[2:], "*/")
		default:
			end := strings.IndexFunc(sql, func(r rune) bool { return !unicode.IsLetter(r) })
			if end < 0 {
				return sql
			}
			return sql[:end]
		}
		if !found {
			return ""
		}
	}
}
