package main

import (
	"context"
	"fmt"
	"net"
	"path"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// answerGRPC answers every call with the id that its method ends in.
func answerGRPC(addr string, work func(path string)) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	return grpc.NewServer(grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		method, _ := grpc.MethodFromServerStream(stream)
		if err := stream.RecvMsg(new(wrapperspb.StringValue)); err != nil {
			return err
		}
		work(method)
		return stream.SendMsg(wrapperspb.String(path.Base(method)))
	})).Serve(l)
}

// dialGRPC is a connection that is there: the first calls do not wait for it.
func dialGRPC(addr string) (*grpc.ClientConn, error) {
	conn, err := grpc.NewClient("passthrough:///"+addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err == nil {
		conn.Connect()
	}
	return conn, err
}

// caller makes one call after the other.
func (a *asking) caller(tickets <-chan int) {
	for i := range tickets {
		began, id, got := time.Now(), fmt.Sprintf("%s-%05d", a.ids, i), new(wrapperspb.StringValue)
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		err := a.conn.Invoke(ctx, a.path+id, wrapperspb.String(id), got)
		cancel()
		a.count(time.Since(began), strings.Contains(got.Value, id), id+": "+got.Value, err)
	}
}
