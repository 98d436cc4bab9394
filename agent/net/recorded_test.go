package net_test

import (
	"errors"
	"fmt"
	"io"
	stdnet "net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/session/sessiontest"
	"github.com/throughline-io/throughline/agent/topology"
	"github.com/throughline-io/throughline/agent/topology/testnet"
	"github.com/throughline-io/throughline/pkg/span"
)

// What real clients and servers of each protocol said, said again between pods of two nodes, sixteen conversations at once: each
// interface on the way sees as many sessions as the conversation has, at the same places of its connection.
func TestRecordedConversationsAtEveryInterface(t *testing.T) {
	t.Parallel()
	n := testnet.New(t, "tld-n4-", 2)
	n.Pod("asks", 1)
	server := n.Pod("answers", 2)
	files, err := filepath.Glob("../session/testdata/wire/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no conversations", err)
	}
	var l1, l2 ledger.Ledger
	stop1, stop2 := startCapture(t, n, 1, &l1), startCapture(t, n, 2, &l2)
	const first, atOnce = 8100, 16
	want := map[uint16]string{}
	counts := map[uint16]int{}
	var wg sync.WaitGroup
	turns := make(chan struct{}, atOnce)
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c, err := sessiontest.Read(string(text))
		if err != nil {
			t.Fatal(file, err)
		}
		if !captured(c) {
			continue
		}
		port := uint16(first + i)
		want[port], counts[port] = filepath.Base(file), len(c.Want)
		wg.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			if err := sayAgain(n, addr(server, port), c.Said); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		})
	}
	wg.Wait()
	seen := map[uint16]map[span.Point]int{}
	for _, s := range append(stop1(), stop2()...) {
		port := s.Server.Port()
		if s.Client.Port() >= first && s.Client.Port() < first+uint16(len(files)) { // a server that says something unasked
			port = s.Client.Port()
		}
		if seen[port] == nil {
			seen[port] = map[span.Point]int{}
		}
		seen[port][s.Point]++
	}
	for port, file := range want {
		for _, point := range []span.Point{span.PointClient, span.PointClientNode, span.PointServerNode, span.PointServer} {
			if got := seen[port][point]; got != counts[port] {
				t.Errorf("%s: %d sessions at %v, want %d: %v", file, got, point, counts[port], seen[port])
			}
		}
	}
	t.Log(len(want), "conversations")
}

// captured reports whether all of a conversation is there.
func captured(c sessiontest.Conversation) bool {
	for i := range c.Said {
		if s := &c.Said[i].Segment; s.Len != len(s.Data) {
			return false
		}
	}
	return true
}

// sayAgain says a conversation on a connection of its own: who does not speak waits until it has heard all.
func sayAgain(n *testnet.Net, address string, said []sessiontest.Said) error {
	var l stdnet.Listener
	var asks stdnet.Conn
	if err := topology.Inside(n.PodPath("answers"), func() (err error) {
		l, err = stdnet.Listen("tcp", address)
		return err
	}); err != nil {
		return err
	}
	defer l.Close()
	if err := topology.Inside(n.PodPath("asks"), func() (err error) {
		asks, err = stdnet.Dial("tcp", address)
		return err
	}); err != nil {
		return err
	}
	defer asks.Close()
	answers, err := l.Accept()
	if err != nil {
		return err
	}
	defer answers.Close()
	limit := time.Now().Add(time.Minute)
	if err := errors.Join(asks.SetDeadline(limit), answers.SetDeadline(limit)); err != nil {
		return err
	}
	for i := range said {
		from, to := asks, answers
		if !said[i].Client {
			from, to = answers, asks
		}
		data := said[i].Segment.Data
		if _, err := from.Write(data); err != nil {
			return fmt.Errorf("line %d: %w", i, err)
		}
		if _, err := io.ReadFull(to, make([]byte, len(data))); err != nil {
			return fmt.Errorf("line %d: %w", i, err)
		}
	}
	return nil
}
