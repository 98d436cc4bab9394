package export

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
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
	if err != nil {
		return nil, nil, certificate.Explain(err)
	}
	return &firstAnswer{Conn: out, explain: explainRefusal}, info, nil
}

// explainRefusal tells why a server does not answer after the handshake: with TLS 1.3 a client
// knows of its certificate's refusal only then, by an alert or by a closed connection.
func explainRefusal(_ []byte, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the server closed the connection before it said anything; if it has --tls-client-ca, show it a certificate of that authority by --tls-cert and --tls-key: %w", err)
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
	return &firstAnswer{Conn: out, explain: explainSilence}, info, nil
}

func (p plain) Clone() credentials.TransportCredentials {
	return plain{p.TransportCredentials.Clone()}
}

// firstAnswer is a connection that can explain what comes first, or does not come.
type firstAnswer struct {
	net.Conn
	answered bool
	explain  func([]byte, error) error // nil: all is well
}

func (c *firstAnswer) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.answered {
		return n, err
	}
	c.answered = true
	if why := c.explain(b[:n], err); why != nil {
		return 0, why
	}
	return n, err
}

const tlsAlert = 21 // the first byte of such a record

// explainSilence tells why a server that wants TLS does not answer: it closes the connection, or
// sends an alert, which gRPC would take for a frame that is too large.
func explainSilence(b []byte, err error) error {
	switch {
	case len(b) > 0 && b[0] == tlsAlert:
		return errors.New("the server wants TLS: give --tls")
	case len(b) == 0 && err != nil:
		return fmt.Errorf("the server closed the connection before it said anything; if it wants TLS, give --tls: %w", err)
	}
	return nil
}
