package saved

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Format is a kind of file, as users call it.
type Format string

// The formats.
const (
	OTLP      Format = "OTLP"
	Jaeger    Format = "Jaeger's JSON"
	Zipkin    Format = "Zipkin's JSON"
	Assembled Format = "Throughline's JSON"
	Recording Format = "Throughline's spans"
)

// readers read a document of each format.
var readers map[Format]func(*reader, node) error

func init() { // they refer to readers themselves
	readers = map[Format]func(*reader, node) error{
		OTLP: (*reader).otlp, Jaeger: (*reader).jaeger, Zipkin: (*reader).zipkin, Assembled: (*reader).assembled, Recording: (*reader).recorded,
	}
}

// formatOf tells a document's format by its members' names.
func formatOf(n node) (Format, error) {
	if n.is('[') {
		return formatOfList(n)
	}
	has := names(n)
	switch {
	case has("resourceSpans"), has("resource_spans"), has("batches"), has("result"), has("trace"), isResourceSpans(has):
		return OTLP, nil
	case has("trace_id") && has("spans"):
		return Assembled, nil
	case has("span") != has("entity"):
		return Recording, nil
	case has("errors") && !hasElements(n, "data"):
		return "", fmt.Errorf("the file is an answer of Jaeger that says why there is no trace: %.300s. %s", messages(n), Readable)
	case has("data"), has("spans") && has("processes"), has("traceID") && has("spanID"):
		return Jaeger, nil
	case has("traceId") && has("id"):
		return Zipkin, nil
	case has("resourceMetrics"), has("resourceLogs"), has("resourceProfiles"):
		return "", fmt.Errorf("the file is OTLP of metrics, logs or profiles: it has no spans. %s", Readable)
	}
	return "", fmt.Errorf("the file is JSON, but of no kind that is known: its first members are %s. %s", firstNames(n), Readable)
}

// isResourceSpans reports whether a document is what OTLP has a list of: Java's exporter to a
// log writes one on each line.
func isResourceSpans(has func(string) bool) bool {
	return has("scopeSpans") || has("scope_spans") || has("instrumentationLibrarySpans")
}

// formatOfList tells the format of an array by its first element.
func formatOfList(n node) (Format, error) {
	for m := range n.members() {
		first := m.node
		if first.is('[') { // a list of traces
			for inner := range first.members() {
				first = inner.node
				break
			}
		}
		has := names(first)
		switch {
		case has("resourceSpans"), has("resource_spans"), has("batches"), isResourceSpans(has):
			return OTLP, nil
		case has("traceID"), has("processes"):
			return Jaeger, nil
		case has("traceId") && has("id") && (has("binaryAnnotations") || has("annotations") && !has("localEndpoint") && !has("kind") && strings.Contains(string(first.text), `"endpoint"`)):
			return "", fmt.Errorf("the file is Zipkin's JSON of version 1: save it by its API of version 2. %s", Readable)
		case has("traceId") && has("id"):
			return Zipkin, nil
		}
		return "", fmt.Errorf("the file is a JSON list, but of no kind that is known: its first element has %s. %s", firstNames(first), Readable)
	}
	return "", fmt.Errorf("the file is an empty list: it has no spans. %s", Readable)
}

// names tells which members an object has, among the first ones.
func names(n node) func(string) bool {
	all := map[string]bool{}
	if n.is('{') {
		for m := range n.members() {
			if all[m.name] = string(m.text) != "null"; len(all) == maxNames {
				break
			}
		}
	}
	return func(name string) bool { return all[name] }
}

// maxNames bounds the members that are looked at: a trace has a handful.
const maxNames = 1000

// firstNames are a few of an object's names, for a message.
func firstNames(n node) string {
	var list []string
	if n.is('{') {
		for m := range n.members() {
			if list = append(list, fmt.Sprintf("%.40q", m.name)); len(list) == 5 {
				break
			}
		}
	}
	if len(list) == 0 {
		return "no names"
	}
	return strings.Join(list, ", ")
}

func hasElements(n node, name string) bool {
	list, _ := n.member(name)
	for range list.members() {
		return true
	}
	return false
}

// messages are those of Jaeger's list of errors.
func messages(n node) string {
	list, _ := n.member("errors")
	var errs []struct {
		Message string `json:"msg"`
	}
	_ = json.Unmarshal(list.text, &errs) // without messages there are none
	var out []string
	for _, e := range errs {
		if e.Message != "" && !slices.Contains(out, e.Message) {
			out = append(out, e.Message)
		}
	}
	return strings.Join(out, "; ")
}
