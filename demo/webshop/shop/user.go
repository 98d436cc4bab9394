package shop

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	_ "modernc.org/sqlite" // in-process SQL without cgo
)

// user keeps its users in SQLite: CLIENT spans without a socket behind them.
func user(ctx context.Context) (map[string]handler, func(), error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(1) // each connection to ":memory:" is a database of its own
	if _, err := db.ExecContext(ctx, "CREATE TABLE users (name TEXT PRIMARY KEY, password TEXT, logins INTEGER DEFAULT 0)"); err != nil {
		return nil, nil, fmt.Errorf("create the table of users: %w", err)
	}
	statement := func(ctx context.Context, name, query string, args ...any) error {
		ctx, span := tracer().Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
			attribute.String("db.system.name", "sqlite"), attribute.String("db.query.text", query)))
		defer span.End()
		if _, err := db.ExecContext(ctx, query, args...); err != nil {
			span.RecordError(err)
			return err
		}
		return nil
	}
	register := func(ctx context.Context) error {
		if err := statement(ctx, "SELECT users", "SELECT name FROM users WHERE name = ?", "ada"); err != nil {
			return err
		}
		if err := statement(ctx, "INSERT users", "INSERT OR IGNORE INTO users (name, password) VALUES (?, ?)", "ada", "difference"); err != nil {
			return err
		}
		return statement(ctx, "UPDATE users", "UPDATE users SET password = ? WHERE name = ?", "difference", "ada")
	}
	login := func(ctx context.Context) error {
		if err := statement(ctx, "SELECT users", "SELECT password FROM users WHERE name = ?", "ada"); err != nil {
			return err
		}
		return statement(ctx, "UPDATE users", "UPDATE users SET logins = logins + 1 WHERE name = ?", "ada")
	}
	return map[string]handler{
		"POST /register": func(ctx context.Context, _ *http.Request) (any, error) {
			return map[string]bool{"ok": true}, nested(ctx, register, "UserController.register", "UserService.register")
		},
		"POST /login": func(ctx context.Context, _ *http.Request) (any, error) {
			return map[string]bool{"ok": true}, nested(ctx, login, "UserController.login", "UserService.login")
		},
	}, func() { db.Close() }, nil
}
