package wire_test

import (
	"bytes"
	"fmt"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/wire"
)

func examplePush(t testing.TB) []byte {
	t.Helper()
	data, err := proto.Marshal(&wire.PushRequest{Agent: "node0", Boot: 1 << 60, Sequence: 300, Batch: wire.Encode(example())})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// readsAlike says whether data is the same push to both ways of reading, or none to both.
func readsAlike(t *testing.T, data []byte) {
	t.Helper()
	var want, got wire.PushRequest
	refused, err := proto.Unmarshal(data, &want), wire.UnmarshalShared(data, &got)
	if (refused == nil) != (err == nil) {
		t.Fatalf("%x: %v, copied %v", data, err, refused)
	}
	if err == nil && !proto.Equal(&want, &got) {
		t.Fatalf("%x is read as %v, copied as %v", data, &got, &want)
	}
}

func TestASharedPushIsTheSameAsACopiedOne(t *testing.T) {
	t.Parallel()
	push := examplePush(t)
	more := func(b ...byte) []byte { return append(bytes.Clone(push), b...) }
	for _, data := range [][]byte{
		push, nil,
		more(push...),                         // each field twice: the second batch is merged into the first
		more(0x28, 1),                         // a field of a newer agent
		more(0x0a, 1, 0xff),                   // a name that is no text
		more(0x08, 1),                         // a name as a number
		more(0x22, 2, 0x08, 9),                // a piece of the batch
		more(0x22, 4, 0x1a, 2, 0x30, 1),       // a column with a field of a newer agent
		more(0x22, 4, 0x22, 2, 0x0a, 0),       // edges in pieces
		more(0x22, 6, 0x2a, 4, 0x1a, 2, 8, 1), // a column's name as a number
		more(0x15, 1, 2, 3, 4),                // 32 bits where 64 belong
		more(0x0b, 0x0c),                      // a group
		more(0x22, 9, 0x1a),                   // cut off
		more(0xff),
	} {
		readsAlike(t, data)
	}
	for n := range push {
		readsAlike(t, push[:n:n])
	}
}

// What is marshalled is not there a second time.
func TestASharedPushCopiesNoColumn(t *testing.T) {
	t.Parallel()
	push := examplePush(t)
	var req wire.PushRequest
	if err := wire.UnmarshalShared(push, &req); err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(push, req.GetBatch().GetStrings())
	push[at]++
	if req.GetBatch().GetStrings()[0] != push[at] {
		t.Error("the strings are copies")
	}
	push[at]--
	agent, column := req.GetAgent(), req.GetBatch().GetColumns()[0].GetName()
	clear(push)
	if agent != "node0" || column != "id" {
		t.Errorf("texts changed with the data: %q, %q", agent, column)
	}
}

func FuzzUnmarshalShared(f *testing.F) {
	f.Add(examplePush(f))
	f.Add(protowire.AppendTag(nil, 4, protowire.BytesType))
	f.Fuzz(readsAlike)
}

func BenchmarkUnmarshal(b *testing.B) {
	var batch span.Batch
	for i := range 800 {
		batch.Append(&span.Span{ID: uint64(i), Source: span.APP, Start: 1, Service: "shop", Endpoint: "/items/{id}", Protocol: "HTTP", Attributes: []span.Attribute{
			{Key: "url.path", Value: fmt.Sprint("/items/", i)}, {Key: "http.route", Value: "/items/{id}"}, {Key: "user_agent.original", Value: "Go-http-client/1.1"}}})
	}
	push, err := proto.Marshal(&wire.PushRequest{Agent: "node0", Batch: wire.Encode(&batch)})
	if err != nil {
		b.Fatal(err)
	}
	for name, unmarshal := range map[string]func([]byte, *wire.PushRequest) error{
		"copied": func(data []byte, req *wire.PushRequest) error { return proto.Unmarshal(data, req) }, "shared": wire.UnmarshalShared,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := unmarshal(push, new(wire.PushRequest)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
