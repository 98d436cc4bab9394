package store

import (
	"fmt"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// Filter keeps what has, or with Not has not, one of the values. In values * stands for any
// characters.
type Filter struct {
	// Key is namespace, workload, service, pod, node, protocol, request_resource, status,
	// source, point, or the key of an attribute.
	Key    string
	Not    bool
	Values []string
}

// filter adds a filter to the conditions; request are the expressions that
// request_resource is about. It reports false for a key that is an attribute's.
func (c *conditions) filter(f Filter, request ...string) (bool, error) {
	any := &conditions{params: c.params}
	for _, v := range f.Values {
		switch v {
		case "":
			continue
		case "*":
			any.add("1")
			continue
		}
		switch f.Key {
		case "namespace", "workload", "pod":
			any.ends(f.Key, v)
		case "service":
			any.ends("service", v, "service")
		case "node", "protocol":
			any.matches(v, f.Key)
		case "request_resource", "request":
			any.matches(v, append([]string(nil), request...)...)
		case "status":
			if err := any.status(v); err != nil {
				return true, err
			}
		case "source":
			s, err := span.ParseSource(v)
			if err != nil {
				return true, fmt.Errorf("%w: %w", ErrMalformed, err)
			}
			any.add("source = " + c.bind(formatUint(uint64(s)), "UInt8"))
		case "point":
			p, err := span.ParsePoint(v)
			if err != nil {
				return true, fmt.Errorf("%w: %w", ErrMalformed, err)
			}
			any.add("point = " + c.bind(formatUint(uint64(p)), "UInt8"))
		default:
			return false, nil
		}
	}
	c.either(f.Not, any.parts)
	return true, nil
}

// either adds that one of the parts holds, or none.
func (c *conditions) either(not bool, parts []string) {
	if len(parts) == 0 {
		return
	}
	text := "(" + strings.Join(parts, " OR ") + ")"
	if not {
		text = "NOT " + text
	}
	c.add(text)
}

// attributeFilter adds a filter on an attribute.
func (c *conditions) attributeFilter(f Filter) {
	var parts []string
	for _, v := range f.Values {
		one := &conditions{params: c.params}
		one.attribute(f.Key, v)
		parts = append(parts, "("+strings.Join(one.parts, " AND ")+")")
	}
	c.either(f.Not, parts)
}
