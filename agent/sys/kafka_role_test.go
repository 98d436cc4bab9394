package sys

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/twmb/franz-go/pkg/kgo"
)

func init() { roles["kafka-client"] = kafkaClient }

// kafkaClient produces by 16 clients at once, whose connections are open when it says that it is ready, as many messages as
// it is told, each for itself and with a context of its own. It says how many.
func kafkaClient(in *bufio.Reader, out *json.Encoder) error {
	const clients = 16
	ctx := context.Background()
	produce := func(c *kgo.Client, n int) error {
		id := fmt.Sprintf("%032x", n)
		context := kgo.RecordHeader{Key: "traceparent", Value: fmt.Appendf(nil, "00-%s-%s-01", id, id[16:])}
		return c.ProduceSync(ctx, &kgo.Record{Value: []byte("hello"), Headers: []kgo.RecordHeader{context}}).FirstErr()
	}
	var all []*kgo.Client
	for range clients {
		c, err := kgo.NewClient(kgo.SeedBrokers(os.Getenv(databaseVariable)), kgo.ClientID("test-franz-go"), kgo.DefaultProduceTopic("orders"),
			kgo.AllowAutoTopicCreation(), kgo.ProducerBatchCompression(kgo.NoCompression()))
		if err != nil {
			return err
		}
		defer c.Close()
		if err := produce(c, 1); err != nil {
			return err
		}
		all = append(all, c)
	}
	if err := out.Encode(clients); err != nil {
		return err
	}
	return eachTime(in, out, func(times int) (any, error) {
		return times * clients, besides(clients, func(i int) (err error) {
			for k := range times {
				err = errors.Join(err, produce(all[i], 1+i*times+k))
			}
			return err
		})
	})
}
