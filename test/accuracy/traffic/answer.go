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
	f.Parse(args)
	return http.ListenAndServe(*addr, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := fnv.New32a()
		h.Write([]byte(r.URL.RequestURI()))
		time.Sleep(time.Duration(h.Sum32()%1000) * *longest / 1000)
		fmt.Fprintln(w, path.Base(r.URL.Path))
	}))
}
