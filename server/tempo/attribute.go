package tempo

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/throughline-io/throughline/pkg/store"
)

// intrinsics are the keys of filters that TraceQL's intrinsic fields are.
var intrinsics = map[string]string{
	"name": "name", "span:name": "name", "status": "status", "span:status": "status", "kind": "kind", "span:kind": "kind",
	"statusMessage": "status_message", "span:statusMessage": "status_message", "duration": "duration", "span:duration": "duration",
	"event:name": "event", "instrumentation:name": "scope_name", "instrumentation:version": "scope_version",
}

// identities are resource attributes that system calls and packets have, too: as tagged.
var identities = map[string]string{
	"service.name": "service", "k8s.namespace.name": "namespace", "k8s.pod.name": "pod", "k8s.node.name": "node",
}

// key is the key of filters for an attribute.
func key(name string) (string, error) {
	if k, ok := intrinsics[name]; ok {
		return k, nil
	}
	scope, attribute, scoped := strings.Cut(name, ".")
	switch {
	case !scoped || strings.Contains(scope, ":"):
		return "", fmt.Errorf("%s is not answered here: name, status, statusMessage, kind, duration, nestedSetParent and attributes (span.KEY, resource.KEY, event.KEY, .KEY) are", name)
	case attribute == "":
		return "", fmt.Errorf("%s: want the key of an attribute behind the point", name)
	}
	switch scope {
	case "", "resource":
		if k, ok := identities[attribute]; ok {
			return k, nil
		}
		if scope == "" {
			return anywhere(attribute), nil
		}
	case "span", "event":
	default:
		return "", fmt.Errorf("attributes of scope %q are not answered here: those of span, resource and event are", scope)
	}
	return scope + "." + attribute, nil
}

// anywhere is an attribute without scope. One that has the name of another key is of the span.
func anywhere(attribute string) string {
	switch attribute {
	case "namespace", "workload", "service", "pod", "node", "protocol", "request_resource", "source", "point", "status", "name", "kind", "code", "duration",
		"status_message", "scope_name", "scope_version", "event", "any_value", "root":
		return "span." + attribute
	}
	return attribute
}

// filter is a comparison as filters of the store; none where it holds for every span.
func filter(name, operator string, value token) ([]store.Filter, error) {
	if name == "nestedSetParent" || name == "span:nestedSetParent" {
		return root(operator, value)
	}
	k, err := key(name)
	if err != nil {
		return nil, err
	}
	text := value.text
	switch {
	case value.kind == word && text == "nil":
		return present(k, operator)
	case k == "kind":
		text = strings.ToUpper(text)
		if text == "UNSPECIFIED" {
			return nil, fmt.Errorf("kind unspecified is not answered here: server, client, internal, producer and consumer are")
		}
	case value.kind == word && k != "status" && text != "true" && text != "false":
		return nil, fmt.Errorf("%s %s %s: a text stands in quotes", name, operator, text)
	}
	if (operator == "=" || operator == "!=") && strings.ContainsAny(text, `*|{}()\`) {
		operator, text = map[string]string{"=": "=~", "!=": "!~"}[operator], regexp.QuoteMeta(text) // to a filter these signs mean something
	}
	f, err := store.NewFilter(k, operator, text)
	if err != nil {
		return nil, err
	}
	return []store.Filter{f}, nil
}

// root is a comparison of nestedSetParent, which is below zero of roots and of nothing else.
func root(operator string, value token) ([]store.Filter, error) {
	is := ""
	switch operator + value.text {
	case "<0", "=-1", "<=-1":
		is = "true"
	case ">=0", "!=-1", ">-1", ">0":
		is = "false"
	default:
		return nil, fmt.Errorf("nestedSetParent %s %s: < 0, which is a root, and >= 0 are answered", operator, value.text)
	}
	f, err := store.NewFilter("root", "=", is)
	return []store.Filter{f}, err
}

// present is a comparison with nil: whether the span has the attribute.
func present(k, operator string) ([]store.Filter, error) {
	switch operator {
	case "!=":
		operator = "=~"
	case "=":
		operator = "!~"
	default:
		return nil, fmt.Errorf("%s nil: = and != are answered", operator)
	}
	f, err := store.NewFilter(k, operator, "(?s).*")
	return []store.Filter{f}, err
}
