package l7

import (
	"golang.org/x/net/http2/hpack"

	"github.com/throughline-io/throughline/agent/tracecontext"
)

// Bounds of what is kept to read one side's header blocks. Who exceeds them has fields that are not read.
const (
	hpackFirstSize   = 4 << 10  // of a table of which no update was seen (RFC 9113, 6.5.2)
	hpackMaxSize     = 64 << 10 // of any table, as its encoder counts
	hpackMaxEntries  = 512
	hpackMaxValue    = 4 << 10  // of a value that is kept
	hpackMaxKept     = 16 << 10 // of all values that are kept
	hpackMaxText     = 32 << 10 // of a block's text
	hpackMaxUnparsed = 8 << 10  // of a field that goes on in the next frame
	hpackMaxHuffman  = 16 << 10 // of coded text; it has up to 8/5 of that
	hpackEntrySize   = 32       // what the encoder adds for each entry (RFC 7541, 4.1)
)

// hpackName is what a field's name is to us.
type hpackName uint8

const (
	nameUnknown hpackName = iota // a number in a table that is not known
	nameOther                    // of no interest
	nameContext                  // of a trace context
	nameMethod
	nameScheme
	namePath
	nameAuthority
	nameHost
	nameStatus
	nameContentType
	nameRequestID
	nameTimeout
	nameGRPCStatus
	nameGRPCMessage
	nameTraceBin
	nameException
	nameProtocol    // of a CONNECT (RFC 8441)
	nameSubprotocol // of a WebSocket
)

// hpackNameOf is asked for every literal name.
func hpackNameOf(name []byte) hpackName {
	switch string(name) {
	case ":method":
		return nameMethod
	case ":scheme":
		return nameScheme
	case ":path":
		return namePath
	case ":authority":
		return nameAuthority
	case "host":
		return nameHost
	case ":status":
		return nameStatus
	case "content-type":
		return nameContentType
	case "x-request-id":
		return nameRequestID
	case "grpc-timeout":
		return nameTimeout
	case "grpc-status":
		return nameGRPCStatus
	case "grpc-message":
		return nameGRPCMessage
	case "grpc-trace-bin":
		return nameTraceBin
	case "tri-exception-code":
		return nameException
	case ":protocol":
		return nameProtocol
	case "sec-websocket-protocol":
		return nameSubprotocol
	}
	if new(tracecontext.Reader).Field(name, nil) {
		return nameContext
	}
	return nameOther
}

// hpackField is a field of a header block. Its slices are good until the block's end.
type hpackField struct {
	name    hpackName
	context []byte // the name of nameContext
	value   []byte // nil: not known
}

// hpackStatic is the static table (RFC 7541, appendix A), from the library, by its numbers from 1 on, with the
// lengths of its names.
var hpackStatic, hpackStaticSizes = func() (table [62]hpackField, sizes [62]int) {
	d := hpack.NewDecoder(0, nil)
	for i := 1; i < len(table); i++ {
		fields, err := d.DecodeFull([]byte{0x80 | byte(i)})
		if err != nil {
			panic(err) // the library has no such table
		}
		table[i] = hpackField{name: hpackNameOf([]byte(fields[0].Name)), value: []byte(fields[0].Value)}
		sizes[i] = len(fields[0].Name)
	}
	return table, sizes
}()

// The static table's numbers by which a block is recognized.
const (
	staticMethod      = 2
	staticScheme      = 6
	staticStatus      = 8
	staticLastStatus  = 14
	staticFirstHeader = 15
)

// hpackReader reads the header blocks of one side. Of a block of which capture has missed something nobody
// knows what it added to the table, so the table is forgotten. It need not be known again as a whole: a number
// counts from the latest entry back, so what was added since has its number for certain, and a number beyond is an
// entry that is not known. For the same reason a table that was met in its middle is read from there on.
type hpackReader struct {
	table hpackTable
	text  []byte // of this block: literals
	rest  []byte // a field that goes on in the next frame
	begun bool   // a block has begun
	lost  bool   // its end is not read
	// unknown counts the block's fields that are numbers in a table that is not known.
	unknown int
}

// begin begins a block. What was read of the one before is not good any more.
func (r *hpackReader) begin() {
	if r.text == nil || cap(r.text) > hpackFirstSize {
		r.text = make([]byte, 0, 512)
	}
	if cap(r.rest) > hpackFirstSize {
		r.rest = nil
	}
	r.text, r.rest, r.begun, r.lost, r.unknown = r.text[:0], r.rest[:0], true, false, 0
}

// keeps is about how many bytes of memory it takes.
func (r *hpackReader) keeps() int { return r.table.keeps() + cap(r.text) + cap(r.rest) }

// forget says that a block, or some of it, was not captured.
func (r *hpackReader) forget() {
	r.table.clear()
	r.begun, r.lost = false, true
}

// read takes a fragment of a block, and tells its fields to a head. cut: its end was not captured.
func (r *hpackReader) read(data []byte, cut, last bool, to *http2Head) {
	if !r.begun { // its beginning was not seen
		r.forget()
		return
	}
	if len(r.rest) > 0 {
		r.rest = append(r.rest, data...)
		data = r.rest
	}
	for len(data) > 0 && !r.lost {
		n, ok := r.field(data, to)
		switch {
		case !ok:
			r.lost = true
		case n == 0: // it goes on
			if last || cut || len(data) > hpackMaxUnparsed {
				r.lost = true
				break
			}
			r.rest = append(r.rest[:0], data...)
			return
		default:
			data = data[n:]
		}
	}
	r.rest = r.rest[:0]
	if cut || r.lost {
		r.forget()
		r.begun = !last
	}
	if last {
		r.begun = false
	}
}

// field reads one field and returns its length; 0: it goes on, false: it is none.
func (r *hpackReader) field(data []byte, to *http2Head) (n int, ok bool) {
	b := data[0]
	var bits uint
	add := false
	switch {
	case b&0x80 != 0:
		i, n, ok := hpackNumber(data, 7)
		if !ok || n == 0 {
			return 0, ok
		}
		if i == 0 {
			return 0, false
		}
		f, known := r.table.at(i)
		if known && i >= uint64(len(hpackStatic)) && f.value != nil { // the entry may be gone before the block's end
			from := len(r.text)
			if known = from+len(f.value) <= hpackMaxText; known {
				r.text = append(r.text, f.value...)
				f.value = r.text[from:len(r.text):len(r.text)]
			}
		}
		if !known {
			r.unknown++
			return n, true
		}
		to.take(f)
		return n, true
	case b&0xc0 == 0x40:
		bits, add = 6, true
	case b&0xe0 == 0x20:
		size, n, ok := hpackNumber(data, 5)
		if ok && n > 0 {
			r.table.resize(size)
		}
		return n, ok
	default: // without indexing, or never indexed
		bits = 4
	}
	return r.literal(data, bits, add, to)
}

func (r *hpackReader) literal(data []byte, bits uint, add bool, to *http2Head) (int, bool) {
	i, n, ok := hpackNumber(data, bits)
	if !ok || n == 0 {
		return 0, ok
	}
	var f hpackField
	nameSize := 0
	if i > 0 {
		known, _ := r.table.at(i)
		f.name, f.context = known.name, known.context
		nameSize = r.table.nameSize(i)
	} else {
		name, m, ok := r.string(data[n:])
		if !ok || m == 0 {
			return 0, ok
		}
		n, nameSize = n+m, len(name)
		f.name = hpackNameOf(name)
		if f.name == nameContext {
			f.context = name
		}
	}
	value, m, ok := r.string(data[n:])
	if !ok || m == 0 {
		return 0, ok
	}
	f.value = value
	if f.name == nameUnknown {
		r.unknown++
	}
	if add {
		r.table.add(f, nameSize)
	}
	to.take(f)
	return n + m, true
}

// string reads a string literal; it is appended to the block's text where it is coded.
func (r *hpackReader) string(data []byte) (text []byte, n int, ok bool) {
	if len(data) == 0 {
		return nil, 0, true
	}
	size, n, ok := hpackNumber(data, 7)
	if !ok || n == 0 {
		return nil, 0, ok
	}
	if size > hpackMaxHuffman {
		return nil, 0, false
	}
	if uint64(len(data)-n) < size {
		return nil, 0, true
	}
	coded := data[n : n+int(size)]
	from := len(r.text)
	if from+2*len(coded) > hpackMaxText {
		return nil, 0, false
	}
	if data[0]&0x80 == 0 {
		r.text = append(r.text, coded...)
	} else if _, err := hpack.HuffmanDecode((*hpackText)(r), coded); err != nil {
		return nil, 0, false
	}
	return r.text[from:len(r.text):len(r.text)], n + int(size), true
}

// hpackText takes what was decoded.
type hpackText hpackReader

func (t *hpackText) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	return len(p), nil
}

// hpackNumber reads an integer with a prefix of so many bits (RFC 7541, 5.1); n is 0 where it goes on.
func hpackNumber(data []byte, bits uint) (v uint64, n int, ok bool) {
	if len(data) == 0 {
		return 0, 0, true
	}
	mask := uint64(1)<<bits - 1
	if v = uint64(data[0]) & mask; v < mask {
		return v, 1, true
	}
	for i, c := range data[1:] {
		if i > 4 {
			return 0, 0, false
		}
		v += uint64(c&0x7f) << (7 * i)
		if c&0x80 == 0 {
			return v, i + 2, true
		}
	}
	return 0, 0, true
}
