package main

import (
	"context"
	"fmt"
	"net"
	"time"
)

// halfOpen lets the machine between agent and server vanish without a word, again and again, while
// clients hold connections on which they never send the rest of a request.
func halfOpen(ctx context.Context, b *bed, times int) error {
	const dawdlers = 200
	for range dawdlers {
		c, err := net.Dial("tcp", b.otlp)
		if err != nil {
			return err
		}
		defer c.Close()
		if _, err := fmt.Fprintf(c, "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: 1000000\r\n\r\n\x0a"); err != nil {
			return err
		}
	}
	for range times {
		if err := b.load.goesOn(ctx, b, 20); err != nil {
			return err
		}
		b.between.vanish()
		if err := b.recovers(ctx, time.Now()); err != nil {
			return err
		}
	}
	return nil
}
