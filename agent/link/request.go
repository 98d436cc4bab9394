package link

import (
	"hash/maphash"
	"strings"
)

// request is what is kept of a request to tell it from others: hashes, 0 where nothing is known.
type request struct {
	method, path uint64
	code         int32
}

var seed = maphash.MakeSeed()

func requestOf(method, target string, code int32) request {
	r := request{code: code}
	if method != "" {
		r.method = maphash.String(seed, method)
	}
	if path, _, _ := strings.Cut(target, "?"); strings.HasPrefix(path, "/") { // else nothing that both sides have
		r.path = maphash.String(seed, path)
	}
	return r
}

// known reports whether all is known of a request.
func (r request) known() bool { return r.method != 0 && r.path != 0 && r.code != 0 }

// differs reports whether two are known to be two requests.
func (r request) differs(o request) bool {
	other := func(x, y uint64) bool { return x != 0 && y != 0 && x != y }
	return other(r.method, o.method) || other(r.path, o.path) || r.code != 0 && o.code != 0 && r.code != o.code
}
