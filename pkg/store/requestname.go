package store

import (
	"regexp"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// Requests are counted by a name of which there are few: the route of HTTP, the name that
// code gave its span, and statements with * for their literals. The name is a pattern that a
// search understands.
//
// literals is understood alike by Go's regexp and by the store's RE2.
const (
	literals     = `'[^']*'|"[^"]*"|\b[0-9][0-9a-fA-FxX.]*\b`
	maxStatement = 200 // bytes of a statement that its name is made of
)

var requestName = "multiIf(protocol = 'HTTP' AND type != '' AND NOT startsWith(endpoint, concat(type, ' ')), if(endpoint = '', toString(type), concat(type, ' ', endpoint))," +
	" source = 1 OR request_resource = '', toString(endpoint)," +
	" replaceRegexpAll(substring(request_resource, 1, 200), '" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(literals) + "', '*'))"

var literal = regexp.MustCompile(literals)

// RequestName is requestName for a span in memory.
func RequestName(s *span.Span) string {
	switch {
	case s.Protocol == "HTTP" && s.Type != "" && !strings.HasPrefix(s.Endpoint, s.Type+" "):
		if s.Endpoint == "" {
			return s.Type
		}
		return s.Type + " " + s.Endpoint
	case s.Source == span.APP || s.Resource == "":
		return s.Endpoint
	}
	return literal.ReplaceAllString(s.Resource[:min(len(s.Resource), maxStatement)], "*")
}
