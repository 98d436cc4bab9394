#!/usr/bin/env bash
# github.com/hashicorp/raft-wal v0.4.0: a bit that flipped on the disk is given to the reader as if it were right.
#
# Its segments carry CRC-32C sums, one for each commit, so a reader expects damage to be told. They are looked at only when a
# log is opened whose newest commit was not finished, and only for that commit: neither Open nor GetLog compares the sum of an
# older one. So after one bit of a stored record is changed, as a bad disk does, the log opens without an error and GetLog
# returns the changed record with a nil error. hashicorp/raft has a separate verifier for this (package verifier); a log that
# is used on its own has nothing.
#
# Seen: "bits changed 1; record 42: error <nil>, as written false". Exit status 0 while that is so, 1 when it changes.
# Needs Go and a module proxy. What the library does not promise is the use of its sums on reading.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat > main.go <<'GO'
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hashicorp/raft"
	wal "github.com/hashicorp/raft-wal"
)

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
}

// text is the record of a number: no other has its bytes.
func text(n uint64) []byte { return bytes.Repeat(fmt.Appendf(nil, "record-%06d;", n), 40) }

// write makes a log of a hundred records, a commit each.
func write(folder string) {
	must(os.Mkdir(folder, 0o700))
	w, err := wal.Open(folder)
	must(err)
	for n := uint64(1); n <= 100; n++ {
		must(w.StoreLogs([]*raft.Log{{Index: n, Term: 1, Data: text(n)}}))
	}
	must(w.Close())
}

// flip changes one bit of record 42.
func flip(folder string) (changed int) {
	segments, err := filepath.Glob(filepath.Join(folder, "*.wal"))
	must(err)
	for _, path := range segments {
		data, err := os.ReadFile(path)
		must(err)
		if at := bytes.Index(data, text(42)); at >= 0 {
			data[at+200] ^= 1
			changed++
			must(os.WriteFile(path, data, 0o600))
		}
	}
	return changed
}

func main() {
	if os.Args[1] == "write" {
		write("log")
		return
	}
	changed := flip("log")
	w, err := wal.Open("log")
	must(err)
	var got raft.Log
	err = w.GetLog(42, &got)
	fmt.Printf("bits changed %d; record 42: error %v, as written %v\n", changed, err, bytes.Equal(got.Data, text(42)))
	must(w.Close())
}
GO
export GOFLAGS=-mod=mod GOTOOLCHAIN=local
go mod init finding >/dev/null 2>&1
go get github.com/hashicorp/raft-wal@v0.4.0 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
go list -m github.com/hashicorp/raft-wal github.com/hashicorp/raft
go build -o finding .
./finding write
seen=$(timeout 60 ./finding read)
echo "$seen"
[ "$seen" = "bits changed 1; record 42: error <nil>, as written false" ]
