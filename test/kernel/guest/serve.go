package main

import (
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

const (
	port     = "8080"
	fileSize = 48 << 10
)

// serve answers in the pod of the server. A path that begins with /file is answered by sendfile.
func serve() error {
	const path = "/tmp/file"
	if err := os.WriteFile(path, []byte(strings.Repeat("throughline\n", fileSize/12)), 0o644); err != nil {
		return err
	}
	http.HandleFunc("/file/", func(w http.ResponseWriter, r *http.Request) {
		f, err := os.Open(path)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		defer f.Close()
		http.ServeContent(w, r, "", time.Time{}, f)
	})
	http.HandleFunc("/text/", func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("this is " + r.URL.Path)) //nolint:errcheck // who asked looks at it
	})
	if err := serveInside(); err != nil {
		return err
	}
	l, err := net.Listen("tcp", server.address+":"+port)
	if err != nil {
		return err
	}
	return http.Serve(l, nil)
}
