// Package sessiontest reads conversations from files: what two sides of a connection said, call by call, as
// agent/session/testdata/wire keeps them for tests and for the bench.
package sessiontest

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/throughline-io/throughline/agent/session"
)

// Said is one call or packet of a conversation. Its segment has neither sequence number nor time.
type Said struct {
	Client  bool // it says so, else the server
	Segment session.Segment
}

// Conversation is one of a file.
type Conversation struct {
	Said []Said
	Want []string // its sessions, in the order of their requests
}

// Read reads a conversation: lines C (client) and S (server) are one call or packet each, with a quoted string, "+N"
// bytes behind it were not captured; lines "want" are its sessions; # begins a remark.
func Read(text string) (c Conversation, err error) {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if w, ok := strings.CutPrefix(line, "want "); ok {
			c.Want = append(c.Want, w)
			continue
		}
		if line == "" || line[0] == '#' {
			continue
		}
		if len(line) < 2 || line[0] != 'C' && line[0] != 'S' {
			return c, fmt.Errorf("%.80s: want a line that begins with C or S", line)
		}
		s := Said{Client: line[0] == 'C'}
		if s.Segment, err = segment(line[2:]); err != nil {
			return c, err
		}
		c.Said = append(c.Said, s)
	}
	return c, nil
}

// segment reads what follows a line's first letter: "bytes" [+N].
func segment(line string) (s session.Segment, err error) {
	quoted, err := strconv.QuotedPrefix(line)
	if err != nil {
		return s, fmt.Errorf("%.80s: %w", line, err)
	}
	text, err := strconv.Unquote(quoted)
	if err != nil {
		return s, fmt.Errorf("%.80s: %w", line, err)
	}
	s.Data = []byte(text)
	s.Len = len(s.Data)
	if more, ok := strings.CutPrefix(strings.TrimSpace(line[len(quoted):]), "+"); ok {
		n, err := strconv.Atoi(more)
		if err != nil {
			return s, fmt.Errorf("%.80s: %w", line, err)
		}
		s.Len += n
	}
	return s, nil
}
