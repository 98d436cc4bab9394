package main

import (
	"context"
	"fmt"
	"net"
	"path"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// serveGRPC answers calls of any service: what is its path of HTTP names how the backend is called.
func (s *service) serveGRPC() error {
	l, err := net.Listen("tcp", ":8080")
	if err != nil {
		return err
	}
	by := map[string]func(ctx context.Context, id string) error{"/a": s.bothBy(s.call), "/h": s.bothBy(s.get)}
	return grpc.NewServer(grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		method, _ := grpc.MethodFromServerStream(stream)
		service, id := path.Split(method)
		work := by[path.Clean(service)]
		if work == nil {
			return status.Error(codes.Unimplemented, method)
		}
		if err := stream.RecvMsg(new(wrapperspb.StringValue)); err != nil {
			return err
		}
		if err := work(stream.Context(), id); err != nil {
			return err
		}
		return stream.SendMsg(wrapperspb.String(fmt.Sprintln("middle", id)))
	})).Serve(l)
}

// call calls the backend by gRPC.
func (s *service) call(ctx context.Context, path, id string) error {
	got := new(wrapperspb.StringValue)
	if err := s.conn.Invoke(ctx, path, wrapperspb.String(id), got); err != nil {
		return err
	}
	return same("backend", got.Value, id)
}

// backgroundCall has a name without an id: what a program serves has few names.
func (s *service) backgroundCall(int) error {
	return s.call(context.Background(), "/background/job", "job")
}
