package l7_test

import (
	"bytes"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/throughline-io/throughline/agent/l7"
)

// headersFrame is a frame with a whole header block.
func headersFrame(stream uint32, block []byte) []byte {
	var b bytes.Buffer
	f := http2.NewFramer(&b, nil)
	f.AllowIllegalWrites = true
	_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block, EndHeaders: true})
	return b.Bytes()
}

// said is what a block of a request says, by the library; twice: one of the fields is there twice, which no request's may be.
type said struct {
	fields map[string]string
	twice  bool
}

func (s *said) take(f hpack.HeaderField) {
	if _, ok := s.fields[f.Name]; ok {
		s.twice = true
	}
	s.fields[f.Name] = f.Value
}

// FuzzHPACK reads header blocks beside the library, of which some are not seen at all: what is said of the others is
// right, or not said.
func FuzzHPACK(f *testing.F) {
	var b bytes.Buffer
	e := hpack.NewEncoder(&b)
	for i, size := range []uint32{4096, 4096, 0, 200, 4096} {
		e.SetMaxDynamicTableSize(size)
		for _, pair := range [][2]string{{":method", "GET"}, {":path", "/a/" + string(rune('a'+i%2))}, {":authority", "shop"}, {"x-request-id", "r"}, {"cookie", "c"}, {":path", "/last"}} {
			_ = e.WriteField(hpack.HeaderField{Name: pair[0], Value: pair[1]})
		}
		f.Add(b.Bytes(), uint8(20), uint16(0))
		f.Add(b.Bytes(), uint8(40), uint16(5))
	}
	f.Fuzz(func(t *testing.T, data []byte, size uint8, unseen uint16) {
		want := said{fields: map[string]string{}}
		library := hpack.NewDecoder(4096, want.take)
		library.SetAllowedMaxDynamicTableSize(64 << 10)
		d := l7.HTTP2.New()
		for i := uint32(0); len(data) > 0 && i < 64; i++ {
			block := data[:min(len(data), 1+int(size))]
			data = data[len(block):]
			want = said{fields: map[string]string{}}
			if _, err := library.Write(block); err != nil || library.Close() != nil {
				return // what comes next says nothing
			}
			if i < 16 && unseen>>i&1 != 0 {
				d.Reset(true)
				continue
			}
			var got l7.Fields
			read(d, true, string(headersFrame(2*i+1, block)), &got)
			if want.twice || want.fields["host"] != "" { // that one stands in for the authority
				continue
			}
			for _, pair := range [][2]string{{got.Resource, want.fields[":path"]}, {got.Domain, want.fields[":authority"]}, {got.XRequestID, want.fields["x-request-id"]}} {
				if pair[0] != "" && pair[0] != pair[1] || pair[0] == "" && pair[1] != "" && unseen == 0 && len(pair[1]) < 1000 {
					t.Fatalf("block %d %x: %+v, want %+v", i, block, got, want)
				}
			}
		}
	})
}
