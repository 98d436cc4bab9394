package l7

import "encoding/binary"

// The first byte of a message of the binary protocol.
const (
	memcachedRequest  = 0x80
	memcachedResponse = 0x81
	memcachedHeader   = 24
)

// memcachedOperation is a command of the binary protocol.
type memcachedOperation struct {
	name   string
	extras uint8 // bytes of them in a request; flags, times
	key    bool
	quiet  bool // it is answered only by what the other is not: a value that there is, or an error
	gets   bool
	role   Role
}

const (
	memcachedNoop = 0x0a
	memcachedStat = 0x10
)

// memcachedOperations are those by their codes.
var memcachedOperations = map[byte]memcachedOperation{
	0x00: {"get", 0, true, false, true, Plain}, 0x09: {"get", 0, true, true, true, Plain}, 0x0c: {"get", 0, true, false, true, Plain}, 0x0d: {"get", 0, true, true, true, Plain},
	0x01: {"set", 8, true, false, false, Plain}, 0x02: {"add", 8, true, false, false, Plain}, 0x03: {"replace", 8, true, false, false, Plain},
	0x04: {"delete", 0, true, false, false, Plain}, 0x05: {"incr", 20, true, false, false, Plain}, 0x06: {"decr", 20, true, false, false, Plain},
	0x07: {"quit", 0, false, false, false, Silent}, 0x08: {"flush_all", 0, false, false, false, Plain}, 0x0a: {"noop", 0, false, false, false, Silent},
	0x0b: {"version", 0, false, false, false, Silent}, 0x0e: {"append", 0, true, false, false, Plain}, 0x0f: {"prepend", 0, true, false, false, Plain},
	0x10: {"stats", 0, false, false, false, Plain},
	0x11: {"set", 8, true, true, false, OneWay}, 0x12: {"add", 8, true, true, false, OneWay}, 0x13: {"replace", 8, true, true, false, OneWay},
	0x14: {"delete", 0, true, true, false, OneWay}, 0x15: {"incr", 20, true, true, false, OneWay}, 0x16: {"decr", 20, true, true, false, OneWay},
	0x17: {"quit", 0, false, true, false, Dismissed}, 0x18: {"flush_all", 0, false, true, false, OneWay}, 0x19: {"append", 0, true, true, false, OneWay}, 0x1a: {"prepend", 0, true, true, false, OneWay},
	0x1b: {"verbosity", 4, false, false, false, Plain}, 0x1c: {"touch", 4, true, false, false, Plain},
	0x1d: {"gat", 4, true, false, true, Plain}, 0x1e: {"gat", 4, true, true, true, Plain}, 0x23: {"gat", 4, true, false, true, Plain}, 0x24: {"gat", 4, true, true, true, Plain},
	0x20: {"sasl", 0, false, false, false, Silent}, 0x21: {"sasl", 0, true, false, false, Silent}, 0x22: {"sasl", 0, true, false, false, Silent},
}

// memcachedHead is a message's header.
type memcachedHead struct {
	operation  memcachedOperation
	code       byte
	key        int
	extras     int
	status     uint16 // of an answer
	body, size uint64
}

// readMemcachedHead reads a header; Bad is what cannot be one.
func readMemcachedHead(data []byte, missing int) (h memcachedHead, s State) {
	for i, c := range data[:min(len(data), memcachedHeader)] {
		switch i {
		case 1:
			known := false
			if h.operation, known = memcachedOperations[c]; !known {
				return h, Bad
			}
		case 2: // no key is as long
			if c > 0 {
				return h, Bad
			}
		case 5: // the kind of data
			if c > 1 {
				return h, Bad
			}
		}
	}
	if len(data) < memcachedHeader {
		return h, moreUnless(missing)
	}
	h.code, h.key, h.extras = data[1], int(data[3]), int(data[4])
	h.status = binary.BigEndian.Uint16(data[6:])
	h.body = uint64(binary.BigEndian.Uint32(data[8:]))
	h.size = memcachedHeader + h.body
	if h.body > memcachedItem || h.body < uint64(h.key+h.extras) {
		return h, Bad
	}
	return h, Head
}

// readMemcachedBinary reads a request.
func readMemcachedBinary(data []byte, missing int) (a memcachedAsk, s State) {
	h, s := readMemcachedHead(data, missing)
	if s != Head {
		return a, s
	}
	o := h.operation
	switch {
	case h.extras != int(o.extras) && !(o.name == "flush_all" && h.extras == 4), // when
		o.key != (h.key > 0) && h.code != memcachedStat,
		o.gets && h.body != uint64(h.key+h.extras):
		return a, Bad
	}
	key := data[memcachedHeader:]
	if len(key) < h.extras+h.key && missing == 0 {
		return a, More
	}
	a = memcachedAsk{name: o.name, size: h.size, role: o.role, expect: memcachedOne, ends: true, binary: memcachedRequest}
	if o.key && o.name != "sasl" {
		a.key, a.keys = key[min(len(key), h.extras):min(len(key), h.extras+h.key)], 1
	}
	switch {
	case o.gets && o.quiet:
		a.batch, a.expect = true, memcachedBatch
	case h.code == memcachedNoop:
		a.expect = memcachedBatch
	case o.gets:
		a.expect = memcachedValues
	case h.code == memcachedStat:
		a.expect = memcachedStats
	}
	return a, Head
}
