#!/usr/bin/env bash
# Go 1.26.8, net/http: an answer that is being read is cut off by the end of the request's body.
#
# A request has a Content-Length and a body that gave exactly so many bytes. The server has them all and answers; Client.Do returns.
# One expects that nothing more is asked of the body, and closes or re-uses what is behind it. The transport asks once more, after the
# last byte, to see whether there is more, and may do so after Do has returned. What the body answers then counts: io.EOF is right, and
# an error (as http.ErrBodyReadAfterClose, or of a file that is closed) makes the transport close the connection, so that reading the
# answer fails with "use of closed network connection", which names neither the body nor its error. A body that is closed at once when
# Do returns meets it only now and then, on a busy machine. 
#
# Here the body waits with its last word until Do has returned, which is the order that a busy machine makes.
#
# Seen: "io.EOF: the answer is whole; error: use of closed network connection". Exit status 0 while that is so, 1 when it changes.
# Needs Go 1.26 and a Go module proxy, from which it gets the toolchain 1.26.8.
set -euo pipefail
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
cat > go.mod <<'MOD'
module ask

go 1.26
MOD
cat > main.go <<'GO'
package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
)

// text gives its bytes, then waits, then says last.
type text struct {
	io.Reader
	last   error
	closed chan struct{}
}

func (t text) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	if err == io.EOF {
		<-t.closed
		err = t.last
	}
	return n, err
}

func ask(last error) error {
	goOn := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.ReadFull(r.Body, make([]byte, r.ContentLength))
		w.(http.Flusher).Flush()
		select {
		case <-goOn:
		case <-r.Context().Done():
		}
		io.WriteString(w, "answer")
	}))
	defer server.Close()
	body := text{strings.NewReader("question"), last, make(chan struct{})}
	req, err := http.NewRequest("POST", server.URL, body)
	if err != nil {
		panic(err)
	}
	req.ContentLength = 8
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	close(body.closed)
	first := make([]byte, 1)
	if last == io.EOF {
		close(goOn)
	}
	if _, err := io.ReadFull(resp.Body, first); err != nil {
		return err
	}
	_, err = io.ReadAll(resp.Body)
	return err
}

func main() {
	whole, cut := ask(io.EOF), ask(errors.New("the body is closed"))
	fmt.Printf("io.EOF: %v; error: closed %v, names the body %v\n", whole, errors.Is(cut, net.ErrClosed), cut != nil && strings.Contains(cut.Error(), "body"))
}
GO
seen=$(GOTOOLCHAIN=go1.26.8 go run .)
if [ "$seen" = "io.EOF: <nil>; error: closed true, names the body false" ]; then
    echo "io.EOF: the answer is whole; error: use of closed network connection"
else
    echo "it is different now: $seen"
    exit 1
fi
