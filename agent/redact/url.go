package redact

import "strings"

// secretParameters are names of query parameters whose values are secrets, in lower case and
// without - and _.
var secretParameters = map[string]bool{
	"token": true, "accesstoken": true, "idtoken": true, "refreshtoken": true, "authtoken": true, "csrftoken": true, "xsrftoken": true,
	"resettoken": true, "sessiontoken": true, "securitytoken": true, "xamzsecuritytoken": true, "xamzcredential": true, "xamzsignature": true,
	"xgoogsignature": true, "xgoogcredential": true, "awsaccesskeyid": true, "signature": true, "sig": true, "sign": true,
	"password": true, "passwd": true, "passphrase": true, "pwd": true, "pass": true, "secret": true, "clientsecret": true, "appsecret": true,
	"apikey": true, "xapikey": true, "accesskey": true, "secretkey": true, "privatekey": true, "auth": true, "authorization": true, "credential": true,
	"credentials": true, "jwt": true, "bearer": true, "otp": true, "pin": true, "session": true, "sessionid": true, "sid": true, "jsessionid": true,
	"phpsessid": true, "code": true, "samlresponse": true, "assertion": true, "clientassertion": true,
}

// longestParameter is longer than any of their names.
const longestParameter = 32

// secretBeginnings has a bit for each length and first letter that names of secret parameters have: most others are
// none by that, without being looked up.
var secretBeginnings = func() (of [longestParameter + 1]uint32) {
	for name := range secretParameters {
		of[len(name)] |= 1 << (name[0] - 'a')
	}
	return of
}()

// URL replaces the secrets of a path with query by Mark: parameters' values by the parameters'
// names, session ids behind ";", and JSON web tokens wherever they stand. Of most it is the same
// text.
func URL(target string) string {
	plain := strings.IndexByte(target, ';') < 0 && !strings.Contains(target, "eyJ") // nothing to find but in the query
	if plain && strings.IndexByte(target, '?') < 0 {
		return target
	}
	var out strings.Builder
	kept := 0
	replace := func(from, to int) {
		if from < to {
			out.WriteString(target[kept:from])
			out.WriteString(Mark)
			kept = to
		}
	}
	query := indexOr(target, beginsQuery)
	for at := 0; at < query && !plain; { // segments of the path, and their parameters
		end := at + indexOr(target[at:query], endsSegment)
		part := target[at:end]
		switch {
		case IsToken(part):
			replace(at, end)
		case at > 0 && target[at-1] == ';':
			if name, _, found := strings.Cut(part, "="); found && isSecretParameter(name) {
				replace(at+len(name)+1, end)
			}
		}
		at = end + 1
	}
	for at := query + 1; at < len(target); {
		end := at + indexOr(target[at:], endsParameter)
		name, value, found := strings.Cut(target[at:end], "=")
		if found && (isSecretParameter(name) || IsToken(value)) {
			replace(at+len(name)+1, end)
		}
		at = end + 1
	}
	if kept == 0 {
		return target
	}
	out.WriteString(target[kept:])
	return out.String()
}

// Authority is a host without the user and password in front of it.
func Authority(host string) string {
	return host[strings.LastIndexByte(host, '@')+1:]
}

// IsToken reports whether text is a JSON web token: three parts in base64, the first of which
// begins with {".
func IsToken(text string) bool {
	return len(text) > 20 && strings.HasPrefix(text, "eyJ") && strings.Count(text, ".") == 2
}

// What a byte ends in a URL, by its value: strings.IndexAny makes a set of a few bytes for each short text.
const (
	beginsQuery = 1 << iota
	endsSegment
	endsParameter
)

var borders = [256]uint8{'?': beginsQuery | endsParameter, '#': beginsQuery | endsParameter, '/': endsSegment, ';': endsSegment | endsParameter, '&': endsParameter}

// indexOr is the first byte that is such a border, or the text's length.
func indexOr(text string, border uint8) int {
	for i := range len(text) {
		if borders[text[i]]&border != 0 {
			return i
		}
	}
	return len(text)
}

func isSecretParameter(name string) bool {
	if len(name) > longestParameter {
		return false
	}
	var plain [longestParameter]byte
	n := 0
	for i := range len(name) {
		switch c := name[i]; {
		case c == '-' || c == '_' || c == '.':
		case c >= 'A' && c <= 'Z':
			plain[n] = c | 0x20
			n++
		default:
			plain[n] = c
			n++
		}
	}
	if n == 0 || plain[0] < 'a' || plain[0] > 'z' || secretBeginnings[n]>>(plain[0]-'a')&1 == 0 {
		return false
	}
	return secretParameters[string(plain[:n])]
}
