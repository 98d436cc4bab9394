package plugin

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/throughline-io/throughline/pkg/store"
)

// defaultDatabase is the database that the server makes.
const defaultDatabase = "throughline"

const (
	defaultTimeout = 30 * time.Second // ends a query that the store does not answer
	dialTimeout    = 10 * time.Second
	keepAlive      = 30 * time.Second
)

// options are the data source's settings that are no secrets (ThroughlineOptions of
// src/datasource/query.ts).
type options struct {
	Database       string  `json:"database"`
	Username       string  `json:"username"`
	Cluster        string  `json:"cluster"`
	TimeoutSeconds float64 `json:"timeoutSeconds"`
	TLSSkipVerify  bool    `json:"tlsSkipVerify"`
	TLSServerName  string  `json:"tlsServerName"`
}

// settings are what the store is opened with.
type settings struct {
	store.Config
	Where string // the address without secrets

	elsewhere *elsewhere
}

// readSettings checks the data source's settings.
func readSettings(s backend.DataSourceInstanceSettings) (settings, error) {
	var o options
	if len(s.JSONData) > 0 {
		if err := json.Unmarshal(s.JSONData, &o); err != nil {
			return settings{}, fmt.Errorf("the settings cannot be read: %w", err)
		}
	}
	secure := s.DecryptedSecureJSONData
	address, err := readURL(s.URL)
	if err != nil {
		return settings{}, err
	}
	out, server := settings{Where: address.Redacted()}, *address
	if o.Username != "" {
		address.User = url.UserPassword(o.Username, secure["password"])
	}
	out.Token = secure["token"]
	out.Cluster = o.Cluster
	if out.Database = o.Database; out.Database == "" {
		out.Database = defaultDatabase
	}
	// The store takes the last part of the path for the database, and the rest for the
	// prefix under which ClickHouse answers.
	address.Path = strings.TrimRight(address.Path, "/") + "/" + out.Database
	if out.Timeout, err = readTimeout(o.TimeoutSeconds); err != nil {
		return settings{}, err
	}
	secured, err := readTLS(o, secure)
	if err != nil {
		return settings{}, err
	}
	out.elsewhere = newElsewhere(&server, secured, o.Username, secure["password"], out.Token)
	if secured != nil && overTLS(address) {
		// The connections are made here, with the settings' certificates; what goes over
		// them is plain HTTP, or the plain native protocol, to the store.
		if address.Scheme == "https" {
			address.Scheme, address.Host = "http", withPort(address, "8443")
		} else {
			address.RawQuery, address.Host = "", withPort(address, "9440")
		}
		out.DialContext = (&tls.Dialer{NetDialer: &net.Dialer{Timeout: dialTimeout, KeepAlive: keepAlive}, Config: secured}).DialContext
	}
	out.DSN = address.String()
	return out, nil
}

func readTimeout(seconds float64) (time.Duration, error) {
	switch {
	case seconds < 0:
		return 0, errors.New("the timeout is negative: give a number of seconds, or leave it empty")
	case seconds == 0:
		return defaultTimeout, nil
	default:
		return time.Duration(seconds * float64(time.Second)), nil
	}
}

// overTLS: by the scheme, of the native protocol by ?secure=true as its clients have it.
func overTLS(u *url.URL) bool {
	if secure := u.Query().Get("secure"); u.Scheme != "http" && (secure == "true" || secure == "1") {
		return true
	}
	return u.Scheme == "https"
}

func withPort(u *url.URL, port string) string {
	if u.Port() != "" {
		return u.Host
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func readURL(text string) (*url.URL, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, errors.New("no URL is set: give the Throughline server's read-only ClickHouse address, such as http://throughline-server:20418/clickhouse/, or a ClickHouse, such as http://clickhouse:8123 or, by its native protocol, clickhouse://clickhouse:9000")
	}
	u, err := url.Parse(text)
	if err != nil {
		// Without the text: it may hold a password.
		return nil, errors.New("the URL cannot be read: write it as http://host:20418/clickhouse/, http://host:8123, https://host:8443 or clickhouse://host:9000")
	}
	switch u.Scheme {
	case "http", "https":
	case "clickhouse", "native", "tcp":
		if strings.Trim(u.Path, "/") != "" {
			return nil, fmt.Errorf("URL %s: an address of the native protocol has no path: write clickhouse://%s, and the database in its own field", u.Redacted(), u.Host)
		}
	default:
		return nil, fmt.Errorf("URL %s: the scheme %q is not known: use http, https, or clickhouse for the native protocol", u.Redacted(), u.Scheme)
	}
	if u.Host == "" {
		return nil, fmt.Errorf("URL %s names no host", u.Redacted())
	}
	return u, nil
}

// readTLS makes a TLS configuration of the settings' texts; nil where none is set.
func readTLS(o options, secure map[string]string) (*tls.Config, error) {
	ca, cert, key := secure["tlsCACert"], secure["tlsClientCert"], secure["tlsClientKey"]
	if ca == "" && cert == "" && key == "" && !o.TLSSkipVerify && o.TLSServerName == "" {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: o.TLSServerName, InsecureSkipVerify: o.TLSSkipVerify} //nolint:gosec // the user's own choice, off by default
	if ca != "" {
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM([]byte(ca)) {
			return nil, errors.New("the CA certificate is no PEM certificate: paste the text from -----BEGIN CERTIFICATE----- on")
		}
	}
	if (cert == "") != (key == "") {
		return nil, errors.New("a client certificate needs its key, and a key its certificate: set both, or neither")
	}
	if cert != "" {
		pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
		if err != nil {
			return nil, fmt.Errorf("the client certificate and its key cannot be used: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}
