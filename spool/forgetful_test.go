package spool

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// forgetfulDisk remembers every operation, so that the folder can be made as a disk may have
// it when the power goes after any of them: what was synced is there, of the rest any part.
type forgetfulDisk struct {
	osDisk
	mu  sync.Mutex
	ops []op
	// fail gives an operation's failure; nil: none.
	fail func(op) error
}

type op struct {
	kind   string // create, write, truncate, sync, rename, remove, syncDir
	path   string
	to     string // of rename
	data   []byte
	offset int64 // of write; the size of truncate
	failed bool
}

func (d *forgetfulDisk) did(o op) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var err error
	if d.fail != nil {
		err = d.fail(o)
	}
	if o.failed = err != nil; o.failed && o.kind != "sync" && o.kind != "write" {
		return err // nothing happened
	}
	d.ops = append(d.ops, o)
	return err
}

func (d *forgetfulDisk) now() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.ops)
}

func (d *forgetfulDisk) create(path string) (file, error) {
	if err := d.did(op{kind: "create", path: path}); err != nil {
		return nil, err
	}
	f, err := openFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY)
	return forgetfulFile{f, d, path}, err
}

func (d *forgetfulDisk) rename(from, to string) error {
	if err := d.did(op{kind: "rename", path: from, to: to}); err != nil {
		return err
	}
	return os.Rename(from, to)
}

func (d *forgetfulDisk) remove(path string) error {
	if err := d.did(op{kind: "remove", path: path}); err != nil {
		return err
	}
	return os.Remove(path)
}

func (d *forgetfulDisk) syncDir(path string) error { return d.did(op{kind: "syncDir", path: path}) }

type forgetfulFile struct {
	file
	disk *forgetfulDisk
	path string
}

func (f forgetfulFile) WriteAt(b []byte, offset int64) (int, error) {
	err := f.disk.did(op{kind: "write", path: f.path, data: slices.Clone(b), offset: offset})
	if err != nil { // a part of it is written
		n, _ := f.file.WriteAt(b[:len(b)/2], offset)
		return n, err
	}
	return f.file.WriteAt(b, offset)
}

func (f forgetfulFile) Truncate(size int64) error {
	if err := f.disk.did(op{kind: "truncate", path: f.path, offset: size}); err != nil {
		return err
	}
	return f.file.Truncate(size)
}

func (f forgetfulFile) sync() error { return f.disk.did(op{kind: "sync", path: f.path}) }

// inode is a file's bytes: the synced ones and what happened since.
type inode struct {
	synced []byte
	since  []op
	// dropped were unsynced when a sync failed: no later one makes them durable.
	dropped []op
}

// crash makes in dir what a disk may have after the first n operations. luck is the chance of
// each sector and name that was not synced to be there.
func (d *forgetfulDisk) crash(t *testing.T, from, dir string, n int, luck float64, r *rand.Rand) {
	t.Helper()
	now, durable := map[string]*inode{}, map[string]*inode{} // by path
	for _, o := range d.ops[:n] {
		switch f := now[o.path]; o.kind {
		case "create":
			now[o.path] = &inode{}
		case "rename":
			now[o.to] = f
			delete(now, o.path)
		case "remove":
			delete(now, o.path)
		case "write", "truncate":
			f.since = append(f.since, o)
		case "sync":
			if o.failed {
				f.dropped = append(f.dropped, f.since...)
			} else {
				for _, o := range f.since {
					f.synced = o.apply(f.synced, 1, r)
				}
			}
			f.since = nil
		case "syncDir":
			maps.DeleteFunc(durable, func(path string, _ *inode) bool { return filepath.Dir(path) == o.path })
			for path, f := range now {
				if filepath.Dir(path) == o.path {
					durable[path] = f
				}
			}
		}
	}
	paths := map[string]bool{}
	for _, m := range []map[string]*inode{now, durable} {
		for path := range m {
			paths[path] = true
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "aside"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		f := durable[path]
		if r.Float64() < luck {
			f = now[path]
		}
		if f == nil {
			continue
		}
		content := slices.Clone(f.synced)
		for _, o := range append(slices.Clone(f.dropped), f.since...) {
			content = o.apply(content, luck, r)
		}
		rel, err := filepath.Rel(from, path)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, rel), content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// apply does a write or a truncate to content, each sector by luck.
func (o op) apply(content []byte, luck float64, r *rand.Rand) []byte {
	if o.kind == "truncate" {
		if r.Float64() < luck && int64(len(content)) > o.offset {
			return content[:o.offset]
		}
		return content
	}
	data := o.data
	if o.failed {
		data = data[:len(data)/2]
	}
	const sector = 512
	for at := 0; at < len(data); {
		end := min(len(data), at+sector-int(o.offset+int64(at))%sector)
		if r.Float64() < luck {
			if grow := int(o.offset) + end - len(content); grow > 0 {
				content = append(content, make([]byte, grow)...)
			}
			copy(content[int(o.offset)+at:], data[at:end])
		}
		at = end
	}
	return content
}
