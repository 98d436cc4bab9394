package agent

import (
	"crypto/rand"
	"encoding/binary"
	"sync/atomic"

	"github.com/throughline-io/throughline/pkg/span"
)

// identity gives the spans of one run of an agent what only the agent knows.
type identity struct {
	name, node string
	boot       uint64
	count      atomic.Uint64
}

func newIdentity(name, node string) *identity {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return &identity{name: name, node: node, boot: binary.LittleEndian.Uint64(b[:])}
}

// sign fills a span's id, agent and node. One that was reported before has its id.
func (i *identity) sign(s *span.Span) {
	if s.ID == 0 {
		s.ID = span.NewID(s.Start, i.boot+i.count.Add(1))
	}
	s.Agent, s.Node = i.name, i.node
}
