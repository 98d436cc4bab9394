package span

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// attributeArray is a JSON object as attributes in the order they were sent.
type attributeArray []Attribute

// UnmarshalJSON reads an object; null is none.
func (list *attributeArray) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	var object map[string]json.RawMessage // says what is wrong with anything else
	if err := json.Unmarshal(text, &object); err != nil {
		return err
	}
	*list = make([]Attribute, 0, len(object))
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil { // the brace
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		a, err := attributeOfJSON(value)
		if err != nil {
			return err
		}
		a.Key = key.(string) // by JSON's grammar
		*list = append(*list, a)
	}
	return nil
}

// attributeOfJSON is a value with the type that its JSON has: a number with a point or an
// exponent is a double.
func attributeOfJSON(text json.RawMessage) (Attribute, error) {
	switch text[0] {
	case '"':
		var s string
		err := json.Unmarshal(text, &s)
		return Attribute{Value: s, Type: AttributeString}, err
	case 't', 'f':
		return Attribute{Value: string(text), Type: AttributeBool}, nil
	case '{', '[':
		return Attribute{Value: string(text), Type: AttributeJSON}, nil
	case 'n':
		return Attribute{Type: AttributeString}, nil
	}
	if !strings.ContainsAny(string(text), ".eE") {
		if _, err := strconv.ParseInt(string(text), 10, 64); err == nil {
			return Attribute{Value: string(text), Type: AttributeInt}, nil
		}
	}
	return Attribute{Value: string(text), Type: AttributeDouble}, nil
}
