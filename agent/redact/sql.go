package redact

import "strings"

// secretWords are words of SQL behind which the next text in quotes is a secret: of
// CREATE USER ... IDENTIFIED BY ”, SET PASSWORD = ”, CHANGE MASTER TO MASTER_PASSWORD = ”,
// CREATE ROLE ... PASSWORD ”, CREATE SECRET (... SECRET ”).
var secretWords = [...]string{"IDENTIFIED", "PASSWORD", "MASTER_PASSWORD", "SOURCE_PASSWORD", "SECRET", "SECRET_KEY", "ACCESS_KEY", "PASSPHRASE"}

// shortestSecretWord lets a statement without any of them pass at once.
const shortestSecretWord = len("SECRET")

// SQL replaces the secrets of a statement by Mark. Of most statements it is the same text.
func SQL(text string) string { return statement(text, false) }

// PostgreSQL is SQL of its statements: a backslash is a character as others, but behind E, and dollars are quotes too.
func PostgreSQL(text string) string { return statement(text, true) }

func statement(text string, postgres bool) string {
	if strings.IndexByte(text, '\'') < 0 && strings.IndexByte(text, '"') < 0 && (!postgres || strings.Count(text, "$") < 2) {
		return text // secrets stand in quotes
	}
	var out strings.Builder
	kept := 0
	armed := false // a secret word was read, its text was not
	named := false // SET PASSWORD FOR someone: it stands behind the next =
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '\'' || c == '"':
			end, whole := quoted(text, i, !postgres || i > 0 && text[i-1]|0x20 == 'e' && (i == 1 || !isWordByte(text[i-2])))
			if armed {
				out.WriteString(text[kept : i+1])
				out.WriteString(Mark)
				kept = end
				if whole {
					kept--
				}
				armed = text[i] == '"' && !whole
			}
			i = end
		case postgres && c == '$' && dollarQuote(text[i:]) > 0:
			n := dollarQuote(text[i:])
			tag := text[i : i+n]
			i += n
			if !armed { // what a function or DO does
				break
			}
			end := strings.Index(text[i:], tag)
			if end < 0 {
				end = len(text) - i
			}
			out.WriteString(text[kept:i])
			out.WriteString(Mark)
			i += end
			kept, armed = i, false
			if i < len(text) {
				i += n
			}
		case isWordByte(c):
			end := i + 1
			for end < len(text) && isWordByte(text[end]) {
				end++
			}
			named = named || armed && strings.EqualFold(text[i:end], "FOR")
			armed = isSecretWord(text[i:end]) || armed && mayFollow(text[i:end])
			i = end
		case c == '(' || c == ')' || c == ',' || c == ';':
			armed, named = armed && c == '(', named && c != ';'
			i++
		case c == '=' && named:
			armed, named = true, false
			i++
		default:
			i++
		}
	}
	if kept == 0 {
		return text
	}
	out.WriteString(text[kept:])
	return out.String()
}

// SQLError is SQL of an error's text, which repeats the statement: "... near 'BY 'x” at line 1".
func SQLError(text string) string {
	const repeats = "near '"
	at := strings.Index(text, repeats)
	if at < 0 {
		return SQL(text)
	}
	at += len(repeats)
	return text[:at] + SQL(text[at:])
}

// mayFollow tells the words that may stand between a secret word and its text from those that
// begin something else: IDENTIFIED WITH mysql_native_password BY ”, SET PASSWORD FOR 'u'@'h' = ”.
func mayFollow(word string) bool {
	return !strings.EqualFold(word, "FOR") && !strings.EqualFold(word, "WHERE") && !strings.EqualFold(word, "FROM") &&
		!strings.EqualFold(word, "AND") && !strings.EqualFold(word, "OR") && !strings.EqualFold(word, "EXPIRE")
}

func isSecretWord(word string) bool {
	if len(word) < shortestSecretWord {
		return false
	}
	switch word[0] | 0x20 { // nearly all words end here
	case 'i', 'p', 'm', 's', 'a':
	default:
		return false
	}
	for _, s := range secretWords {
		if len(word) == len(s) && strings.EqualFold(word, s) {
			return true
		}
	}
	return false
}

// wordBytes are the bytes of words: every byte of every statement is looked up.
var wordBytes = func() (is [256]bool) {
	for c := range is {
		is[c] = c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '$' || c == '@'
	}
	return is
}()

func isWordByte(c byte) bool { return wordBytes[c] }

// dollarQuote is the length of the quote that a text begins with, $$ or $name$; 0: it begins with none.
func dollarQuote(text string) int {
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '$':
			return i + 1
		case c >= '0' && c <= '9' && i == 1, !isWordByte(c), c == '@':
			return 0
		}
	}
	return 0
}

// quoted is where the text in quotes ends that begins at i, behind its last quote; false: it is
// cut off. escapes: a backslash takes the next character's meaning.
func quoted(text string, i int, escapes bool) (end int, whole bool) {
	quote := text[i]
	for i++; i < len(text); i++ {
		switch text[i] {
		case '\\':
			if escapes {
				i++
			}
		case quote:
			if i+1 < len(text) && text[i+1] == quote { // doubled: of the text
				i++
				continue
			}
			return i + 1, true
		}
	}
	return len(text), false
}
