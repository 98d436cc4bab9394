package shop

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"

	_ "github.com/go-sql-driver/mysql" // the driver "mysql"
)

// databasePool is the number of connections opened beforehand: more than requests at a
// time, so that no login falls into a request.
const databasePool = 48

// order takes an order in one database transaction around its calls to other services.
func order(ctx context.Context, cfg Config) (map[string]handler, func(), error) {
	db, err := openPool(ctx, cfg.Database)
	if err != nil {
		return nil, nil, err
	}
	client := newClient(cfg, func(base http.RoundTripper) http.RoundTripper { return transactional{base} })
	create := func(ctx context.Context) error {
		conn, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close() // back into the pool
		get := func(ctx context.Context, name, url string) error {
			return internal(ctx, name, func(ctx context.Context) error { return call(ctx, client, "GET", url, "") })
		}
		begin := context.WithValue(ctx, statementsKey{}, statements{conn: conn, before: "SET autocommit=0"})
		if err := get(begin, "OrderService.checkItem", "http://svc-item:8080/items/42"); err != nil {
			return err
		}
		if err := get(ctx, "OrderService.priceItem", "http://svc-item:8080/items/42"); err != nil {
			return err
		}
		commit := context.WithValue(ctx, statementsKey{}, statements{conn: conn, after: "COMMIT"})
		return get(commit, "OrderService.reserveStock", "http://svc-stock:8080/stock/42")
	}
	return map[string]handler{
		"POST /orders": func(ctx context.Context, _ *http.Request) (any, error) {
			return map[string]int{"order": 1}, nested(ctx, create, "OrderController.create", "OrderService.create")
		},
	}, func() { db.Close() }, nil
}

// openPool opens every connection of the pool and keeps all of them.
func openPool(ctx context.Context, source string) (*sql.DB, error) {
	db, err := sql.Open("mysql", source)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", source, err)
	}
	db.SetMaxOpenConns(databasePool)
	db.SetMaxIdleConns(databasePool)
	held := make([]*sql.Conn, 0, databasePool)
	for range databasePool {
		conn, err := db.Conn(ctx)
		if err != nil {
			return nil, fmt.Errorf("database %s: %w", source, err)
		}
		held = append(held, conn)
	}
	for _, conn := range held {
		conn.Close()
	}
	return db, nil
}

// statements is SQL to be sent around a call, on its transaction's connection.
type statements struct {
	conn          *sql.Conn
	before, after string
}

type statementsKey struct{}

// transactional sends a call's statements on the caller's goroutine, before the request
// leaves and after the answer has come: inside the CLIENT span that otelhttp makes.
type transactional struct{ base http.RoundTripper }

func (t transactional) RoundTrip(r *http.Request) (*http.Response, error) {
	s, _ := r.Context().Value(statementsKey{}).(statements)
	if s.before != "" {
		if _, err := s.conn.ExecContext(r.Context(), s.before); err != nil {
			return nil, err
		}
	}
	resp, err := t.base.RoundTrip(r)
	if err == nil && s.after != "" {
		if _, err := s.conn.ExecContext(r.Context(), s.after); err != nil {
			resp.Body.Close()
			return nil, err
		}
	}
	return resp, err
}
