package sys

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/throughline-io/throughline/pkg/span"
)

const namespaceVariable = "THROUGHLINE_SYS_TEST_NAMESPACE"

// observer is an agent in a container: it captures a network namespace from a PID namespace of its
// own, with a /proc of that. When its input ends it says what it saw.
func observer(in *bufio.Reader, out *json.Encoder) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("keep mounts to this process: %w", err)
	}
	if err := unix.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	inode, err := strconv.ParseUint(os.Getenv(namespaceVariable), 10, 32)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var spans []span.Span
	c, err := Start(context.Background(), Config{Namespaces: []uint32{uint32(inode)}, OwnPIDs: true, Sink: func(s *span.Span) {
		mu.Lock()
		defer mu.Unlock()
		spans = append(spans, *s)
	}})
	if err != nil {
		return err
	}
	if err := out.Encode(os.Getpid()); err != nil {
		return err
	}
	if _, err := in.ReadByte(); err != nil {
		return err
	}
	if err := c.Close(); err != nil {
		return err
	}
	return out.Encode(spans)
}
