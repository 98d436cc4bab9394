// Package certificate makes TLS configurations of PEM files, which are read again when they
// change: certificates of clusters live for hours, and nobody restarts agents for them.
//
// It imports nothing of ours.
package certificate
