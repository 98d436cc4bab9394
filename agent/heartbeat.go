package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Interval is a time in which the agent saw nothing, in Unix nanoseconds.
type Interval struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// heartbeat notes on disk that the agent is alive, so that its next run can tell for how
// long nobody looked.
type heartbeat struct{ path string }

// beat is what the file holds.
type beat struct {
	Boot uint64 `json:"boot,string"`
	Last int64  `json:"last"` // Unix nanoseconds
}

func newHeartbeat(dir string) (*heartbeat, error) {
	if dir == "" {
		return nil, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	return &heartbeat{path: filepath.Join(dir, "heartbeat.json")}, nil
}

// Blind is the interval since the last beat of the run before; ok is false where there
// was none, or its clock was ahead of this one.
func (h *heartbeat) Blind(now time.Time) (i Interval, ok bool, err error) {
	if h == nil {
		return i, false, nil
	}
	data, err := os.ReadFile(h.path)
	if errors.Is(err, fs.ErrNotExist) {
		return i, false, nil
	}
	if err != nil {
		return i, false, fmt.Errorf("read when the agent was last alive: %w", err)
	}
	var last beat
	if err := json.Unmarshal(data, &last); err != nil {
		return i, false, fmt.Errorf("%s says nothing of when the agent was last alive: %w", h.path, err)
	}
	if last.Last <= 0 || last.Last >= now.UnixNano() {
		return i, false, nil
	}
	return Interval{From: last.Last, To: now.UnixNano()}, true, nil
}

// Beat notes that the agent is alive now. The file is replaced as a whole: an agent that
// is killed here leaves the old one.
func (h *heartbeat) Beat(boot uint64, now time.Time) error {
	if h == nil {
		return nil
	}
	data, err := json.Marshal(beat{Boot: boot, Last: now.UnixNano()})
	if err != nil {
		return err
	}
	next := h.path + ".next"
	if err := os.WriteFile(next, data, 0o644); err != nil {
		return fmt.Errorf("note that the agent is alive: %w", err)
	}
	if err := os.Rename(next, h.path); err != nil {
		return fmt.Errorf("note that the agent is alive: %w", err)
	}
	return nil
}
