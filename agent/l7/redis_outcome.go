package l7

import (
	"bytes"

	"github.com/throughline-io/throughline/pkg/span"
)

// redisErrorText is how much of an error is waited for.
const redisErrorText = 512

// outcome reads success or failure from an answer's beginning.
func (v redisValue) outcome(data []byte, missing int, f *Fields) State {
	if v.kind != '-' && v.kind != '!' {
		f.Status = span.StatusOK
		return Head
	}
	text := data[min(len(data), v.head):min(uint64(len(data)), v.size)]
	if v.kind == '!' && uint64(len(data)) < v.size && len(text) < redisErrorText && missing == 0 {
		return More
	}
	text = bytes.TrimRight(text[:min(len(text), redisErrorText)], "\r\n")
	prefix, _, _ := bytes.Cut(text, []byte(" "))
	if !isErrorPrefix(prefix) {
		prefix = []byte("ERR")
	}
	f.Status = redisStatus(string(prefix))
	if f.Status.Error() {
		f.StatusMessage = textOf(text)
	}
	f.attributes(span.Attribute{Key: "db.response.status_code", Value: textOf(prefix), Type: span.AttributeString})
	return Head
}

// isErrorPrefix reports whether an error's first word says of what kind it is: it is in capitals then.
func isErrorPrefix(word []byte) bool {
	if len(word) == 0 || len(word) > 32 {
		return false
	}
	for _, c := range word {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}

// redisStatus is whose fault an error is. Where else a key is, MOVED and ASK, is no error: clients go there.
func redisStatus(prefix string) span.Status {
	switch prefix {
	case "MOVED", "ASK", "REDIRECT":
		return span.StatusOK
	case "OOM", "BUSY", "LOADING", "MASTERDOWN", "READONLY", "MISCONF", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS", "NOGOODSLAVE", "NOMASTERLINK", "IOERR", "UNKILLABLE":
		return span.StatusServerError
	}
	return span.StatusClientError
}
