package store

import (
	"encoding/json"
	"regexp"
	"strings"
)

// attributePlace is where an attribute may stand.
type attributePlace uint8

// The places, by the numbers in tables attribute_keys and attribute_values.
const (
	ofSpan     attributePlace = 0 // no attribute: what every span has
	onSpan     attributePlace = 1
	onResource attributePlace = 2
	onEvent    attributePlace = 3
)

var placeNames = map[attributePlace]string{onSpan: "span", onResource: "resource", onEvent: "event"}

// placedKey is a key at one of the places.
type placedKey struct {
	place attributePlace
	key   string
}

// readings are what a filter's key may mean: the attribute of this name wherever it is, or
// with a place before it, as TraceQL has them, the one there.
func readings(key string) []placedKey {
	all := []placedKey{{onSpan, key}, {onResource, key}, {onEvent, key}}
	for place, name := range placeNames {
		if rest, ok := strings.CutPrefix(key, name+"."); ok && rest != "" {
			all = append(all, placedKey{place, rest})
		}
	}
	return all
}

// attribute is the condition that an attribute is like this. It is looked for where its key
// is known to occur, so that an index on one place is not lost to the others.
func (c *conditions) attribute(key string, t test) (string, error) {
	if err := t.check(); err != nil {
		return "", err
	}
	places := c.places[key]
	if len(places) == 0 { // not known: where its prefix says, else on the span, which costs little
		places = readings(key)
		if places = places[len(places)-1:]; places[0].key == key {
			places = []placedKey{{onSpan, key}}
		}
	}
	var parts []string
	for _, p := range places {
		switch p.place {
		case onSpan:
			parts = append(parts, c.attributeOfSpan(p.key, t))
		case onResource:
			parts = append(parts, "otel_resource IN (SELECT id FROM otel_resources WHERE "+c.attributeInMap(p.key, t)+")")
		case onEvent:
			parts = append(parts, c.attributeOfEvent(p.key, t))
		}
	}
	return oneOf(parts), nil
}

// attributeOfSpan goes by the index of keys and values where one value is asked for, else by
// reading. The condition without the index decides, and keeps the other, which is dear, from rows
// that it is not about.
func (c *conditions) attributeOfSpan(key string, t test) string {
	inMap := c.attributeInMap(key, t)
	if c.scan || t.Operator != Equal || strings.Contains(t.value, "*") {
		return inMap
	}
	return "(" + inMap + " AND has(" + attributePairs + ", cityHash64(" + c.bind(key, "String") + ", " + c.bind(t.value, "String") + ")))"
}

// attributeInMap is the condition on a row with a map of attributes.
func (c *conditions) attributeInMap(key string, t test) string {
	bound := c.bind(key, "String")
	has := "mapContains(attributes, " + bound + ")"
	if t.Operator == Equal && t.value == "*" {
		return has
	}
	return "(" + has + " AND " + c.text(t)("attributes["+bound+"]") + ")"
}

// plainKey are keys that stand in JSON as they are.
var plainKey = regexp.MustCompile(`^[A-Za-z0-9_.:-]+$`)

// attributeOfEvent is the condition on a row with events as JSON. What cannot have the key
// is not parsed.
func (c *conditions) attributeOfEvent(key string, t test) string {
	bound := c.bind(key, "String")
	condition := "JSONHas(e, 'attributes', " + bound + ")"
	if t.Operator != Equal || t.value != "*" {
		condition += " AND " + c.text(t)(eventValue(bound))
	}
	found := "(" + c.event(condition) + ")"
	if !plainKey.MatchString(key) {
		return found
	}
	quoted, _ := json.Marshal(key) // a string always marshals
	return "(position(events, " + c.bind(string(quoted), "String") + ") > 0 AND " + found + ")"
}

// eventValue is an attribute of an event e as text: strings as they are, the rest as JSON.
func eventValue(key string) string {
	return "if(JSONType(e, 'attributes', " + key + ") = 'String', JSONExtractString(e, 'attributes', " + key + "), JSONExtractRaw(e, 'attributes', " + key + "))"
}
