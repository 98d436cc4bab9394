package net

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/throughline-io/throughline/agent/topology"
)

// Try opens and closes a packet socket, as a capture would at each interface of the node whose network
// namespace is at netns.
func Try(netns string) error {
	return topology.Inside(netns, func() error {
		fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("open packet socket (needs CAP_NET_RAW): %w", err)
		}
		return unix.Close(fd)
	})
}
