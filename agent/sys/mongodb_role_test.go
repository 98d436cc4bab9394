package sys

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	mongoevent "go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo"
	mongooptions "go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

func init() { roles["mongodb-client"] = mongoClient }

// mongoClient is Go's driver, 16 clients of one connection each, which are open when it says so. They ask at once, as often as
// they are told. It says how many commands of each kind the driver itself has counted since, by its monitor.
func mongoClient(in *bufio.Reader, out *json.Encoder) error {
	const atOnce = 16
	ctx := context.Background()
	var mu sync.Mutex
	counts := map[string]int{}
	monitor := &mongoevent.CommandMonitor{Started: func(_ context.Context, e *mongoevent.CommandStartedEvent) {
		mu.Lock()
		counts[e.CommandName]++
		mu.Unlock()
	}}
	var shops []*mongo.Database
	for range atOnce {
		c, err := mongo.Connect(mongooptions.Client().ApplyURI("mongodb://" + os.Getenv(databaseVariable) + "/?directConnection=true").
			SetMaxPoolSize(1).SetRetryWrites(false).SetMonitor(monitor))
		if err != nil {
			return err
		}
		defer func() { _ = c.Disconnect(ctx) }()
		if err := c.Ping(ctx, nil); err != nil {
			return err
		}
		shops = append(shops, c.Database("shop"))
	}
	clear(counts)
	if err := out.Encode(atOnce); err != nil {
		return err
	}
	return eachTime(in, out, func(times int) (any, error) {
		return counts, besides(len(shops), func(i int) (err error) {
			for range times {
				err = errors.Join(err, askMongo(ctx, shops[i]))
			}
			return err
		})
	})
}

func askMongo(ctx context.Context, shop *mongo.Database) error {
	orders := shop.Collection("orders")
	if _, err := orders.InsertOne(ctx, bson.D{{Key: "total", Value: 42}}); err != nil {
		return err
	}
	if err := orders.FindOne(ctx, bson.D{}, mongooptions.FindOne().SetComment("traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")).Err(); err != nil {
		return err
	}
	if _, err := orders.UpdateMany(ctx, bson.D{}, bson.D{{Key: "$set", Value: bson.D{{Key: "_id", Value: 1}}}}); !mongo.IsDuplicateKeyError(err) {
		return errors.Join(err, io.ErrUnexpectedEOF)
	}
	if err := orders.Drop(ctx); err == nil {
		return errors.New("dropped")
	}
	_, err := shop.Collection("orders", mongooptions.Collection().SetWriteConcern(writeconcern.Unacknowledged())).DeleteOne(ctx, bson.D{})
	return err
}
