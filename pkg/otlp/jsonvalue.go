package otlp

import "math"

// jsonAttributes reads an array of KeyValue. Here and below there are no closures that
// capture anything: they would cost an allocation per attribute.
func (d *Decoder) jsonAttributes(pair func(key []byte, v *value) error) error {
	s := &d.scan
	more, err := s.open('[', ']')
	for more && err == nil {
		var key []byte
		if key, err = d.jsonKeyValue(&d.value, maxDepth); err != nil {
			return err
		}
		if err = pair(key, &d.value); err != nil {
			return err
		}
		more, err = s.more(']')
	}
	return err
}

func (d *Decoder) jsonKeyValue(v *value, depth int) (key []byte, err error) {
	s := &d.scan
	*v = value{}
	more, err := s.open('{', '}')
	for more && err == nil {
		var name []byte
		if name, err = s.key(); err != nil {
			return nil, err
		}
		switch string(name) {
		case "key":
			key, err = s.string()
		case "value":
			err = d.jsonAny(v, depth)
		default:
			err = s.skip(maxNesting)
		}
		if err != nil {
			return nil, err
		}
		more, err = s.more('}')
	}
	return key, err
}

// jsonAny reads an AnyValue; arrays and maps become JSON text in the row's arena.
func (d *Decoder) jsonAny(v *value, depth int) error {
	s := &d.scan
	more, err := s.open('{', '}')
	for more && err == nil {
		var name []byte
		if name, err = s.key(); err != nil {
			return err
		}
		if !s.null() {
			if err = d.jsonOneOf(name, v, depth); err != nil {
				return err
			}
		}
		more, err = s.more('}')
	}
	return err
}

func (d *Decoder) jsonOneOf(name []byte, v *value, depth int) (err error) {
	s := &d.scan
	switch string(name) {
	case "stringValue", "string_value":
		*v = value{kind: valueString}
		v.text, err = s.string()
	case "boolValue", "bool_value":
		*v = value{kind: valueBool}
		var b bool
		if b, err = s.bool(); b {
			v.num = 1
		}
	case "intValue", "int_value":
		*v = value{kind: valueInt}
		var n int64
		n, err = s.signed()
		v.num = uint64(n)
	case "doubleValue", "double_value":
		*v = value{kind: valueDouble}
		var f float64
		f, err = s.double()
		v.num = math.Float64bits(f)
	case "bytesValue", "bytes_value":
		*v = value{kind: valueBytes}
		v.text, err = s.bytes()
	case "arrayValue", "array_value":
		err = d.jsonNested(v, '[', ']', depth, func() error { return d.jsonElement(depth) })
	case "kvlistValue", "kvlist_value":
		err = d.jsonNested(v, '{', '}', depth, func() error { return d.jsonMember(depth) })
	default:
		err = s.skip(maxNesting)
	}
	return err
}

// jsonNested writes an ArrayValue or KeyValueList as JSON: behind what is there of the
// text that is being built, then into the arena.
func (d *Decoder) jsonNested(v *value, open, end byte, depth int, element func() error) error {
	s := &d.scan
	if depth == 0 {
		*v = value{}
		return s.skip(maxNesting)
	}
	begin, long := len(d.nested), false
	d.nested = append(d.nested, open)
	err := s.object(func(key []byte) error {
		if string(key) != "values" {
			return s.skip(maxNesting)
		}
		return s.array(func() error {
			// Each level copies what is in it into the arena, which has the row's texts with escapes, too.
			if long = long || len(d.nested)-begin > maxText || len(d.row.arena)-len(s.body) > maxText*4; long {
				return s.skip(maxNesting)
			}
			if len(d.nested) > begin+1 {
				d.nested = append(d.nested, ',')
			}
			return element()
		})
	})
	if long {
		d.nested = d.nested[:begin]
		*v = value{kind: valueLong}
		return err
	}
	from := len(d.row.arena)
	d.row.arena = append(append(d.row.arena, d.nested[begin:]...), end)
	d.nested = d.nested[:begin]
	*v = value{kind: valueJSON, text: d.row.arena[from:len(d.row.arena):len(d.row.arena)]}
	return err
}

func (d *Decoder) jsonElement(depth int) error {
	var v value
	err := d.jsonAny(&v, depth-1)
	d.nested = appendScalar(d.nested, v.bounded())
	return err
}

func (d *Decoder) jsonMember(depth int) error {
	var v value
	key, err := d.jsonKeyValue(&v, depth-1)
	d.nested = append(appendQuoted(d.nested, key), ':')
	d.nested = appendScalar(d.nested, v.bounded())
	return err
}

// bounded is the value, or none where it would be too long on its own.
func (v *value) bounded() *value {
	if len(v.text) > maxText {
		return &value{}
	}
	return v
}
