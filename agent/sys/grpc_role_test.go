package sys

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// grpcServer answers any method until its input ends: Get by what it was sent, Big by 5,000 bytes, Missing and
// Broken by errors, Chat by as many messages as it got and one more.
func grpcServer(in *bufio.Reader, out *json.Encoder) error {
	l, err := net.Listen("tcp", cmp.Or(os.Getenv(addressVariable), "127.0.0.1:0"))
	if err != nil {
		return err
	}
	caller := newGRPCCaller()
	var options []grpc.ServerOption
	if cert, key, ok := strings.Cut(os.Getenv(tlsVariable), ":"); ok {
		secured, err := credentials.NewServerTLSFromFile(cert, key)
		if err != nil {
			return err
		}
		options = append(options, grpc.Creds(secured))
	}
	server := grpc.NewServer(append(options, grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		method, _ := grpc.MethodFromServerStream(stream)
		got := new(wrapperspb.BytesValue)
		if name, ok := strings.CutPrefix(method, "/shop.Items/"); ok && strings.HasPrefix(name, "Call") {
			if err := caller.call(name); err != nil {
				return err
			}
		}
		switch method[strings.LastIndexByte(method, '/')+1:] {
		case "Missing":
			return status.Error(codes.NotFound, "no item “42”")
		case "Broken":
			return status.Error(codes.Internal, "disk")
		case "Chat":
			for {
				err := stream.RecvMsg(got)
				if err == nil || err == io.EOF {
					if err := stream.SendMsg(got); err != nil {
						return err
					}
				}
				if err != nil {
					return nil
				}
			}
		case "Wait":
			<-stream.Context().Done()
			return status.FromContextError(stream.Context().Err()).Err()
		case "Big":
			got.Value = make([]byte, 5000)
			return stream.SendMsg(got)
		}
		if err := stream.RecvMsg(got); err != nil {
			return err
		}
		return stream.SendMsg(got)
	}))...)
	if err := out.Encode(l.Addr().String()); err != nil {
		return err
	}
	go func() {
		in.ReadByte()
		server.Stop()
	}()
	return server.Serve(l)
}

// grpcJob is what a grpc-client is told to do.
type grpcJob struct {
	Method                string
	Requests, Concurrency int
	Messages              int // of Chat, of each
	Traceparent           bool
	Numbered              bool // appends the call's number to the method
	Timeout               time.Duration
}

// grpcClient makes calls by one connection, and says how each has ended: how often each code came.
func grpcClient(in *bufio.Reader, out *json.Encoder) error {
	secured := insecure.NewCredentials()
	if c := inClientsTLS(); c != nil {
		secured = credentials.NewTLS(c)
	}
	conn, err := grpc.NewClient(os.Getenv(addressVariable), grpc.WithTransportCredentials(secured))
	if err != nil {
		return err
	}
	defer conn.Close()
	for jobs := json.NewDecoder(in); ; {
		var j grpcJob
		if err := jobs.Decode(&j); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		ended := map[string]int{}
		var mu sync.Mutex
		var next atomic.Int64
		var wg sync.WaitGroup
		for range max(j.Concurrency, 1) {
			wg.Go(func() {
				for i := next.Add(1); i <= int64(j.Requests); i = next.Add(1) {
					err := j.one(conn, i)
					mu.Lock()
					ended[status.Code(err).String()]++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if err := out.Encode(ended); err != nil {
			return err
		}
	}
}

func (j *grpcJob) one(conn *grpc.ClientConn, i int64) error {
	ctx := context.Background()
	if j.Traceparent {
		ctx = metadata.AppendToOutgoingContext(ctx, "traceparent", fmt.Sprintf("00-%032x-%016x-01", i, i))
	}
	if j.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, j.Timeout)
		defer cancel()
	}
	body := wrapperspb.Bytes([]byte("hello"))
	if j.Messages == 0 {
		method := "/shop.Items/" + j.Method
		if j.Numbered {
			method += strconv.FormatInt(i, 10)
		}
		return conn.Invoke(ctx, method, body, new(wrapperspb.BytesValue))
	}
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, "/shop.Items/"+j.Method)
	if err != nil {
		return err
	}
	for range j.Messages {
		if err := stream.SendMsg(body); err != nil {
			return err
		}
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	for {
		if err := stream.RecvMsg(body); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}
