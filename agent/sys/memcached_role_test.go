package sys

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/bradfitz/gomemcache/memcache"
)

func init() { roles["memcached-client"] = memcachedClient }

// memcachedClient asks a server by 16 connections at once as often as it is told: it stores, reads one key, several, and one
// that is not there, counts, and fails to. It says how often.
func memcachedClient(in *bufio.Reader, out *json.Encoder) error {
	const connections = 16
	return eachTime(in, out, func(times int) (any, error) {
		return times * connections, besides(connections, func(i int) (err error) {
			c := memcache.New(os.Getenv(databaseVariable))
			defer c.Close()
			for range times {
				err = errors.Join(err, askMemcached(c, fmt.Sprint("shop:", i)))
			}
			return err
		})
	})
}

func askMemcached(c *memcache.Client, own string) error {
	if err := c.Set(&memcache.Item{Key: own, Value: make([]byte, 5000)}); err != nil {
		return err
	}
	if item, err := c.Get(own); err != nil || len(item.Value) != 5000 {
		return errors.Join(err, io.ErrUnexpectedEOF)
	}
	if found, err := c.GetMulti([]string{own, "none", "nothing"}); err != nil || len(found) != 1 {
		return errors.Join(err, io.ErrUnexpectedEOF)
	}
	if _, err := c.Get("none"); !errors.Is(err, memcache.ErrCacheMiss) {
		return errors.Join(err, io.ErrUnexpectedEOF)
	}
	if _, err := c.Increment(own, 1); err == nil {
		return io.ErrUnexpectedEOF
	}
	return c.Delete(own)
}
