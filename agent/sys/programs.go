package sys

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"github.com/cilium/ebpf/rlimit"
)

// programs are the loaded and attached BPF programs and their maps.
type programs struct {
	build   build
	refused error // what the kernel said to better builds, nil if there are none
	coll    *ebpf.Collection
	changes struct {
		sync.Mutex
		count uint64
	}
	links []link.Link // a link that nobody holds is closed by the garbage collector
}

// tracedCalls are the system calls whose exits the tracepoint variant hooks; the entries
// are named by their programs.
var tracedCalls = []string{
	"read", "recvfrom", "readv", "recvmsg", "recvmmsg",
	"write", "sendto", "writev", "sendmsg", "sendmmsg", "sendfile64",
}

func loadBuild(b build, o options) (*programs, error) {
	if err := rlimit.RemoveMemlock(); err != nil { // before Linux 5.11 maps count against it
		return nil, fmt.Errorf("lift RLIMIT_MEMLOCK: %w", err)
	}
	s, err := spec(b, o)
	if err != nil {
		return nil, err
	}
	coll, err := ebpf.NewCollection(s)
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	p := &programs{build: b, coll: coll}
	attach := func() error { return p.attach(s) }
	if b.variant == Tracepoint {
		err = withTracefs(attach)
	} else {
		err = attach()
	}
	if err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// attach attaches exits before entries: of no call that entered is the exit not seen.
func (p *programs) attach(s *ebpf.CollectionSpec) error {
	for _, wantExit := range []bool{true, false} {
		for _, name := range slices.Sorted(maps.Keys(p.coll.Programs)) { // a spare behind its first
			if strings.Contains(name, "exit") != wantExit {
				continue
			}
			program := p.coll.Programs[name]
			section := s.Programs[name].SectionName
			if err := p.attachOne(section, program); err != nil {
				return fmt.Errorf("attach to %s: %w", section, err)
			}
		}
	}
	return nil
}

func (p *programs) attachOne(section string, program *ebpf.Program) error {
	keep := func(l link.Link, err error) error {
		if err == nil {
			p.links = append(p.links, l)
		}
		return err
	}
	for _, target := range targets(section) {
		kind, name, _ := strings.Cut(target, "/")
		if kind == "tp_btf" {
			if err := keep(link.AttachTracing(link.TracingOptions{Program: program})); err != nil {
				return err
			}
			continue
		}
		group, name, _ := strings.Cut(name, "/")
		if err := keep(link.Tracepoint(group, name, program, nil)); err != nil {
			return err
		}
	}
	return nil
}

// changed says that namespaces or processes have changed: what the programs have kept of them is not true any more.
func (p *programs) changed() {
	p.changes.Lock()
	defer p.changes.Unlock()
	p.changes.count++
	_ = p.coll.Variables["changed_by_user"].Set(p.changes.count) // mapped memory: nothing to go wrong
}

// Detach ends the calls of the programs. The kernel waits for each link's last call, so
// they wait together.
func (p *programs) Detach() {
	var wg sync.WaitGroup
	for _, l := range p.links {
		wg.Go(func() { l.Close() })
	}
	wg.Wait()
	p.links = nil
}

// Close detaches and unloads.
func (p *programs) Close() {
	p.Detach()
	p.coll.Close()
}
