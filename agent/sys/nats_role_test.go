package sys

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/nats-io/nats.go"
)

func init() { roles["nats-client"] = natsClient }

// natsClient has a connection that serves, and one by which 8 goroutines at once ask as often as it is told: they publish, ask,
// ask whom nobody serves, and publish to a stream of JetStream, of which what was published is pulled at last. It says how often.
func natsClient(in *bufio.Reader, out *json.Encoder) error {
	const atOnce = 8
	serves, err := nats.Connect(os.Getenv(addressVariable))
	if err != nil {
		return err
	}
	defer serves.Close()
	asks, err := nats.Connect(os.Getenv(addressVariable))
	if err != nil {
		return err
	}
	defer asks.Close()
	if _, err := serves.Subscribe("shop.price", func(m *nats.Msg) { _ = m.Respond([]byte("42")) }); err != nil {
		return err
	}
	stream, err := asks.JetStream()
	if err != nil {
		return err
	}
	if _, err := stream.AddStream(&nats.StreamConfig{Name: "ORDERS", Subjects: []string{"orders.new"}, Storage: nats.MemoryStorage}); err != nil {
		return err
	}
	pull, err := stream.PullSubscribe("orders.new", "worker")
	if err != nil {
		return err
	}
	if err := errors.Join(serves.Flush(), out.Encode(atOnce)); err != nil {
		return err
	}
	return eachTime(in, out, func(times int) (any, error) {
		failed := []error{besides(atOnce, func(i int) (err error) {
			for n := range times {
				err = errors.Join(err, askNATS(asks, stream, i*times+n+1))
			}
			return err
		})}
		for got := 0; got < times*atOnce; {
			messages, err := pull.Fetch(atOnce) // what one call carries of them is captured
			if err != nil {
				return nil, err
			}
			for _, m := range messages {
				failed = append(failed, m.Ack())
			}
			got += len(messages)
		}
		return times * atOnce, errors.Join(append(failed, asks.Flush())...)
	})
}

func askNATS(asks *nats.Conn, stream nats.JetStreamContext, n int) error {
	if err := asks.Publish("shop.news", []byte("nobody listens")); err != nil {
		return err
	}
	if m, err := asks.Request("shop.price", []byte("of what"), 10*time.Second); err != nil || string(m.Data) != "42" {
		return errors.Join(err, io.ErrUnexpectedEOF)
	}
	if _, err := asks.Request("shop.nobody", nil, 10*time.Second); !errors.Is(err, nats.ErrNoResponders) {
		return errors.Join(err, io.ErrUnexpectedEOF)
	}
	m := nats.NewMsg("orders.new")
	m.Header.Set("traceparent", fmt.Sprintf("00-%032x-%016x-01", n, n))
	_, err := stream.PublishMsg(m)
	return err
}
