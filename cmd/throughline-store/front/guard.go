package front

import (
	"errors"
	"strings"
)

// checkReader refuses what readonly = 1 does not cover: INTO OUTFILE, FROM INFILE and
// several statements in one text, which the library's own client handles before the engine
// sees them, and the scalar function file, which in the library reads every file. As a
// function can be named without being called (* APPLY(file)), its name is refused wherever
// it stands; names with escapes, which could spell it, too.
//
// KILL is not covered either; only statements that read are let through.
func checkReader(sql string) error {
	previous, ended := "", false
	for t := range tokens(sql) {
		if ended {
			return refused("one statement at a time")
		}
		word := strings.ToUpper(t)
		name := strings.TrimLeft(word, "`\"")
		switch {
		case previous == "" && !readers[word]:
			return refused("statements that begin with " + t)
		case word == ";":
			ended = true
		case word == "OUTFILE" && previous == "INTO":
			return refused("INTO OUTFILE")
		case word == "INFILE" && previous == "FROM":
			return refused("FROM INFILE")
		case name == "FILE":
			return refused("the function file")
		case name != word && strings.Contains(name, `\`):
			return refused("a quoted name with a backslash")
		case word[0] >= 0x80:
			// Typographic quotes are quotes to the engine; we do not follow it there.
			return refused("characters beyond ASCII outside of quotes")
		}
		previous = word
	}
	return nil
}

// readers are the words that a reader's statement may begin with.
var readers = map[string]bool{"SELECT": true, "WITH": true, "(": true, "EXPLAIN": true, "SHOW": true, "DESCRIBE": true, "DESC": true, "EXISTS": true, "FROM": true}

func refused(what string) error {
	return errors.New("Code: 164. DB::Exception: not for readers: " + what + ". (READONLY)")
}
