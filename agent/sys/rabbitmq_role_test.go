package sys

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	amqp "github.com/rabbitmq/amqp091-go"
)

func init() { roles["rabbitmq-client"] = rabbitmqClient }

// rabbitmqClient has 16 connections to a broker, each with a queue that it consumes, and publishes to it as many messages
// as it is told: each is confirmed, delivered and acknowledged. It says how many.
func rabbitmqClient(in *bufio.Reader, out *json.Encoder) error {
	const clients = 16
	var all []*rabbitmqQueue
	for i := range clients {
		q, err := openRabbitmqQueue(fmt.Sprintf("go.%d", i))
		if err != nil {
			return err
		}
		defer q.connection.Close()
		all = append(all, q)
	}
	if err := out.Encode(clients); err != nil {
		return err
	}
	return eachTime(in, out, func(times int) (any, error) {
		return times * clients, besides(clients, func(i int) (err error) {
			for k := range times {
				err = errors.Join(err, all[i].roundTrip(1+i*times+k))
			}
			return err
		})
	})
}

type rabbitmqQueue struct {
	name       string
	connection *amqp.Connection
	channel    *amqp.Channel
	delivered  <-chan amqp.Delivery
}

func openRabbitmqQueue(name string) (*rabbitmqQueue, error) {
	c, err := amqp.Dial("amqp://guest:guest@" + os.Getenv(databaseVariable) + "/")
	if err != nil {
		return nil, err
	}
	ch, err := c.Channel()
	if err != nil {
		return nil, err
	}
	if _, err := ch.QueueDeclare(name, false, true, false, false, nil); err != nil {
		return nil, err
	}
	if err := ch.Confirm(false); err != nil {
		return nil, err
	}
	delivered, err := ch.Consume(name, "", false, false, false, false, nil)
	return &rabbitmqQueue{name, c, ch, delivered}, err
}

func (q *rabbitmqQueue) roundTrip(n int) error {
	id := fmt.Sprintf("%032x", n)
	message := amqp.Publishing{Body: []byte("hello"), Headers: amqp.Table{"traceparent": "00-" + id + "-" + id[16:] + "-01"}}
	confirmed, err := q.channel.PublishWithDeferredConfirm("", q.name, false, false, message)
	if err != nil {
		return err
	}
	if ok, err := confirmed.WaitContext(context.Background()); err != nil || !ok {
		return fmt.Errorf("confirmed: %v %w", ok, err)
	}
	d := <-q.delivered
	return d.Ack(false)
}
