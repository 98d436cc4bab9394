package ingest

import (
	"bytes"
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
)

// asMarshalled sends bytes in place of a message.
type asMarshalled struct {
	encoding.CodecV2
	data []byte
}

func (c asMarshalled) Marshal(any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(c.data)}, nil
}

// What is acknowledged is what came, also in a form that we do not send: a batch in pieces, and a field
// that a newer agent may have.
func TestTheLogHasAPushAsItCame(t *testing.T) {
	t.Parallel()
	usual, err := proto.Marshal(push("a", 1, 1, 2))
	if err != nil {
		t.Fatal(err)
	}
	pieces, err := proto.Marshal(push("a", 2, 3))
	if err != nil {
		t.Fatal(err)
	}
	pieces = slices.Concat([]byte{0x22, 2, 0x08, 1}, pieces, []byte{0x78, 1})
	m, l := &memory{}, newShelf()
	_, c := logged(t, m, l, JournalOptions{})
	var want [][]byte
	for _, data := range [][]byte{usual, pieces} {
		codec := asMarshalled{encoding.GetCodecV2("proto"), data}
		if _, err := c.Push(t.Context(), nil, grpc.ForceCodecV2(codec)); err != nil {
			t.Fatal(err)
		}
		want = append(want, data)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.open) != len(want) {
		t.Fatalf("%d records", len(l.open))
	}
	for i, record := range l.open {
		if !bytes.Equal(record[9:], want[i]) {
			t.Errorf("push %d: %x in the log, %x came", i, record[9:], want[i])
		}
		if req, _, err := readPush(record); err != nil || int(req.GetBatch().GetRows()) != 2-i {
			t.Errorf("push %d: %v, %v", i, req, err)
		}
	}
}
