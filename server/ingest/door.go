package ingest

import (
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/throughline-io/throughline/pkg/wire"
)

// Register makes a gRPC server answer the service's calls. Push is registered as a stream of
// one message, which is the same on the wire: so a push is taken in when there is room for it,
// and not before. Until then HTTP/2's flow control keeps it with the agent.
func (s *Service) Register(g *grpc.Server) {
	d := wire.Ingest_ServiceDesc
	d.Methods = slices.DeleteFunc(slices.Clone(d.Methods), func(m grpc.MethodDesc) bool { return m.MethodName == "Push" })
	d.Streams = []grpc.StreamDesc{{StreamName: "Push", Handler: func(_ any, stream grpc.ServerStream) error { return s.receive(stream) }}}
	g.RegisterService(&d, s)
}

func (s *Service) receive(stream grpc.ServerStream) error {
	ctx := stream.Context()
	if s.doors.Acquire(ctx, 1) != nil {
		return status.Error(codes.Unavailable, "the server takes in as many pushes as it may; try again later")
	}
	defer s.doors.Release(1)
	req := &pushed{PushRequest: new(wire.PushRequest)}
	defer req.free()
	if err := stream.RecvMsg(req); err != nil {
		return err
	}
	resp, err := s.answer(ctx, req)
	if err != nil {
		return err
	}
	return stream.SendMsg(resp)
}
