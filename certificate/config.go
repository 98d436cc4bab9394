package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
)

// Server is the configuration of one who is asked, for the protocols (ALPN) given. With clientCA,
// a file of authorities, who asks must show a certificate of one of them.
func Server(cert, key, clientCA string, log *slog.Logger, protocols ...string) (*tls.Config, error) {
	pair, err := reload(log, pairOf(cert, key), cert, key)
	if err != nil {
		return nil, err
	}
	base := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: protocols,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return pair.get(), nil }}
	if clientCA == "" {
		return base, nil
	}
	authorities, err := reload(log, poolOf(clientCA), clientCA)
	if err != nil {
		return nil, err
	}
	base.ClientAuth, base.ClientCAs = tls.RequireAndVerifyClientCert, authorities.get()
	out := base.Clone()
	out.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		c := base.Clone()
		c.ClientCAs = authorities.get()
		return c, nil
	}
	return out, nil
}

// Client are the files of one who asks. The zero value trusts the authorities of the system and
// shows no certificate.
type Client struct {
	CA        string // of the one who is asked
	Name      string // that its certificate has, where that is not the name it is reached by
	Cert, Key string // to show
	Log       *slog.Logger
}

// Config is a function that gives the configuration for the next connection.
func (c Client) Config() (func() *tls.Config, error) {
	if (c.Cert == "") != (c.Key == "") {
		return nil, errors.New("a certificate to show needs its key, and a key its certificate: give both")
	}
	config := func() *tls.Config { return &tls.Config{MinVersion: tls.VersionTLS12, ServerName: c.Name} }
	if c.CA != "" {
		authorities, err := reload(c.Log, poolOf(c.CA), c.CA)
		if err != nil {
			return nil, err
		}
		config = with(config, func(t *tls.Config) { t.RootCAs = authorities.get() })
	}
	if c.Cert != "" {
		pair, err := reload(c.Log, pairOf(c.Cert, c.Key), c.Cert, c.Key)
		if err != nil {
			return nil, err
		}
		config = with(config, func(t *tls.Config) { t.Certificates = []tls.Certificate{*pair.get()} })
	}
	return config, nil
}

func with(config func() *tls.Config, change func(*tls.Config)) func() *tls.Config {
	return func() *tls.Config {
		t := config()
		change(t)
		return t
	}
}

// Explain adds to the error of a handshake what may be done about it.
func Explain(err error) error {
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var record tls.RecordHeaderError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &authority):
		return &explained{err, "the server's certificate is of an authority that is not trusted here: give that authority's certificate by --tls-ca"}
	case errors.As(err, &name):
		return &explained{err, "the server's certificate is for another name: reach it by that name, or give the name by --tls-server-name"}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return &explained{err, "the server's certificate is not valid now: renew it, or set this machine's clock"}
	case errors.As(err, &record):
		return &explained{err, "the server speaks without TLS: give it --tls-cert and --tls-key, or ask it without TLS"}
	}
	return err
}

// explained is an error with a text of its own.
type explained struct {
	error
	text string
}

func (e *explained) Error() string { return e.text + " (" + e.error.Error() + ")" }
func (e *explained) Unwrap() error { return e.error }
