package store

import (
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/throughline-io/throughline/pkg/span"
)

// Requests are counted by a name of which there are few: the route of HTTP, the name that
// code gave its span, and statements with * for their literals. The name is a pattern that a
// search understands.
const (
	literals     = `'[^']*'|"[^"]*"|\b[0-9][0-9a-fA-FxX.]*\b`
	maxStatement = 200 // bytes of a statement that its name is made of
)

var literal = regexp.MustCompile(literals)

func withoutLiterals(statement string) string { return literal.ReplaceAllString(statement, "*") }

// RequestName is the name by which the roll-up counts a span.
func RequestName(s *span.Span) string {
	switch {
	case span.AsksByMethod(s.Protocol) && s.Type != "":
		return httpName(s.Type, s.Endpoint)
	case s.Source == span.APP || s.Resource == "" || s.NamedByEndpoint():
		return s.Endpoint
	}
	return withoutLiterals(s.Resource[:min(len(s.Resource), maxStatement)])
}

// httpName is method and route, where the route does not begin with the method already.
func httpName(method, route string) string {
	switch {
	case strings.HasPrefix(route, method+" "):
		return route
	case route == "":
		return method
	}
	return method + " " + route
}

// OtherRequests is the name under which a service's requests are counted when it has used up
// its names. As a pattern it means any.
const OtherRequests = "*"

const (
	// maxNames bounds the names of a service's requests in an hour: random paths, or statements
	// that hold their values, would make as many rows of the roll-up as there are requests.
	maxNames = 2000
	// maxNamed bounds the services that are told apart so.
	maxNamed = 10_000
)

// requestNames knows the names that each service used in this hour. It is safe for concurrent
// use.
type requestNames struct {
	mu      sync.Mutex
	hour    int64
	byOwner map[uint64]map[uint64]struct{} // hash of the service: hashes of its names
}

// take reports whether a service may use a name: it has used it before, or has not used up
// its names.
func (n *requestNames) take(service, name string) bool {
	owner, id := xxhash.Sum64String(service), xxhash.Sum64String(name)
	n.mu.Lock()
	defer n.mu.Unlock()
	if hour := time.Now().Unix() / 3600; hour != n.hour || n.byOwner == nil {
		n.hour, n.byOwner = hour, map[uint64]map[uint64]struct{}{}
	}
	names := n.byOwner[owner]
	if names == nil {
		if len(n.byOwner) >= maxNamed {
			return false
		}
		names = map[uint64]struct{}{}
		n.byOwner[owner] = names
	}
	if _, known := names[id]; known {
		return true
	}
	if len(names) >= maxNames {
		return false
	}
	names[id] = struct{}{}
	return true
}
