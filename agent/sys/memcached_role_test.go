package sys

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/bradfitz/gomemcache/memcache"
)

func init() { roles["memcached-client"] = memcachedClient }

// memcachedClient asks a server by 16 connections at once as often as it is told: it stores, reads one key, several, and one
// that is not there, counts, and fails to. It says how often.
func memcachedClient(in *bufio.Reader, out *json.Encoder) error {
	const connections = 16
	for told := json.NewDecoder(in); ; {
		var times int
		if err := told.Decode(&times); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		failed := make([]error, connections)
		var wg sync.WaitGroup
		for i := range failed {
			wg.Go(func() {
				c := memcache.New(os.Getenv(databaseVariable))
				defer c.Close()
				for range times {
					failed[i] = errors.Join(failed[i], askMemcached(c, fmt.Sprint("shop:", i)))
				}
			})
		}
		wg.Wait()
		if err := errors.Join(failed...); err != nil {
			return err
		}
		if err := out.Encode(times * connections); err != nil {
			return err
		}
	}
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
