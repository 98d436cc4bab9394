package store

import (
	"fmt"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// condition is what a filter asks of a span, by one of its values; "" for nothing.
func (c *conditions) condition(f Filter, t test) (string, error) {
	key := f.Key
	if f.attribute || !c.knows(key) {
		if c.rollUp {
			return "", fmt.Errorf("metrics and the map are kept per minute, without attributes, durations and events (but %s): a search has them", strings.Join(senderKeys, " and "))
		}
		return c.attribute(key, t)
	}
	switch {
	case t.value == "":
		return "", nil
	case t.Operator == Equal && t.value == "*":
		return "1", nil
	}
	switch key {
	case "duration":
		return c.nanoseconds("duration", t)
	case "code":
		return c.number("code", t)
	}
	if values := enumerations[key]; values != nil {
		return enumeration(t, values)
	}
	if err := t.check(); err != nil {
		return "", err
	}
	is := c.text(t)
	switch key {
	case "namespace", "workload", "pod":
		return c.ends(key, is), nil
	case "service":
		return c.ends(key, is, "service"), nil
	case "node":
		return oneOf(append([]string{is("node")}, c.resources(key, is)...)), nil
	case "protocol", "status_message", "scope_name", "scope_version":
		return is(key), nil
	case "name":
		return is("endpoint"), nil
	case "event":
		return c.event(is("JSONExtractString(e, 'name')")), nil
	case "any_value":
		return c.anyValue(t), nil
	}
	if c.rollUp { // request_resource
		return is("request"), nil
	}
	return oneOf([]string{is("request_resource"), is("endpoint"), is(requestText)}), nil
}

// knows reports whether a key is not that of an attribute.
func (c *conditions) knows(key string) bool {
	switch key {
	case "namespace", "workload", "pod", "service", "node", "protocol", "request_resource", "request", "status", "source", "point", "kind":
		return true
	case "name", "duration", "code", "status_message", "scope_name", "scope_version", "event", "any_value", "root":
		return !c.rollUp
	}
	return false
}

// enumerations are the keys with few values.
var enumerations = map[string][]named{
	"status": {
		// OpenTelemetry's UNSET is no failure: what went well without saying so is ok, too.
		{"ok", fmt.Sprintf("(status = %d OR status = 0 AND source = %d)", span.StatusOK, span.APP)},
		{"unset", fmt.Sprintf("status = 0 AND source = %d", span.APP)},
		{"unknown", fmt.Sprintf("status = 0 AND source != %d", span.APP)},
		{"error", failedRow},
		{span.StatusClientError.String(), fmt.Sprintf("status = %d", span.StatusClientError)},
		{span.StatusServerError.String(), fmt.Sprintf("status = %d", span.StatusServerError)},
		{span.StatusTimeout.String(), fmt.Sprintf("status = %d", span.StatusTimeout)},
		{span.StatusReset.String(), fmt.Sprintf("status = %d", span.StatusReset)},
		{span.StatusClosed.String(), fmt.Sprintf("status = %d", span.StatusClosed)},
		{span.StatusUnanswered.String(), fmt.Sprintf("status = %d", span.StatusUnanswered)},
		{span.StatusOpen.String(), fmt.Sprintf("status = %d", span.StatusOpen)},
	},
	"source": numbered("source", span.APP, span.NET),
	"point":  numbered("point", span.PointClientApp, span.PointRest),
	"kind":   numbered("kind", span.KindInternal, span.KindConsumer),
	"root": {
		{"true", "source = 1 AND parent_span_id = unhex('0000000000000000')"},
		{"false", "NOT (source = 1 AND parent_span_id = unhex('0000000000000000'))"},
	},
}

// namesLike are the names of values that match a pattern.
func namesLike(values []named, pattern string) (names []string) {
	for _, v := range values {
		if pattern == "" || wild(pattern, v.name) {
			names = append(names, v.name)
		}
	}
	return names
}

// numbered are the values of a column from first to last.
func numbered[T interface {
	~uint8
	fmt.Stringer
}](column string, first, last T) (all []named) {
	for v := first; v <= last; v++ {
		all = append(all, named{v.String(), fmt.Sprintf("%s = %d", column, v)})
	}
	return all
}

// ends is the condition that an end of the request, or who saw it, is an entity with such a
// value, or says so in its OpenTelemetry resource.
func (c *conditions) ends(key string, is func(string) string, columns ...string) string {
	var parts []string
	for _, column := range columns {
		parts = append(parts, is(column))
	}
	ids := "(SELECT id FROM entities WHERE " + is(key) + ")"
	parts = append(parts, "entity IN "+ids, "client_entity IN "+ids, "server_entity IN "+ids)
	return oneOf(append(parts, c.resources(key, is)...))
}

// resourceKeys are the attributes of a resource that say what entities say, in order: the
// first that a resource has counts. Services have a column.
var resourceKeys = map[string][]string{
	"namespace": {"k8s.namespace.name", "service.namespace"},
	"workload":  {"k8s.deployment.name", "k8s.statefulset.name", "k8s.daemonset.name", "k8s.cronjob.name", "k8s.job.name", "k8s.replicaset.name"},
	"pod":       {"k8s.pod.name"},
	"node":      {"k8s.node.name", "host.name"},
}

// resourceValue is what a resource says of a key, as an expression on its row.
func resourceValue(key string) string {
	var values []string
	for _, k := range resourceKeys[key] {
		values = append(values, "attributes['"+k+"']")
	}
	if len(values) == 1 {
		return values[0]
	}
	return "arrayFirst(v -> v != '', [" + strings.Join(values, ", ") + "])"
}

// resources is the condition on a span's resource, where there are any.
func (c *conditions) resources(key string, is func(string) string) []string {
	if c.rollUp || resourceKeys[key] == nil {
		return nil
	}
	return []string{"otel_resource IN (SELECT id FROM otel_resources WHERE " + is(resourceValue(key)) + ")"}
}

// event is the condition that one of a span's events, e, is like this.
func (c *conditions) event(condition string) string {
	return "events != '' AND arrayExists(e -> " + condition + ", JSONExtractArrayRaw(events))"
}

// requestText is span.Span.Request as an expression.
const requestText = "if(protocol IN ('HTTP', 'FastCGI'), if(endpoint = '', toString(type), concat(type, ' ', endpoint)), if(request_resource != '', request_resource, toString(endpoint)))"
