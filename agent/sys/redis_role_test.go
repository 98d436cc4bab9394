package sys

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/redis/go-redis/v9"
)

// redisClient asks a server by 16 connections at once, which are open when it says that it is ready, as often as it is
// told: one command, a pipeline, a transaction, and one that fails. It says how often.
func redisClient(in *bufio.Reader, out *json.Encoder) error {
	const connections = 16
	ctx := context.Background()
	var clients []*redis.Client
	for range connections {
		c := redis.NewClient(&redis.Options{Addr: os.Getenv(databaseVariable), PoolSize: 1, TLSConfig: inClientsTLS()})
		defer c.Close()
		if err := c.Ping(ctx).Err(); err != nil {
			return err
		}
		clients = append(clients, c)
	}
	if err := out.Encode(connections); err != nil {
		return err
	}
	for told := json.NewDecoder(in); ; {
		var times int
		if err := told.Decode(&times); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		failed := make([]error, connections)
		var wg sync.WaitGroup
		for i, c := range clients {
			wg.Go(func() {
				for range times {
					if err := askRedis(ctx, c); err != nil {
						failed[i] = err
					}
				}
			})
		}
		wg.Wait()
		for _, err := range failed {
			if err != nil {
				return err
			}
		}
		if err := out.Encode(times * connections); err != nil {
			return err
		}
	}
}

func askRedis(ctx context.Context, c *redis.Client) error {
	if err := c.Set(ctx, "shop:text", "a", 0).Err(); err != nil {
		return err
	}
	pipe := c.Pipeline()
	for i := range 3 {
		pipe.HGet(ctx, fmt.Sprint("shop:", i), "name")
	}
	_, _ = pipe.Exec(ctx) // there is nothing
	if _, err := c.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Incr(ctx, "shop:n")
		return nil
	}); err != nil {
		return err
	}
	if c.LPush(ctx, "shop:text", "b").Err() == nil {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// redisPipelines sends as many pipelines of 60 commands as it is told, one after the other, on one connection. A pipeline is one
// call of some 2,500 bytes, and its answers are 1,800.
func redisPipelines(in *bufio.Reader, out *json.Encoder) error {
	ctx := context.Background()
	c := redis.NewClient(&redis.Options{Addr: os.Getenv(databaseVariable), PoolSize: 1})
	defer c.Close()
	if err := c.MSet(ctx, "shop:first", "a value of twenty-two", "shop:later", "a value of twenty-two").Err(); err != nil {
		return err
	}
	if err := out.Encode(0); err != nil {
		return err
	}
	key := "shop:first"
	for told := json.NewDecoder(in); ; key = "shop:later" {
		var times int
		if err := told.Decode(&times); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		for range times {
			if _, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
				for range 60 {
					p.GetRange(ctx, key, 0, 100)
				}
				return nil
			}); err != nil {
				return err
			}
		}
		if err := out.Encode(60 * times); err != nil {
			return err
		}
	}
}
