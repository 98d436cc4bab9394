package kube

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/throughline-io/throughline/pkg/span"
)

// memory is a directory as a file has it, so that a server that was started again knows who had which address, also of those who went
// meanwhile. Times are Unix nanoseconds.
type memory struct {
	At     int64        `json:"at"` // until when all was seen
	Owners []remembered `json:"owners"`
}

// remembered is an owner and its tenancies.
type remembered struct {
	Entity    span.Entity `json:"entity"`
	UID       string      `json:"uid"`
	Namespace string      `json:"namespace,omitempty"`
	Name      string      `json:"name,omitempty"`
	Created   int64       `json:"created,omitempty"`
	Gone      int64       `json:"gone,omitempty"`
	Asked     int64       `json:"asked,omitempty"`    // of a pod: life.asked
	Finished  int64       `json:"finished,omitempty"` // and life.finished
	Tenancies []held      `json:"tenancies,omitempty"`
}

// held is a tenancy of an address, or of a port of all nodes.
type held struct {
	Addr      netip.Addr `json:"addr,omitzero"`
	Port      uint16     `json:"port,omitempty"`
	Transport uint8      `json:"transport,omitempty"`
	May       [2]int64   `json:"may"` // from, until
	Sure      [2]int64   `json:"sure"`
}

func heldAs(t *tenancy) held {
	return held{May: [2]int64{t.may.from, t.may.until}, Sure: [2]int64{t.sure.from, t.sure.until}}
}

func (h *held) tenancy(o *owner) tenancy {
	return tenancy{owner: o, may: interval{h.May[0], h.May[1]}, sure: interval{h.Sure[0], h.Sure[1]}}.ordered()
}

// readMemory reads a file; there is none before the first start.
func readMemory(file string) (m memory, err error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return m, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return m, fmt.Errorf("%s: %w", file, err)
	}
	if err := json.NewDecoder(z).Decode(&m); err != nil {
		return memory{}, fmt.Errorf("%s: %w", file, err)
	}
	return m, nil
}

// write replaces a file as a whole.
func (m *memory) write(file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	next := file + ".new"
	f, err := os.OpenFile(next, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	z, _ := gzip.NewWriterLevel(f, gzip.BestSpeed)
	err = errors.Join(json.NewEncoder(z).Encode(m), z.Close(), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(next, file)
	}
	return err
}
