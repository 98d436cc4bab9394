package sys

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"os"
	"sync"

	_ "github.com/lib/pq"
)

// postgresWork is what a postgres-client is told to do on each of its connections.
type postgresWork struct{ Times int }

// postgresClient asks a database by 16 connections at once, which are open when it says that it is ready: it looks
// for what is there, for what is not, and in a transaction. It says how often.
func postgresClient(in *bufio.Reader, out *json.Encoder) error {
	const connections = 16
	mode := "disable"
	if inClientsTLS() != nil {
		mode = "require"
	}
	db, err := sql.Open("postgres", "postgres://app@"+os.Getenv(databaseVariable)+"/postgres?sslmode="+mode)
	if err != nil {
		return err
	}
	var conns []*sql.Conn
	for range connections {
		c, err := db.Conn(context.Background())
		if err != nil {
			return err
		}
		conns = append(conns, c)
	}
	if err := out.Encode(connections); err != nil {
		return err
	}
	for told := json.NewDecoder(in); ; {
		var w postgresWork
		if err := told.Decode(&w); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		var wg sync.WaitGroup
		failed := make([]error, connections)
		for i, c := range conns {
			wg.Go(func() {
				for range w.Times {
					failed[i] = ask(c)
				}
			})
		}
		wg.Wait()
		for _, err := range failed {
			if err != nil {
				return err
			}
		}
		if err := out.Encode(w.Times * connections); err != nil {
			return err
		}
	}
}

func ask(c *sql.Conn) error {
	ctx := context.Background()
	tx, err := c.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	var n int
	if err := tx.QueryRow("SELECT n FROM generate_series(1, 3) AS s (n) WHERE n = $1", 2).Scan(&n); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	if _, err := c.ExecContext(ctx, "SELECT nowhere"); err == nil {
		return io.ErrUnexpectedEOF
	}
	return nil
}
