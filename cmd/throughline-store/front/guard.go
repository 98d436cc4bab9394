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
func checkReader(sql string) error {
	previous, ended := "", false
	for t := range tokens(sql) {
		if ended {
			return refused("one statement at a time")
		}
		word := strings.ToUpper(t)
		switch {
		case word == ";":
			ended = true
		case word == "OUTFILE" && previous == "INTO":
			return refused("INTO OUTFILE")
		case word == "INFILE" && previous == "FROM":
			return refused("FROM INFILE")
		case word == "FILE":
			return refused("the function file")
		case strings.ContainsRune(word, '\\') && len(word) > 1:
			return refused("a quoted name with a backslash")
		}
		previous = word
	}
	return nil
}

func refused(what string) error {
	return errors.New("Code: 164. DB::Exception: not for readers: " + what + ". (READONLY)")
}
