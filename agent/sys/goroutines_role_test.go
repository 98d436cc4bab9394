package sys

import (
	"io"
	"net/http"
	"sync"
)

// callBackend has a server ask another one for what it is asked: by the handler, and by goroutines of its own.
func callBackend(mux *http.ServeMux, backend string) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
	get := func(uri string) error {
		r, err := client.Get(backend + uri)
		if err != nil {
			return err
		}
		defer r.Body.Close()
		_, err = io.Copy(io.Discard, r.Body)
		return err
	}
	mux.HandleFunc("/call", func(w http.ResponseWriter, r *http.Request) {
		if err := get("/small/handler?" + r.URL.RawQuery); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
		}
	})
	mux.HandleFunc("/calls", func(w http.ResponseWriter, r *http.Request) {
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				if err := get("/small/child?" + r.URL.RawQuery); err != nil {
					panic(err)
				}
			})
		}
		all.Wait()
	})
}
