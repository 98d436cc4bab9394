package sys

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const grpcBackendVariable = "THROUGHLINE_SYS_TEST_GRPC_BACKEND"

// grpcCaller asks a server for a call of gRPC: by a connection of a pool on which it writes itself, as drivers of
// databases do, by net/http's client, whose goroutines write, and by gRPC.
type grpcCaller struct {
	backend string
	client  *http.Client
	pool    chan net.Conn
	conn    *grpc.ClientConn // to another server of gRPC; nil: there is none
}

func newGRPCCaller() *grpcCaller {
	c := &grpcCaller{backend: os.Getenv(backendVariable), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}, pool: make(chan net.Conn, 8)}
	if address := os.Getenv(grpcBackendVariable); address != "" {
		c.conn, _ = grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials())) // fails for options only
	}
	for range cap(c.pool) {
		c.pool <- nil
	}
	return c
}

func (c *grpcCaller) call(name string) error {
	if err := c.itself("/small/itself?" + name); err != nil {
		return err
	}
	r, err := c.client.Get(c.backend + "/small/client?" + name)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if _, err := io.Copy(io.Discard, r.Body); err != nil || c.conn == nil {
		return err
	}
	return c.conn.Invoke(context.Background(), "/shop.Backend/"+name, wrapperspb.Bytes(nil), new(wrapperspb.BytesValue))
}

func (c *grpcCaller) itself(uri string) (err error) {
	conn := <-c.pool
	defer func() { c.pool <- conn }()
	address := strings.TrimPrefix(c.backend, "http://")
	if conn == nil {
		if conn, err = net.Dial("tcp", address); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", uri, address); err != nil {
		return err
	}
	r, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, r.Body)
	return err
}
