package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A release is a release of Debian, for its kernel.
type release struct {
	suite    string
	linux    string
	security bool // it has a suite of security updates
}

// releases are the kernels of the matrix, oldest first. The last one is the newest that Debian builds.
var releases = []release{
	{"bullseye", "5.10", true},
	{"bookworm", "6.1", true},
	{"trixie", "6.12", true},
	{"sid", "newest", false},
}

// A kernel is an unpacked kernel of Debian.
type kernel struct {
	image   string // vmlinuz
	modules string // the directory of its modules
}

// fetch gets a release's kernel from Debian, as apt verifies it, once for each version.
func (r release) fetch(ctx context.Context, dir string) (kernel, error) {
	a, err := newApt(dir, r.sources())
	if err != nil {
		return kernel{}, err
	}
	if err := a.run(ctx, "apt-get", "update", "-qq"); err != nil {
		return kernel{}, err
	}
	packages, err := a.kernel(ctx)
	if err != nil {
		return kernel{}, err
	}
	tree := filepath.Join(dir, packages[0]) // its name has the version
	if _, err := os.Stat(tree); errors.Is(err, fs.ErrNotExist) {
		if err := a.unpack(ctx, packages, tree); err != nil {
			return kernel{}, err
		}
	}
	return find(tree)
}

// sources are the release's lines for apt, signed by Debian's keys.
func (r release) sources() string {
	const line = "deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/"
	list := line + "debian " + r.suite + " main\n"
	if r.security {
		list += line + "debian-security " + r.suite + "-security main\n"
	}
	return list
}

// find finds the kernel among unpacked files: where it lies depends on the release.
func find(tree string) (k kernel, err error) {
	err = filepath.WalkDir(tree, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(d.Name(), "vmlinuz") && d.Type().IsRegular():
			k.image = path
		case d.IsDir() && filepath.Base(filepath.Dir(path)) == "modules" && strings.Contains(path, "/lib/modules/"):
			k.modules = path
		}
		return nil
	})
	if err == nil && (k.image == "" || k.modules == "") {
		err = fmt.Errorf("%s has no kernel or no modules: remove it, then again", tree)
	}
	return k, err
}

// unpack downloads packages and unpacks them into a directory, which is there only when all is in it.
func (a *apt) unpack(ctx context.Context, packages []string, tree string) error {
	if err := a.run(ctx, "apt-get", append([]string{"download", "-q"}, packages...)...); err != nil {
		return err
	}
	part := tree + ".part"
	if err := os.RemoveAll(part); err != nil {
		return err
	}
	for _, name := range packages {
		files, err := filepath.Glob(filepath.Join(a.dir, name+"_*.deb"))
		if err != nil || len(files) != 1 {
			return fmt.Errorf("package %s: downloaded %v, want one file", name, files)
		}
		if out, err := exec.CommandContext(ctx, "dpkg-deb", "-x", files[0], part).CombinedOutput(); err != nil {
			return fmt.Errorf("unpack %s: %w: %s", files[0], err, out)
		}
		if err := os.Remove(files[0]); err != nil {
			return err
		}
	}
	return os.Rename(part, tree)
}
