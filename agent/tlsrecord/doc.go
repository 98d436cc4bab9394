// Package tlsrecord follows the records of a TLS connection (RFC 8446, 5.1) from outside: where each lies in the TCP
// stream, and which of them carried bytes that a TLS library took or gave in clear. So what is said inside of TLS has the
// same place at both ends of a connection: that of its record, and how far behind the record's first byte in clear it is.
package tlsrecord
