package sys

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	"github.com/coder/websocket"
)

func init() {
	roles["websocket-server"] = websocketServer
	roles["websocket-client"] = websocketClient
}

// websocketServer says again what it is told, at every path; who says "enough" it sends away. It says where it listens.
func websocketServer(in *bufio.Reader, out *json.Encoder) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer c.CloseNow()
		for {
			typ, text, err := c.Read(r.Context())
			if err != nil {
				return
			}
			if string(text) == "enough" {
				_ = c.Close(websocket.StatusTryAgainLater, "too much")
				return
			}
			if err := c.Write(r.Context(), typ, text); err != nil {
				return
			}
		}
	})}
	go func() { _ = server.Serve(l) }()
	if err := out.Encode(l.Addr().String()); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, in)
	return errors.Join(err, server.Close())
}

// websocketClient opens 16 connections at once, says as much by each as it is told and ends it, or is sent away by every second
// one; then says how many messages it has said. One connection is left open.
func websocketClient(in *bufio.Reader, out *json.Encoder) error {
	const atOnce = 16
	ctx := context.Background()
	dial := func(path string) (*websocket.Conn, error) {
		c, _, err := websocket.Dial(ctx, "ws://"+os.Getenv(addressVariable)+path, &websocket.DialOptions{HTTPHeader: http.Header{"Traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}})
		return c, err
	}
	var stays *websocket.Conn
	defer func() {
		if stays != nil {
			stays.CloseNow()
		}
	}()
	return eachTime(in, out, func(times int) (any, error) {
		err := besides(atOnce, func(i int) error {
			c, err := dial(fmt.Sprint("/rooms/", i))
			if err != nil {
				return err
			}
			defer c.CloseNow()
			for n := range times {
				text := fmt.Sprint("message ", n)
				err := c.Write(ctx, websocket.MessageText, []byte(text))
				if _, echo, err2 := c.Read(ctx); err != nil || err2 != nil || string(echo) != text {
					return errors.Join(err, err2, io.ErrUnexpectedEOF)
				}
			}
			if i%2 == 0 {
				return c.Close(websocket.StatusNormalClosure, "done")
			}
			err = c.Write(ctx, websocket.MessageText, []byte("enough"))
			if _, _, end := c.Read(ctx); err != nil || websocket.CloseStatus(end) != websocket.StatusTryAgainLater {
				return errors.Join(err, end, io.ErrUnexpectedEOF)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		stays, err = dial("/stays")
		return times * atOnce, err
	})
}
