package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// sending is a way in which SDKs and collectors send.
type sending struct {
	name        string
	spans       int // a request
	connections int
	rate        int // spans a second, all connections together; 0: as fast as they are answered
	seconds     int // for a rate: how long
}

// sendings are what is measured: a collector, SDKs, and services that have little to say.
var sendings = []sending{
	{name: "collector", spans: 800, connections: 4},
	{name: "sdks", spans: 20, connections: 32},
	{name: "1000", spans: 20, connections: 4, rate: 1000, seconds: 30},
	{name: "100", spans: 20, connections: 4, rate: 100, seconds: 30},
}

// requests is how many there are for a number of spans that is sent as fast as it can be.
func (s *sending) requests(spans int) int {
	switch {
	case s.rate > 0:
		spans = s.rate * s.seconds
	case s.spans < 100:
		spans /= 4 // requests cost more than spans
	}
	return spans / s.spans
}

// send posts requests, each answered before the connection's next. It returns how long answers
// took.
func (s *sending) send(ctx context.Context, url string, requests int) (took durations, err error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: s.connections}}
	defer client.CloseIdleConnections()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan struct{})
	var mu sync.Mutex
	var senders sync.WaitGroup
	for sender := range s.connections {
		e, err := newExporter(s.spans, sender)
		if err != nil {
			return nil, err
		}
		senders.Go(func() {
			for range next {
				began := time.Now()
				if err := post(ctx, client, url, e.next()); err != nil {
					cancel(err)
					return
				}
				mu.Lock()
				took = append(took, time.Since(began))
				mu.Unlock()
			}
		})
	}
	began := time.Now()
	for n := range requests {
		if s.rate > 0 {
			due := began.Add(time.Duration(n) * time.Second * time.Duration(s.spans) / time.Duration(s.rate))
			if pause(ctx, time.Until(due)) != nil {
				break
			}
		}
		select {
		case next <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
	}
	close(next)
	senders.Wait()
	return took, context.Cause(ctx)
}

func post(ctx context.Context, client *http.Client, url string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s: %s", resp.Status, text)
	}
	return nil
}
