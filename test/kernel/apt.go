package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
)

// apt is Debian's package manager with a state of its own, so that it knows another release than the
// machine's and installs nothing. It checks what it downloads against Debian's signatures.
type apt struct{ dir string }

func newApt(dir, sources string) (*apt, error) {
	a := &apt{dir}
	for _, sub := range []string{"lists/partial", "archives/partial"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return nil, err
		}
	}
	for name, text := range map[string]string{"sources.list": sources, "status": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (a *apt) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	options := []string{
		"-o", "Dir::State=" + a.dir, "-o", "Dir::State::status=" + a.dir + "/status", "-o", "Dir::Cache=" + a.dir,
		"-o", "Dir::Etc::sourcelist=" + a.dir + "/sources.list", "-o", "Dir::Etc::sourceparts=/dev/null", "-o", "Dir::Etc::preferencesparts=/dev/null",
		"-o", "APT::Architecture=amd64", "-o", "APT::Architectures=amd64", "-o", "Acquire::Languages=none",
		"-o", "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
		// The user that apt otherwise downloads as may not write into a user's cache.
		"-o", "APT::Sandbox::User=root",
	}
	cmd := exec.CommandContext(ctx, name, append(options, args...)...)
	cmd.Dir, cmd.Stderr = a.dir, os.Stderr
	return cmd
}

func (a *apt) run(ctx context.Context, name string, args ...string) error {
	cmd := a.command(ctx, name, args...)
	cmd.Stdout = os.Stdout
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %v: %w", name, args, err)
	}
	return nil
}

// part is a package that holds a part of one version of a kernel.
var part = regexp.MustCompile(`(?m)^(?:  Depends: )?(linux-(?:image|binary|modules)-[0-9]\S*)`)

// kernel names the packages of the release's kernel. The cloud flavour has what any machine has but
// drivers of hardware.
func (a *apt) kernel(ctx context.Context) ([]string, error) {
	out, err := a.command(ctx, "apt-cache", "depends", "--recurse", "--important", "linux-image-cloud-amd64").Output()
	if err != nil {
		return nil, fmt.Errorf("apt-cache depends linux-image-cloud-amd64: %w", err)
	}
	var names []string
	for _, m := range part.FindAllSubmatch(out, -1) {
		if name := string(m[1]); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if names == nil {
		return nil, fmt.Errorf("the release has no package linux-image-cloud-amd64:\n%s", out)
	}
	return names, nil
}
