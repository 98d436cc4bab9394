package redact

import "strings"

// RedisError replaces what an error of Redis repeats of a command that the server does not know, which may be a password:
// "ERR unknown command 'X', with args beginning with: 'secret'".
func RedisError(text string) string {
	const repeats = "with args beginning with: "
	if at := strings.Index(text, repeats); at >= 0 && text[at+len(repeats):] != Mark {
		return text[:at+len(repeats)] + Mark
	}
	return text
}
