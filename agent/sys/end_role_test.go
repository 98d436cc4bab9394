package sys

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
)

// duplicates is a client that closes a duplicate of its connection's descriptor while it waits
// for an answer, as the child of a process that forks does.
func duplicates(in *bufio.Reader, out *json.Encoder) error {
	conn, err := net.Dial("tcp", os.Getenv(addressVariable))
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
		return err
	}
	other, err := conn.(*net.TCPConn).File()
	if err != nil {
		return err
	}
	if err := other.Close(); err != nil {
		return err
	}
	if err := out.Encode("closed"); err != nil {
		return err
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if err := out.Encode(resp.StatusCode); err != nil {
		return err
	}
	in.ReadByte()
	return nil
}
