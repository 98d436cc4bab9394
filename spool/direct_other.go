//go:build !linux

package spool

import "os"

// largeFile is a file as any other: past the page cache is Linux's.
type largeFile struct {
	*os.File
	flag int
}
