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

// halfClosed asks itself over a connection of which each side says with its message that it sends no more, so that
// both messages are read together with that.
func halfClosed(in *bufio.Reader, out *json.Encoder) error {
	client, server, err := connection()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(client, "GET /half HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
		return err
	}
	if err := client.(*net.TCPConn).CloseWrite(); err != nil {
		return err
	}
	if _, err := io.ReadAll(server); err != nil {
		return err
	}
	if _, err := io.WriteString(server, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"); err != nil {
		return err
	}
	if err := server.Close(); err != nil { // the client's end is closed by now, to the kernel
		return err
	}
	if _, err := io.ReadAll(client); err != nil {
		return err
	}
	if err := out.Encode("done"); err != nil {
		return err
	}
	in.ReadByte()
	return nil
}
