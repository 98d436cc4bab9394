package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// system is a copy of this one, on which what is changed is gone with its namespace.
type system struct{ root, changed string }

func newSystem(dir string) (*system, error) {
	mount := func(source, target, kind string, flags uintptr, data string) error {
		if err := os.MkdirAll(target, 0o755); err != nil {
			return err
		}
		if err := syscall.Mount(source, target, kind, flags, data); err != nil {
			return fmt.Errorf("mount %s: %w", target, err)
		}
		return nil
	}
	s := &system{root: filepath.Join(dir, "all", "root"), changed: filepath.Join(dir, "all", "changed")}
	work := filepath.Join(dir, "all", "work")
	if err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return nil, err
	}
	if err := mount("tmpfs", filepath.Join(dir, "all"), "tmpfs", 0, ""); err != nil {
		return nil, err
	}
	for _, d := range []string{s.changed, work} {
		if err := os.Mkdir(d, 0o755); err != nil {
			return nil, err
		}
	}
	if err := mount("overlay", s.root, "overlay", 0, "lowerdir=/,upperdir="+s.changed+",workdir="+work); err != nil {
		return nil, err
	}
	for _, m := range []struct {
		source, target, kind string
		flags                uintptr
	}{
		{"proc", "proc", "proc", 0}, {"/sys", "sys", "", syscall.MS_BIND | syscall.MS_REC}, {"/dev", "dev", "", syscall.MS_BIND | syscall.MS_REC}, {"tmpfs", "run", "tmpfs", 0},
	} {
		if err := mount(m.source, filepath.Join(s.root, m.target), m.kind, m.flags, ""); err != nil {
			return nil, err
		}
	}
	return s, exec.Command("ip", "link", "set", "lo", "up").Run()
}

// command is one that runs there.
func (s *system) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Path, cmd.Err = name, nil
	cmd.Dir, cmd.Env = "/", []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: s.root}
	return cmd
}

func (s *system) run(name string, args ...string) (string, error) {
	out, err := s.command(name, args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// install installs a package file as an administrator does.
func (s *system) install(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.root, "run", "throughline.deb"), text, 0o644); err != nil {
		return err
	}
	_, err = s.run("/usr/bin/dpkg", "--force-confold", "--install", "/run/throughline.deb")
	return err
}

// settings are those of the programs, and where they keep what is to stay.
const (
	agentSettings  = "/etc/throughline/agent.env"
	serverSettings = "/etc/throughline/server.env"
	agentState     = "/var/lib/throughline-agent"
	serverState    = "/var/lib/throughline"
)

// upgrade installs another version, and compares settings that were changed.
func (s *system) upgrade(file, version string) error {
	before, err := os.ReadFile(filepath.Join(s.root, agentSettings))
	if err != nil {
		return err
	}
	if err := s.install(file); err != nil {
		return err
	}
	if out, err := s.run("/usr/bin/dpkg-query", "--showformat=${Version} ${Status}", "--show", "throughline"); err != nil || out != version+" install ok installed" {
		return fmt.Errorf("installed is %q, want version %s: %w", out, version, err)
	}
	after, err := os.ReadFile(filepath.Join(s.root, agentSettings))
	if err == nil && !bytes.Equal(before, after) {
		err = fmt.Errorf("the settings were\n%s, and are\n%s", before, after)
	}
	return err
}

// remove removes the package.
func (s *system) remove() error {
	if _, err := s.run("/usr/bin/dpkg", "--remove", "throughline"); err != nil {
		return err
	}
	for _, stays := range []string{agentSettings, serverSettings, agentState, serverState} {
		if _, err := os.Stat(filepath.Join(s.root, stays)); err != nil {
			return err
		}
	}
	for _, goes := range []string{"/usr/bin/throughline", "/usr/lib/systemd/system/throughline-agent.service"} {
		if _, err := os.Stat(filepath.Join(s.root, goes)); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is still there", goes)
		}
	}
	return nil
}

// purge purges it, and compares what differs from this system with what did before it was installed.
func (s *system) purge(was []string) error {
	if _, err := s.run("/usr/bin/dpkg", "--purge", "throughline"); err != nil {
		return err
	}
	now, err := s.changes()
	if err != nil {
		return err
	}
	for _, name := range now {
		if !slices.Contains(was, name) {
			err = errors.Join(err, fmt.Errorf("%s is left", name))
		}
	}
	return err
}

// ofDpkg are what dpkg notes of all it does.
var ofDpkg = []string{"/var/lib/dpkg/", "/var/log/dpkg.log", "/var/cache/"}

// changes are the files in which the copy differs from this system, but for dpkg's own.
func (s *system) changes() (names []string, err error) {
	err = filepath.WalkDir(s.changed, func(file string, d fs.DirEntry, err error) error {
		name := strings.TrimPrefix(file, s.changed)
		ours := !slices.ContainsFunc(ofDpkg, func(p string) bool { return strings.HasPrefix(name, p) })
		if err == nil && ours && name != "" {
			if _, below := os.Lstat(name); d.IsDir() && below == nil {
				return nil // it was there, and something in it was changed
			}
			if d.Type()&fs.ModeCharDevice != 0 {
				if _, below := os.Lstat(name); below == nil || errors.Is(below, fs.ErrNotExist) {
					return nil // it was made here, and is gone
				}
			}
			names = append(names, name)
		}
		return err
	})
	return names, err
}
