package jaeger

import (
	"encoding/binary"
	"errors"
)

// ErrThrift is of a body that is cut off, or no struct in thrift's binary protocol.
var ErrThrift = errors.New("the body is not the batch in thrift's binary protocol that is expected here: a field is cut off or malformed")

// Types of thrift's binary protocol (thrift/doc/specs/thrift-binary-protocol.md).
const (
	thriftStop   = 0
	thriftBool   = 2
	thriftByte   = 3
	thriftDouble = 4
	thriftI16    = 6
	thriftI32    = 8
	thriftI64    = 10
	thriftString = 11
	thriftStruct = 12
	thriftMap    = 13
	thriftSet    = 14
	thriftList   = 15
)

// maxThriftDepth is how deep structs and lists that are skipped may lie in one another.
const maxThriftDepth = 16

// thriftReader reads a struct value by value. What is read is part of the body.
type thriftReader struct{ rest []byte }

// take is the next bytes.
func (r *thriftReader) take(n int) ([]byte, error) {
	if n < 0 || n > len(r.rest) {
		return nil, ErrThrift
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b, nil
}

// field begins a field; its type is thriftStop at the struct's end.
func (r *thriftReader) field() (typ byte, id int16, err error) {
	b, err := r.take(1)
	if err != nil || b[0] == thriftStop {
		return thriftStop, 0, err
	}
	typ = b[0]
	if b, err = r.take(2); err != nil {
		return thriftStop, 0, err
	}
	return typ, int16(binary.BigEndian.Uint16(b)), nil
}

// whole is a whole number of a type.
func (r *thriftReader) whole(typ byte) (int64, error) {
	size := 0
	switch typ {
	case thriftBool, thriftByte:
		size = 1
	case thriftI16:
		size = 2
	case thriftI32:
		size = 4
	case thriftI64, thriftDouble:
		size = 8
	default:
		return 0, ErrThrift
	}
	b, err := r.take(size)
	if err != nil {
		return 0, err
	}
	switch size {
	case 1:
		return int64(int8(b[0])), nil
	case 2:
		return int64(int16(binary.BigEndian.Uint16(b))), nil
	case 4:
		return int64(int32(binary.BigEndian.Uint32(b))), nil
	}
	return int64(binary.BigEndian.Uint64(b)), nil
}

// text is a string or binary.
func (r *thriftReader) text() ([]byte, error) {
	n, err := r.whole(thriftI32)
	if err != nil {
		return nil, err
	}
	return r.take(int(n))
}

// list begins a list: the type of its elements, and how many come.
func (r *thriftReader) list() (typ byte, n int, err error) {
	b, err := r.take(1)
	if err != nil {
		return 0, 0, err
	}
	typ = b[0]
	count, err := r.whole(thriftI32)
	if err != nil || count < 0 || count > int64(len(r.rest)) { // each has a byte at least
		return 0, 0, ErrThrift
	}
	return typ, int(count), nil
}

// skip passes over a value.
func (r *thriftReader) skip(typ byte, depth int) error {
	if depth > maxThriftDepth {
		return ErrThrift
	}
	switch typ {
	case thriftString:
		_, err := r.text()
		return err
	case thriftStruct:
		for {
			typ, _, err := r.field()
			if err != nil || typ == thriftStop {
				return err
			}
			if err := r.skip(typ, depth+1); err != nil {
				return err
			}
		}
	case thriftList, thriftSet:
		typ, n, err := r.list()
		for ; n > 0 && err == nil; n-- {
			err = r.skip(typ, depth+1)
		}
		return err
	case thriftMap:
		b, err := r.take(1)
		if err != nil {
			return err
		}
		key := b[0]
		value, n, err := r.list()
		for ; n > 0 && err == nil; n-- {
			if err = r.skip(key, depth+1); err == nil {
				err = r.skip(value, depth+1)
			}
		}
		return err
	}
	_, err := r.whole(typ)
	return err
}

// fields calls one with each field of a struct; it reads the value, or says that it did not.
func (r *thriftReader) fields(one func(typ byte, id int16) (read bool, err error)) error {
	for {
		typ, id, err := r.field()
		if err != nil || typ == thriftStop {
			return err
		}
		read, err := one(typ, id)
		if err == nil && !read {
			err = r.skip(typ, 0)
		}
		if err != nil {
			return err
		}
	}
}

// structs calls one with each struct of a list.
func (r *thriftReader) structs(one func() error) error {
	typ, n, err := r.list()
	if err == nil && n > 0 && typ != thriftStruct {
		err = ErrThrift
	}
	for ; n > 0 && err == nil; n-- {
		err = one()
	}
	return err
}
