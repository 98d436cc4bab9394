package sys

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"net"
	"os"
	"time"

	"github.com/lib/pq"
)

// postgresSlowClient asks a database once, by TLS. When it has begun the handshake it says so, and waits until it is told to go on.
func postgresSlowClient(in *bufio.Reader, out *json.Encoder) error {
	connector, err := pq.NewConnector("postgres://app@" + os.Getenv(databaseVariable) + "/postgres?sslmode=require")
	if err != nil {
		return err
	}
	connector.Dialer(&slowDialer{in: in, out: out})
	db := sql.OpenDB(connector)
	defer db.Close()
	if _, err := db.Exec("SELECT 'late'"); err != nil {
		return err
	}
	if err := out.Encode("done"); err != nil {
		return err
	}
	_, _ = in.ReadString(0)
	return nil
}

// slowDialer opens connections that wait when they have written twice: to ask for TLS, and what a client says first of it.
type slowDialer struct {
	net.Conn
	in     *bufio.Reader
	out    *json.Encoder
	writes int
}

func (d *slowDialer) Dial(network, address string) (net.Conn, error) {
	return d.DialTimeout(network, address, 0)
}

func (d *slowDialer) DialTimeout(network, address string, patience time.Duration) (net.Conn, error) {
	c, err := net.DialTimeout(network, address, patience)
	d.Conn = c
	return d, err
}

func (d *slowDialer) Write(data []byte) (int, error) {
	n, err := d.Conn.Write(data)
	if d.writes++; d.writes == 2 && err == nil {
		if err = d.out.Encode("waits"); err == nil {
			_, err = d.in.ReadString('\n')
		}
	}
	return n, err
}
