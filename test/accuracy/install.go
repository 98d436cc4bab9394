package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// apt makes sure that a program is there, by the Debian packages it comes with. Services do not start.
func apt(ctx context.Context, program string, packages ...string) error {
	if _, err := exec.LookPath(program); err == nil {
		return nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("%s is missing: install it first (Debian's packages: %s)", program, strings.Join(packages, " "))
	}
	fmt.Fprintln(os.Stderr, "installing", strings.Join(packages, " "))
	const policy = "/usr/sbin/policy-rc.d"
	f, err := os.OpenFile(policy, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err == nil {
		defer os.Remove(policy)
		_, err = f.WriteString("#!/bin/sh\nexit 101\n")
		err = errors.Join(err, f.Close())
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	install := func() error {
		// Not by the context, nor by Ctrl-C: a dpkg that is killed leaves packages half installed.
		cmd := exec.Command("apt-get", append([]string{"install", "-y", "-qq", "--no-install-recommends"}, packages...)...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		return quietly(ctx, cmd)
	}
	if install() == nil {
		return nil
	}
	if err := quietly(ctx, exec.CommandContext(ctx, "apt-get", "update", "-qq")); err != nil { // an old list of packages
		return err
	}
	return install()
}

// quietly runs a command; what it says is in the error.
func quietly(ctx context.Context, cmd *exec.Cmd) error {
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), errors.Join(err, ctx.Err()), out[max(0, len(out)-4000):])
	}
	return nil
}

// kept makes a directory of installed things, which is kept in the user's cache as long as what it is made
// of stays the same.
func (b *bed) kept(kind string, of []string, install func(dir string) error) (string, error) {
	sum := sha256.Sum256([]byte(strings.Join(of, "\n")))
	name := kind + "-" + hex.EncodeToString(sum[:6])
	return b.once(name, func() (string, error) {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		dir := filepath.Join(cache, "throughline", "accuracy", name)
		ready := filepath.Join(dir, ".ready")
		if _, err := os.Stat(ready); err == nil {
			return dir, nil
		}
		fmt.Fprintln(os.Stderr, "installing what cases need of", kind)
		if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
			return "", err
		}
		if err := install(dir); err != nil {
			return "", err
		}
		return dir, os.WriteFile(ready, nil, 0o644)
	})
}

// once does something the first time only.
func (b *bed) once(key string, make func() (string, error)) (string, error) {
	if made, ok := b.installed[key]; ok {
		return made, nil
	}
	made, err := make()
	if err == nil {
		b.installed[key] = made
	}
	return made, err
}
