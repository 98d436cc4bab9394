package tag

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/throughline-io/throughline/pkg/span"
)

// maxFile bounds the entity file: 16 MiB hold about 100,000 entities.
const maxFile = 16 << 20

// File is a Source that reads a YAML file, for machines without Kubernetes:
//
//	entities:
//	  - {ip: 10.244.1.10, pod: web-shop, service: web-shop, workload: web-shop,
//	     workload_kind: Deployment, namespace: webshop, node: node0}
//	  - {ip: 192.168.1.10, node: node0}        # no pod: the node itself
//
// Reload reads it again; a file that has become unreadable leaves the last good one in force.
type File struct {
	path string

	reload sync.Mutex // held while reading, so that versions follow the file's contents
	seen   os.FileInfo
	table  atomic.Pointer[table]
	failed atomic.Pointer[string] // why the last Reload failed; nil: it did not
}

type table struct {
	version  uint64
	entities map[netip.Addr]span.Entity
	pods     map[podName]span.Entity
}

// podName is a pod's namespace and name.
type podName struct{ namespace, name string }

// podsOf are the pods among entities, but those whose names are not their own.
func podsOf(entities map[netip.Addr]span.Entity) map[podName]span.Entity {
	pods := map[podName]span.Entity{}
	var twice []podName
	for _, e := range entities {
		if e.Pod == "" {
			continue
		}
		name := podName{e.Namespace, e.Pod}
		if other, ok := pods[name]; ok && other.ID != e.ID {
			twice = append(twice, name)
		}
		pods[name] = e
	}
	for _, name := range twice {
		delete(pods, name)
	}
	return pods
}

// OpenFile reads the file, which must be there and be right.
func OpenFile(path string) (*File, error) {
	f := &File{path: path}
	if _, err := f.Reload(); err != nil {
		return nil, err
	}
	return f, nil
}

// Scope is the same for all nodes.
func (f *File) Scope(string) Scope { return 0 }

// Lookup is the entity the file gives the address.
func (f *File) Lookup(q Question) Answer {
	e, ok := f.table.Load().entities[q.Addr.Unmap().WithZone("")]
	return Always(e, ok)
}

// Pod is the entity of the pod with that name.
func (f *File) Pod(name PodName) (span.Entity, bool) {
	e, ok := f.table.Load().pods[podName{name.Namespace, name.Name}]
	return e, ok
}

// Version counts the reloads that succeeded.
func (f *File) Version() uint64 { return f.table.Load().version }

// Len is the number of addresses known.
func (f *File) Len() int { return len(f.table.Load().entities) }

// Err is why the file as it is now could not be taken, nil where it was.
func (f *File) Err() error {
	if why := f.failed.Load(); why != nil {
		return errors.New(*why)
	}
	return nil
}

// Reload reads the file again and reports the number of addresses. On an error the last
// good contents stay in force.
func (f *File) Reload() (addresses int, err error) {
	f.reload.Lock()
	defer f.reload.Unlock()
	defer func() {
		f.failed.Store(nil)
		if err != nil {
			why := err.Error()
			f.failed.Store(&why)
		}
	}()
	r, err := os.Open(f.path)
	if err != nil {
		return 0, fmt.Errorf("entity file: %w", err)
	}
	defer r.Close()
	if f.seen, err = r.Stat(); err != nil {
		return 0, fmt.Errorf("entity file: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return 0, fmt.Errorf("entity file %s: %w", f.path, err)
	}
	if len(data) > maxFile {
		return 0, fmt.Errorf("entity file %s is larger than %d MiB", f.path, maxFile>>20)
	}
	entities, err := Parse(data)
	if err != nil {
		return 0, fmt.Errorf("entity file %s: %w", f.path, err)
	}
	next := &table{version: 1, entities: entities, pods: podsOf(entities)}
	if old := f.table.Load(); old != nil {
		next.version = old.version + 1
	}
	f.table.Store(next)
	return len(entities), nil
}

// Watch reloads the file whenever its time or size has changed, until ctx ends.
func (f *File) Watch(ctx context.Context, every time.Duration, log *slog.Logger) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if !f.changed() {
			continue
		}
		if n, err := f.Reload(); err != nil {
			log.Error("the entity file is not taken, the last good one stays in force", "error", err)
		} else {
			log.Info("entity file read again", "addresses", n)
		}
	}
}

// changed reports whether the file is another one than the last that was read, good or bad.
func (f *File) changed() bool {
	f.reload.Lock()
	defer f.reload.Unlock()
	now, err := os.Stat(f.path)
	if err != nil {
		return f.Err() == nil // report it once
	}
	return f.seen == nil || !now.ModTime().Equal(f.seen.ModTime()) || now.Size() != f.seen.Size() || !os.SameFile(now, f.seen)
}

// entry is one entity as the file spells it.
type entry struct {
	IP           string            `yaml:"ip"`
	IPs          []string          `yaml:"ips"` // further addresses, such as IPv6
	Type         string            `yaml:"type"`
	Service      string            `yaml:"service"`
	Pod          string            `yaml:"pod"`
	Workload     string            `yaml:"workload"`
	WorkloadKind string            `yaml:"workload_kind"`
	Namespace    string            `yaml:"namespace"`
	Node         string            `yaml:"node"`
	Cluster      string            `yaml:"cluster"`
	Process      string            `yaml:"process"`
	Labels       map[string]string `yaml:"labels"`
}

// Parse reads the text of an entity file.
func Parse(data []byte) (map[netip.Addr]span.Entity, error) {
	var doc struct {
		Entities []entry `yaml:"entities"`
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return nil, err // yaml.v3 names the line
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one YAML document; want one, with the list `entities`")
	}
	out := make(map[netip.Addr]span.Entity, len(doc.Entities))
	for i, en := range doc.Entities {
		e, addrs, err := en.entity()
		if err != nil {
			return nil, fmt.Errorf("entity %d: %w", i+1, err)
		}
		for _, a := range addrs {
			if other, taken := out[a]; taken {
				return nil, fmt.Errorf("entity %d: address %s is already that of %s", i+1, a, describe(&other))
			}
			out[a] = e
		}
	}
	return out, nil
}

func (en *entry) entity() (span.Entity, []netip.Addr, error) {
	var addrs []netip.Addr
	for _, s := range append([]string{en.IP}, en.IPs...) {
		if s == "" {
			continue
		}
		a, err := netip.ParseAddr(s)
		if err != nil {
			return span.Entity{}, nil, fmt.Errorf("ip %q is not an address", s)
		}
		addrs = append(addrs, a.Unmap().WithZone(""))
	}
	if len(addrs) == 0 {
		return span.Entity{}, nil, errors.New("no ip")
	}
	e := span.Entity{
		Type: en.Type, Service: en.Service, Pod: en.Pod, Workload: en.Workload, WorkloadKind: en.WorkloadKind,
		Namespace: en.Namespace, Node: en.Node, Cluster: en.Cluster, Process: en.Process, Labels: en.Labels,
		IP: addrs[0].String(),
	}
	if e.Type == "" {
		switch {
		case e.Pod != "":
			e.Type = "pod"
		case e.Process != "":
			e.Type = "process"
		case e.Node != "" && e.Service == "":
			e.Type = "node"
		default:
			e.Type = span.External
		}
	}
	e.ID = span.EntityID(&e)
	return e, addrs, nil
}

// describe names an entity in messages.
func describe(e *span.Entity) string {
	for _, name := range []string{e.Pod, e.Process, e.Service, e.Node} {
		if name != "" {
			return e.Type + " " + name
		}
	}
	return e.Type
}
