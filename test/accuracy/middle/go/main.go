// Command go is a service in Go:
//
//	/a/ID  one call to the backend and one statement, by the handler
//	/g/ID  three calls at once, each by a goroutine of its own (errgroup)
//	/p/ID  one call and one statement, by one of 8 workers behind a channel
//	/r/ID  one call by gRPC and one statement
//
// With the argument grpc it serves gRPC: /a/ID calls by gRPC, /h/ID by HTTP, and both make a statement.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"time"

	_ "github.com/go-sql-driver/mysql"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

func main() {
	s := &service{backend: os.Getenv("BACKEND"), jobs: make(chan func()),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}}
	if host := os.Getenv("DATABASE"); host != "" {
		db, err := sql.Open("mysql", "root@tcp("+host+":3306)/")
		if err != nil {
			log.Fatal(err)
		}
		db.SetMaxOpenConns(32)
		db.SetMaxIdleConns(32)
		s.db = db
	}
	conn, err := grpc.NewClient("passthrough:///"+os.Getenv("BACKEND_GRPC"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	s.conn = conn
	handler, err := s.instrument(http.DefaultServeMux)
	if err != nil {
		log.Fatal(err)
	}
	if every, err := time.ParseDuration(os.Getenv("BACKGROUND")); err == nil && every > 0 {
		if len(os.Args) > 1 {
			go background(every, s.backgroundCall)
		} else {
			go background(every, s.backgroundGet)
		}
	}
	for range 8 {
		go func() {
			for job := range s.jobs {
				job()
			}
		}()
	}
	if len(os.Args) > 1 && os.Args[1] == "grpc" {
		log.Fatal(s.serveGRPC())
	}
	http.HandleFunc("/a/{id}", s.answer(s.bothBy(s.get)))
	http.HandleFunc("/g/{id}", s.answer(s.three))
	http.HandleFunc("/p/{id}", s.answer(s.byWorker))
	http.HandleFunc("/r/{id}", s.answer(s.bothBy(s.call)))
	log.Fatal(http.ListenAndServe(":8080", handler))
}

type service struct {
	backend string
	client  *http.Client
	conn    *grpc.ClientConn
	db      *sql.DB
	jobs    chan func()
}

// background calls the backend for no request.
func background(every time.Duration, call func(n int) error) {
	for i := 0; ; i++ {
		time.Sleep(time.Duration((0.5 + rand.Float64()) * float64(every)))
		if err := call(i); err != nil {
			log.Print(err)
		}
	}
}

func (s *service) backgroundGet(n int) error {
	id := fmt.Sprint(n)
	return s.get(context.Background(), "/background/"+id, id)
}

func (s *service) answer(work func(ctx context.Context, id string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := r.PathValue("id")
		if err := work(r.Context(), id); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintln(w, "middle", id)
	}
}

func (s *service) three(ctx context.Context, id string) error {
	group, ctx := errgroup.WithContext(ctx)
	for i := range 3 {
		group.Go(func() error { return s.get(ctx, fmt.Sprintf("/b%d/%s", i, id), id) })
	}
	return group.Wait()
}

func (s *service) byWorker(ctx context.Context, id string) error {
	done := make(chan error, 1)
	s.jobs <- func() { done <- s.bothBy(s.get)(ctx, id) }
	return <-done
}

// bothBy makes one call and, where there is a database, one statement.
func (s *service) bothBy(get func(ctx context.Context, path, id string) error) func(ctx context.Context, id string) error {
	return func(ctx context.Context, id string) error {
		if err := get(ctx, "/b/"+id, id); err != nil || s.db == nil {
			return err
		}
		var got string
		if err := s.db.QueryRowContext(ctx, "SELECT '"+id+"'").Scan(&got); err != nil {
			return err
		}
		return same("database", got, id)
	}
}

func (s *service) get(ctx context.Context, path, id string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.backend+path, nil)
	if err != nil {
		return err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	return same("backend", strings.TrimSpace(string(body)), id)
}

func same(who, got, id string) error {
	if got != id {
		return fmt.Errorf("%s answered %q, want %q", who, got, id)
	}
	return nil
}
