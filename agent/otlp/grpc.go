package otlp

import (
	"context"
	"fmt"
	"net/netip"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/gzip" // OTLP/gRPC exporters may compress by gzip
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

// traceService is OTLP/gRPC's TraceService, described by hand: the generated package
// would unmarshal the request into objects, and pulls in an HTTP gateway.
var traceService = grpc.ServiceDesc{
	ServiceName: "opentelemetry.proto.collector.trace.v1.TraceService",
	HandlerType: (*exporter)(nil),
	Methods: []grpc.MethodDesc{{MethodName: "Export", Handler: func(srv any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		var request mem.BufferSlice
		if err := decode(&request); err != nil {
			return nil, err
		}
		defer request.Free()
		return srv.(exporter).export(ctx, request)
	}}},
}

type exporter interface {
	export(context.Context, mem.BufferSlice) (any, error)
}

// GRPC makes a server that takes OTLP/gRPC requests.
func (r *Receiver) GRPC(options ...grpc.ServerOption) *grpc.Server {
	s := grpc.NewServer(append([]grpc.ServerOption{grpc.ForceServerCodecV2(rawCodec{}), grpc.MaxRecvMsgSize(r.config.MaxBody)}, options...)...)
	s.RegisterService(&traceService, r)
	return s
}

func (r *Receiver) export(ctx context.Context, request mem.BufferSlice) (any, error) {
	n := int64(request.Len())
	if err := r.reserve(n); err != nil {
		return nil, status.FromProto(r.refuse(err).proto()).Err()
	}
	defer r.release(n)
	body := request.MaterializeToBuffer(mem.DefaultBufferPool())
	defer body.Free()
	var from netip.Addr
	if p, ok := peer.FromContext(ctx); ok && p.Addr != nil {
		from = peerOf(p.Addr.String())
	}
	res, err := r.take(ctx, body.ReadOnlyData(), formProtobuf, from)
	if err != nil {
		return nil, status.FromProto(r.refuse(err).proto()).Err()
	}
	return res.protobuf(), nil
}

// rawCodec hands over the bytes of requests and answers as they are.
type rawCodec struct{}

var _ encoding.CodecV2 = rawCodec{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	b, ok := v.([]byte)
	if !ok {
		return nil, fmt.Errorf("OTLP answer is a %T, want bytes", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(b)}, nil
}

func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	b, ok := v.(*mem.BufferSlice)
	if !ok {
		return fmt.Errorf("OTLP request is a %T, want buffers", v)
	}
	data.Ref()
	*b = data
	return nil
}
