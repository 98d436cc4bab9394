// Package tlslib finds, in an executable or a shared library, the functions by which a program says and hears in clear
// what goes through TLS: OpenSSL's, GnuTLS's, and those of Go's crypto/tls.
//
// Files belong to whoever owns a pod. They are read in pieces of bounded size, and what does not look right is not found.
package tlslib
