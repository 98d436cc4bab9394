package export

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/throughline-io/throughline/certificate"
)

// WithTLS makes each connection to the server by the configuration that is in force then.
func WithTLS(config func() *tls.Config) grpc.DialOption {
	return grpc.WithTransportCredentials(secure{credentials.NewTLS(config()), config})
}

// secure is TLS whose files may change, and whose errors say what to do.
type secure struct {
	credentials.TransportCredentials
	config func() *tls.Config
}

func (s secure) ClientHandshake(ctx context.Context, authority string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	out, info, err := credentials.NewTLS(s.config()).ClientHandshake(ctx, authority, conn)
	return out, info, certificate.Explain(err)
}

func (s secure) Clone() credentials.TransportCredentials {
	return secure{s.TransportCredentials.Clone(), s.config}
}

// plain is no TLS.
type plain struct {
	credentials.TransportCredentials
}

func newPlain() credentials.TransportCredentials { return plain{insecure.NewCredentials()} }

func (p plain) ClientHandshake(ctx context.Context, authority string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	out, info, err := p.TransportCredentials.ClientHandshake(ctx, authority, conn)
	if err != nil {
		return nil, nil, err
	}
	return &plainConn{Conn: out}, info, nil
}

func (p plain) Clone() credentials.TransportCredentials {
	return plain{p.TransportCredentials.Clone()}
}

// plainConn tells why a server that wants TLS does not answer: it closes the connection, or sends
// an alert, which gRPC would take for a frame that is too large.
type plainConn struct {
	net.Conn
	answered bool
}

const tlsAlert = 21 // the first byte of such a record

var errWantsTLS = errors.New("the server wants TLS: give --tls")

func (c *plainConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.answered {
		return n, err
	}
	c.answered = true
	switch {
	case n > 0 && b[0] == tlsAlert:
		return 0, errWantsTLS
	case n == 0 && errors.Is(err, io.EOF):
		return 0, fmt.Errorf("the server closed the connection before it said anything; if it wants TLS, give --tls: %w", err)
	}
	return n, err
}
