package sys

import (
	"bufio"
	"encoding/json"
	"time"

	"golang.org/x/sys/unix"
)

// localNoise moves bytes of no protocol over AF_UNIX sockets of all kinds, for a while, and says how many calls it
// made.
func localNoise(in *bufio.Reader, out *json.Encoder) error {
	var path string
	if err := decodeLine(in, &path); err != nil {
		return err
	}
	client, server, err := streamTo(path)
	if err != nil {
		return err
	}
	ends := [][2]int{}
	for _, kind := range []int{unix.SOCK_STREAM, unix.SOCK_DGRAM, unix.SOCK_SEQPACKET} {
		pair, err := unix.Socketpair(unix.AF_UNIX, kind, 0)
		if err != nil {
			return err
		}
		ends = append(ends, pair)
	}
	calls := 0
	buffer := make([]byte, 64)
	for end := time.Now().Add(time.Second); time.Now().Before(end); {
		if _, err := client.Write(buffer); err != nil {
			return err
		}
		if _, err := server.Read(buffer); err != nil {
			return err
		}
		for _, pair := range ends {
			if _, err := unix.Write(pair[0], buffer); err != nil {
				return err
			}
			if _, err := unix.Read(pair[1], buffer); err != nil {
				return err
			}
		}
		calls += 2 + 2*len(ends)
		time.Sleep(100 * time.Microsecond)
	}
	return out.Encode(calls)
}
