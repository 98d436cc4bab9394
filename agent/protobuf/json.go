package protobuf

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/netip"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
)

// Kind is how a field reads in JSON.
type Kind uint8

// The kinds of fields.
const (
	Text    Kind = iota // a string; numbers and booleans are taken as they are written
	Integer             // a number, or a string with one
	Boolean             // true or false, or a string with one
	Enum                // a name, or its number
	Hex                 // a string of hex digits, with or without the zero in front: bytes
	Address             // a string with an address of IPv4 or IPv6: its bytes; nothing for what is none
	Object              // a message; a list of them where the JSON has one
	Pairs               // an object: a list of messages with key (1) and value (2), both texts
)

// Description says how a member of an object in JSON becomes a field.
type Description struct {
	Number protowire.Number
	Kind   Kind
	Names  []string // of an enum, from 0
	Of     Message  // the fields of an Object
}

// Message are a message's fields, by their names in JSON.
type Message map[string]Description

// maxDepth is how deep arrays and objects may lie in one another.
const maxDepth = 64

// WriteJSON writes the message that stands in body as JSON, as protobuf. Where list is not 0 it is an element
// of that field, and body may be a list of them. What the message does not know is left out.
func (m Message) WriteJSON(w *Writer, body []byte, list protowire.Number) error {
	r := jsonReader{Writer: w, in: json.NewDecoder(bytes.NewReader(body))}
	r.in.UseNumber()
	t, err := r.next()
	switch {
	case err != nil:
	case list == 0 && t == json.Delim('{'):
		err = r.members(m)
	case list > 0 && (t == json.Delim('[') || t == json.Delim('{')):
		err = r.value(Description{Number: list, Kind: Object, Of: m}, t)
	default:
		err = r.wrong("not the object or list that should be there")
	}
	if err == nil {
		if _, more := r.in.Token(); !errors.Is(more, io.EOF) {
			err = r.wrong("something behind its end")
		}
	}
	return err
}

type jsonReader struct {
	*Writer
	in    *json.Decoder
	depth int
}

func (r *jsonReader) wrong(what string) error {
	return fmt.Errorf("the body is not the JSON that is expected here: %s, before byte %d", what, r.in.InputOffset())
}

// next is the next token, and how deep it lies.
func (r *jsonReader) next() (json.Token, error) {
	t, err := r.in.Token()
	if err != nil {
		return nil, r.wrong(err.Error())
	}
	if d, ok := t.(json.Delim); ok {
		if d == '{' || d == '[' {
			r.depth++
		} else {
			r.depth--
		}
		if r.depth > maxDepth {
			return nil, r.wrong("values nested too deep")
		}
	}
	return t, nil
}

// members reads the members of an object that has begun.
func (r *jsonReader) members(m Message) error {
	for {
		t, err := r.next()
		if err != nil {
			return err
		}
		name, ok := t.(string)
		if !ok {
			return nil // its end
		}
		d, known := m[name]
		if !known {
			if err := r.skip(); err != nil {
				return err
			}
			continue
		}
		if t, err = r.next(); err != nil {
			return err
		}
		if err := r.value(d, t); err != nil {
			return err
		}
		if err := r.Grown(); err != nil {
			return err
		}
	}
}

// skip reads a value of any kind.
func (r *jsonReader) skip() error {
	from := r.depth
	for {
		if _, err := r.next(); err != nil {
			return err
		}
		if r.depth == from {
			return nil
		}
	}
}

func (r *jsonReader) list(d Description) error {
	for {
		t, err := r.next()
		if err != nil {
			return err
		}
		if t == json.Delim(']') {
			return nil
		}
		if t == json.Delim('[') {
			return r.wrong("a list in a list")
		}
		if err := r.value(d, t); err != nil {
			return err
		}
		if err := r.Grown(); err != nil {
			return err
		}
	}
}

// value writes the field whose value begins with a token.
func (r *jsonReader) value(d Description, t json.Token) error {
	switch t {
	case nil:
		return nil
	case json.Delim('['):
		return r.list(d)
	case json.Delim('{'):
		switch d.Kind {
		case Object:
			at := r.Open(d.Number)
			if err := r.members(d.Of); err != nil {
				return err
			}
			r.Close(at)
			return nil
		case Pairs:
			return r.pairs(d.Number)
		}
		return r.wrong("an object where there should be none")
	}
	switch d.Kind {
	case Text:
		r.Bytes(d.Number, []byte(fmt.Sprint(t)))
		return nil
	case Hex:
		return r.hex(d.Number, t)
	case Address:
		text, _ := t.(string)
		if a, err := netip.ParseAddr(text); err == nil {
			r.Bytes(d.Number, a.AsSlice())
		}
		return nil
	case Integer, Enum, Boolean:
		n, err := d.number(t)
		if err != nil {
			return r.wrong(err.Error())
		}
		if n != 0 {
			r.Varint(d.Number, uint64(n))
		}
		return nil
	}
	return r.wrong("no object where there should be one")
}

func (r *jsonReader) hex(field protowire.Number, t json.Token) error {
	digits, ok := t.(string)
	if !ok {
		return r.wrong("no hex digits")
	}
	if len(digits)%2 != 0 {
		digits = "0" + digits
	}
	b, err := hex.DecodeString(digits)
	if err != nil {
		return r.wrong(err.Error())
	}
	r.Bytes(field, b)
	return nil
}

// pairs reads the members of an object that has begun as keys and values.
func (r *jsonReader) pairs(field protowire.Number) error {
	value := Description{Number: 2}
	for {
		t, err := r.next()
		if err != nil {
			return err
		}
		key, ok := t.(string)
		if !ok {
			return nil // its end
		}
		at := r.Open(field)
		r.Bytes(1, []byte(key))
		if t, err = r.next(); err != nil {
			return err
		}
		if err := r.value(value, t); err != nil {
			return err
		}
		r.Close(at)
		if err := r.Grown(); err != nil {
			return err
		}
	}
}

// number is a number, a boolean, or the name of one.
func (d *Description) number(t json.Token) (int64, error) {
	var text string
	switch v := t.(type) {
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	case json.Number:
		text = v.String()
	case string:
		for i, name := range d.Names {
			if name == v {
				return int64(i), nil
			}
		}
		if d.Kind == Boolean {
			if b, err := strconv.ParseBool(v); err == nil && b {
				return 1, nil
			}
			return 0, nil
		}
		text = v
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(f) || math.Abs(f) >= 1<<63 {
		return 0, fmt.Errorf("%.40q is no number", text)
	}
	return int64(f), nil
}
