package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/throughline-io/throughline/demo/lab"
)

// cached is a server of Redis and its client in the pods of a service.
type cached struct {
	server, client *roleProgram
	address        string
}

func startCache(l *lab.Lab) (c *cached, err error) {
	c = &cached{address: l.PodAddr("server").String() + ":6379"}
	defer func() {
		if err != nil {
			c.close()
		}
	}()
	if c.server, err = startRole("cache", l.PodNetns("server")); err != nil {
		return nil, err
	}
	if c.client, err = startRole("get", l.PodNetns("client")); err != nil {
		return nil, err
	}
	return c, c.server.do(c.address, nil)
}

func (c *cached) close() {
	for _, p := range []*roleProgram{c.client, c.server} {
		if p != nil {
			p.end()
		}
	}
}

// getLines are the lines of a command of two words (RESP, array of two bulk strings).
const getLines = 5

// cache answers every command of two words at an address as Redis does a GET.
func cache(in *json.Decoder, out *json.Encoder) error {
	value := strings.Repeat("v", 100)
	answer := fmt.Appendf(nil, "$%d\r\n%s\r\n", len(value), value)
	for {
		var address string
		if err := in.Decode(&address); err != nil {
			return ended(err)
		}
		l, err := net.Listen("tcp", address)
		if err != nil {
			return err
		}
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					defer conn.Close()
					for lines, n := bufio.NewScanner(conn), 1; lines.Scan(); n++ {
						if n%getLines == 0 {
							if _, err := conn.Write(answer); err != nil {
								return
							}
						}
					}
				}()
			}
		}()
		if err := out.Encode("listens"); err != nil {
			return err
		}
	}
}

// askCache asks for keys on connections that stay open, and says how often it did.
func askCache(in *json.Decoder, out *json.Encoder) error {
	var conns []net.Conn
	for {
		var j askJob
		if err := in.Decode(&j); err != nil {
			return ended(err)
		}
		for len(conns) < j.Connections {
			conn, err := net.Dial("tcp", j.URL)
			if err != nil {
				return err
			}
			conns = append(conns, conn)
		}
		var next, asked atomic.Int64
		var askers sync.WaitGroup
		failed := make(chan error, len(conns))
		for _, conn := range conns {
			askers.Go(func() {
				answers := bufio.NewReader(conn)
				for i := next.Add(1); i <= int64(j.Requests); i = next.Add(1) {
					if err := getOne(conn, answers, i); err != nil {
						failed <- err
						return
					}
					asked.Add(1)
				}
			})
		}
		askers.Wait()
		close(failed)
		if err := <-failed; err != nil {
			return err
		}
		if err := out.Encode(asked.Load()); err != nil {
			return err
		}
	}
}

// getOne asks for a key and reads the value.
func getOne(conn io.Writer, answers *bufio.Reader, i int64) error {
	key := fmt.Sprintf("order:%08d", i)
	if _, err := fmt.Fprintf(conn, "*2\r\n$3\r\nGET\r\n$%d\r\n%s\r\n", len(key), key); err != nil {
		return err
	}
	for range 2 {
		if _, err := answers.ReadSlice('\n'); err != nil {
			return err
		}
	}
	return nil
}
