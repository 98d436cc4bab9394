package sys

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"os"

	"github.com/go-sql-driver/mysql"
)

func init() { roles["mysql-client"] = mysqlClient }

// mysqlClient asks a database by 8 connections at once, which are open when it says that it is ready, as often as it is told: by a
// prepared statement, and for what is not there. It says how often.
func mysqlClient(in *bufio.Reader, out *json.Encoder) error {
	const connections = 8
	c := mysql.NewConfig()
	c.User, c.Net, c.Addr, c.TLS = "root", "tcp", os.Getenv(databaseVariable), inClientsTLS()
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	var conns []*sql.Conn
	for range connections {
		conn, err := db.Conn(context.Background())
		if err != nil {
			return err
		}
		conns = append(conns, conn)
	}
	if err := out.Encode(connections); err != nil {
		return err
	}
	return eachTime(in, out, func(times int) (any, error) {
		return times * connections, besides(connections, func(i int) error {
			for range times {
				var n int
				err := conns[i].QueryRowContext(context.Background(), "SELECT 40 + ?", 2).Scan(&n)
				if _, failed := conns[i].ExecContext(context.Background(), "SELECT nowhere"); failed == nil {
					err = errors.Join(err, errors.New("there is something nowhere"))
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
	})
}
