package sys

import (
	"fmt"

	"github.com/cilium/ebpf"

	"github.com/throughline-io/throughline/bpf"
)

// tlsPrograms are the programs of bpf/tls.bpf.c. They write into the ring of the system calls' programs, and know the
// processes and namespaces that those know.
type tlsPrograms struct {
	coll       *ebpf.Collection
	goroutines bool // those that make system calls are known
}

// shared are the maps of both.
var shared = []string{"events", "processes", "namespaces"}

// loadTLS loads the programs; nothing is attached yet. The kernel may preempt them in the middle, so that they keep nothing
// by CPU, and follow its pointers by probed reads, which are little beside what a uprobe costs.
func loadTLS(beside *programs, o options) (*tlsPrograms, error) {
	s, err := bpf.LoadTLS()
	if err != nil {
		return nil, fmt.Errorf("read the BPF object: %w", err)
	}
	for name, value := range map[string]any{
		"typed_reads": false, "task_storage": false, "user_registers": beside.build.user, "preemptible": true,
		"payload_cap": uint32(o.payload), "ring_size": uint64(o.ring), "look_again": uint64(0),
	} {
		if err := s.Variables[name].Set(value); err != nil {
			return nil, fmt.Errorf("set %s: %w", name, err)
		}
	}
	used := map[string]bool{}
	for _, program := range s.Programs {
		for _, instruction := range program.Instructions {
			used[instruction.Reference()] = true
		}
	}
	for name := range s.Maps {
		if !used[name] && name[0] != '.' {
			delete(s.Maps, name)
		}
	}
	replace := map[string]*ebpf.Map{}
	for _, name := range shared {
		replace[name] = beside.coll.Maps[name]
		s.Maps[name].MaxEntries = replace[name].MaxEntries()
	}
	coll, err := ebpf.NewCollectionWithOptions(s, ebpf.CollectionOptions{MapReplacements: replace})
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	return &tlsPrograms{coll, beside.build.user}, nil
}

// Close unloads the programs, which are attached to nothing any more.
func (p *tlsPrograms) Close() {
	if p != nil {
		p.coll.Close()
	}
}
