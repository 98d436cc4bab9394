package main

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A module is a kernel module, unpacked.
type module struct {
	name    string
	content *bytes.Reader
}

// load lists the modules that must be loaded for one, itself last. A module that the kernel has built
// in is not among them.
func (k kernel) load(name string) ([]module, error) {
	var list []module
	seen := map[string]bool{}
	var add func(name string) error
	add = func(name string) error {
		if seen[name] {
			return nil
		}
		seen[name] = true
		content, err := k.module(name)
		if err != nil || content == nil {
			return err
		}
		needs, err := dependencies(content)
		if err != nil {
			return fmt.Errorf("module %s: %w", name, err)
		}
		for _, n := range needs {
			if err := add(n); err != nil {
				return err
			}
		}
		list = append(list, module{name, bytes.NewReader(content)})
		return nil
	}
	return list, add(name)
}

// module is a module's content; nil: there is none of that name.
func (k kernel) module(name string) (content []byte, err error) {
	err = filepath.WalkDir(k.modules, func(path string, d fs.DirEntry, err error) error {
		file, compressed := strings.CutSuffix(d.Name(), ".xz")
		switch {
		case err != nil:
			return err
		case strings.ReplaceAll(file, "-", "_") != name+".ko":
			return nil
		case compressed:
			content, err = exec.Command("xz", "-dc", path).Output()
		default:
			content, err = os.ReadFile(path)
		}
		if err != nil {
			return fmt.Errorf("module %s: %w", path, err)
		}
		return fs.SkipAll
	})
	return content, err
}

// dependencies are the modules that a module says it needs.
func dependencies(content []byte) ([]string, error) {
	f, err := elf.NewFile(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	section := f.Section(".modinfo")
	if section == nil {
		return nil, fmt.Errorf("it has no section .modinfo")
	}
	info, err := section.Data()
	if err != nil {
		return nil, err
	}
	for _, line := range strings.Split(string(info), "\x00") {
		if list, ok := strings.CutPrefix(line, "depends="); ok && list != "" {
			return strings.Split(strings.ReplaceAll(list, "-", "_"), ","), nil
		}
	}
	return nil, nil
}
