package main

import (
	"flag"
	"fmt"
	"hash/fnv"
	"net/http"
	"path"
	"time"
)

// answer answers every request with its id, after a time that depends on its path: answers come in
// another order than requests.
func answer(args []string) error {
	f := flag.NewFlagSet("answer", flag.ExitOnError)
	addr := f.String("addr", ":8081", "where to listen")
	longest := f.Duration("longest", 4*time.Millisecond, "the longest time that an answer takes")
	byGRPC := f.String("grpc", "", "where to listen for gRPC; empty: nowhere")
	f.Parse(args)
	work := func(path string) {
		h := fnv.New32a()
		h.Write([]byte(path))
		time.Sleep(time.Duration(h.Sum32()%1000) * *longest / 1000)
	}
	ended := make(chan error)
	if *byGRPC != "" {
		go func() { ended <- answerGRPC(*byGRPC, work) }()
	}
	go func() {
		ended <- http.ListenAndServe(*addr, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			work(r.URL.RequestURI())
			fmt.Fprintln(w, path.Base(r.URL.Path))
		}))
	}()
	return <-ended
}
