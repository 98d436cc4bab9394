package sys

import (
	"bufio"
	"encoding/json"
	"io"

	"golang.org/x/sys/unix"
)

// localNoise moves bytes of no protocol over AF_UNIX sockets of all kinds, as many times as it is told, and says how
// many calls it made on the stream with a name.
func localNoise(in *bufio.Reader, out *json.Encoder) error {
	var path string
	told := json.NewDecoder(in)
	if err := told.Decode(&path); err != nil {
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
	buffer := make([]byte, 64)
	for {
		var times int
		if err := told.Decode(&times); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		for range times {
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
		}
		if err := out.Encode(2 * times); err != nil {
			return err
		}
	}
}
