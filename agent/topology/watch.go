package topology

import (
	"context"
	"reflect"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// settle is how long a change of links is left to complete: a pod's address comes after
// its interface.
const settle = 50 * time.Millisecond

// Watch calls changed with every new state of the node's network, beginning with the
// present one, until ctx is done. It looks when a link changes and every so often, as an
// address inside a pod changes unseen. An error goes to failed, if given, and does not end
// the watch.
func Watch(ctx context.Context, nodeNetns string, every time.Duration, changed func(*Node), failed func(error)) {
	if failed == nil {
		failed = func(error) {}
	}
	updates := make(chan netlink.LinkUpdate, 64)
	links := updates
	done := make(chan struct{})
	if err := subscribe(nodeNetns, updates, done, failed); err != nil {
		failed(err) // the ticker still finds changes
		links = nil
	} else {
		defer func() {
			close(done)
			for range updates { // the library closes it
			}
		}()
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	var last *Node
	for {
		node, err := Discover(nodeNetns)
		switch {
		case err != nil:
			failed(err)
		case last == nil || !reflect.DeepEqual(node, last):
			last = node
			changed(node)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case _, open := <-links:
			if !open {
				links = nil
				continue
			}
			if !calm(ctx, links) {
				return
			}
		}
	}
}

// calm waits until links have not changed for a moment; false: ctx is done.
func calm(ctx context.Context, links <-chan netlink.LinkUpdate) bool {
	timer := time.NewTimer(settle)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-timer.C:
			return true
		case _, open := <-links:
			if !open {
				return true
			}
		}
	}
}

func subscribe(nodeNetns string, links chan netlink.LinkUpdate, done chan struct{}, failed func(error)) error {
	ns, err := netns.GetFromPath(pathOf(nodeNetns))
	if err != nil {
		return err
	}
	defer ns.Close()
	return netlink.LinkSubscribeWithOptions(links, done, netlink.LinkSubscribeOptions{Namespace: &ns, ErrorCallback: func(err error) {
		select {
		case <-done: // the socket was closed by us
		default:
			failed(err)
		}
	}})
}
