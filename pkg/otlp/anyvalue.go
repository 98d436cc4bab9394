package otlp

// maxDepth is how deep arrays and maps may lie in one another; what is deeper is null.
const maxDepth = 32

// keyValue reads a protobuf KeyValue.
func (d *Decoder) keyValue(b []byte) (key []byte, v value, err error) {
	for at := 0; at < len(b); {
		tag, p, _, next := field(b, at)
		if next < 0 {
			return nil, v, errProto
		}
		at = next
		switch tag {
		case 1<<3 | length: // key
			key = d.text(p)
		case 2<<3 | length: // value
			if err := d.anyValue(p, &v); err != nil {
				return nil, v, err
			}
		}
	}
	return key, v, nil
}

// anyValue reads a protobuf AnyValue into v, which holds what an earlier occurrence of
// the same field left: the last member of the oneof wins, messages are merged.
func (d *Decoder) anyValue(b []byte, v *value) error {
	for at := 0; at < len(b); {
		tag, p, n, next := field(b, at)
		if next < 0 {
			return errProto
		}
		at = next
		switch tag {
		case 1<<3 | length:
			*v = value{kind: valueString, text: d.text(p)}
		case 2<<3 | varint:
			*v = value{kind: valueBool, num: n}
		case 3<<3 | varint:
			*v = value{kind: valueInt, num: n}
		case 4<<3 | fixed64:
			*v = value{kind: valueDouble, num: n}
		case 5<<3 | length:
			v.merge(valueArray, p)
		case 6<<3 | length:
			v.merge(valueList, p)
		case 7<<3 | length:
			*v = value{kind: valueBytes, text: p}
		case 8<<3 | varint: // an index into a table that only profiles have
			*v = value{}
		}
	}
	return nil
}

func (v *value) merge(kind valueKind, p []byte) {
	if v.kind != kind {
		*v = value{kind: kind, text: p}
		return
	}
	m := message{v.text, v.owned}
	m.add(p)
	v.text, v.owned = m.bytes, m.owned
}

// appendAny writes a value as JSON, arrays and maps with all that is in them. It gives up with
// errLong when dst would have more than most bytes.
func (d *Decoder) appendAny(dst []byte, v value, depth, most int) (_ []byte, err error) {
	if len(dst)+len(v.text) > most {
		return dst, errLong
	}
	if v.kind != valueArray && v.kind != valueList {
		return appendScalar(dst, &v), nil
	}
	if depth == 0 {
		return append(dst, "null"...), nil
	}
	open, end := byte('['), byte(']')
	if v.kind == valueList {
		open, end = '{', '}'
	}
	dst = append(dst, open)
	first := true
	for at := 0; at < len(v.text); {
		tag, p, _, next := field(v.text, at)
		if next < 0 {
			return dst, errProto
		}
		at = next
		if tag != 1<<3|length { // values, of both messages
			continue
		}
		if len(dst) > most {
			return dst, errLong
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		var element value
		if v.kind == valueList {
			var key []byte
			if key, element, err = d.keyValue(p); err != nil {
				return dst, err
			}
			dst = append(appendQuoted(dst, key), ':')
		} else if err := d.anyValue(p, &element); err != nil {
			return dst, err
		}
		if dst, err = d.appendAny(dst, element, depth-1, most); err != nil {
			return dst, err
		}
	}
	return append(dst, end), nil
}
