package ingest

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	encodingproto "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/pkg/wire"
)

// AsItCame lets a gRPC server hand pushes over as the bytes that came: their columns are read where they
// lie, and the log gets them as they are. Without it a push is copied, and marshalled anew for the log.
func AsItCame() grpc.ServerOption {
	return grpc.ForceServerCodecV2(asItCame{encoding.GetCodecV2(encodingproto.Name)})
}

// pushed is a push and, where it is known, the bytes that it came as, to which it refers.
type pushed struct {
	*wire.PushRequest
	buffer mem.Buffer // nil: there are none
}

// size is the bytes of the push, marshalled.
func (p *pushed) size() int {
	if p.buffer != nil {
		return p.buffer.Len()
	}
	return proto.Size(p.PushRequest)
}

// free gives the bytes back; the push is not read any more.
func (p *pushed) free() {
	if p.buffer != nil {
		p.buffer.Free()
	}
}

type asItCame struct{ encoding.CodecV2 }

func (c asItCame) Unmarshal(data mem.BufferSlice, v any) error {
	p, ok := v.(*pushed)
	if !ok {
		return c.CodecV2.Unmarshal(data, v)
	}
	p.buffer = data.MaterializeToBuffer(mem.DefaultBufferPool())
	return wire.UnmarshalShared(p.buffer.ReadOnlyData(), p.PushRequest)
}
