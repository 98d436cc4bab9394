//go:build mage

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/magefile/mage/mg"
	"github.com/magefile/mage/sh"
)

// debianDir is where the Debian packages and SBOMs are made.
const debianDir = "dist-deb"

// Debian makes Debian packages for amd64 and arm64, with SBOMs (CycloneDX) of what is in them and of the Grafana app, and tries them:
// the one for this machine is installed, started by its units' commands, upgraded, removed and purged in a copy of this system.
func Debian() error {
	version, err := textOf("package.json", "version")
	if err != nil {
		return err
	}
	if err := os.RemoveAll(debianDir); err != nil {
		return err
	}
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	app := filepath.Join(root, debianDir, "throughline-app.cdx.json")
	if err := os.MkdirAll(debianDir, 0o755); err != nil {
		return err
	}
	if err := billOfApp(app); err != nil {
		return err
	}
	shells, err := completions(debianDir)
	if err != nil {
		return err
	}
	// The package of the next version is for the test alone.
	next := version + "+next"
	for _, arch := range []string{"amd64", "arm64"} {
		built := filepath.Join(root, debianDir, arch)
		if err := programsFor(arch, built); err != nil {
			return err
		}
		for _, v := range []string{version, next} {
			if v == next && arch != runtime.GOARCH {
				continue
			}
			file := filepath.Join(root, debianDir, "throughline_"+v+"_"+arch+".deb")
			says := map[string]string{"version": v, "architecture": arch, "built": built, "shells": shells}
			err := sh.RunWithV(says, "go", "run", "-C", "deploy/debian", "github.com/goreleaser/nfpm/v2/cmd/nfpm", "package", "--config", "package.yaml", "--packager", "deb", "--target", file)
			if err != nil {
				return err
			}
		}
	}
	err = sh.RunV("go", "run", "./test/debian", "-dir", debianDir, "-version", version, "-next", next, "-sbom", app)
	later, _ := filepath.Glob(filepath.Join(debianDir, "throughline_"+next+"_*.deb"))
	for _, f := range later {
		err = errors.Join(err, os.Remove(f))
	}
	return err
}

// programsFor builds what the package of an architecture has.
func programsFor(arch, dir string) error {
	env := map[string]string{"CGO_ENABLED": "0", "GOOS": "linux", "GOARCH": arch}
	for _, name := range []string{"throughline", "throughline-store"} {
		if err := sh.RunWithV(env, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", filepath.Join(dir, name), programs[name]); err != nil {
			return err
		}
	}
	program := filepath.Join(dir, "throughline")
	// What the program says it was built of is what is in it.
	return sh.RunV("go", "run", "-C", "deploy/debian", "github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod", "bin",
		"-json", "-std", "-noserial", "-notimestamp", "-output", program+".cdx.json", program)
}

// completions has the program, built for this machine, write those of shells, into a folder.
func completions(dir string) (folder string, err error) {
	if folder, err = filepath.Abs(filepath.Join(dir, "completions")); err != nil {
		return "", err
	}
	program := filepath.Join(folder, "throughline")
	if err := sh.RunV("go", "build", "-o", program, programs["throughline"]); err != nil {
		return "", err
	}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		text, err := sh.Output(program, "completion", shell)
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(program+"."+shell, []byte(text+"\n"), 0o644); err != nil {
			return "", err
		}
	}
	return folder, os.Remove(program)
}

// billOfApp writes the SBOM of the Grafana app's packages.
func billOfApp(file string) error {
	// Some packages of Grafana's do not know React 19 yet: npm would call that a fault of the tree.
	text, err := sh.Output("npm", "sbom", "--sbom-format", "cyclonedx", "--sbom-type", "application", "--omit", "dev", "--package-lock-only", "--legacy-peer-deps")
	if err != nil {
		return fmt.Errorf("SBOM of the app: %w", err)
	}
	return os.WriteFile(file, []byte(text+"\n"), 0o644)
}

// Upgrade has today's version follow that of a revision on the same data, and the other way round: docs/upgrade.md.
func Upgrade(revision string) error {
	mg.SerialDeps(Programs)
	dir, err := os.MkdirTemp("", "throughline-upgrade-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	source, built := filepath.Join(dir, "source"), filepath.Join(dir, "built")
	if err := sh.Run("git", "worktree", "add", "--detach", source, revision); err != nil {
		return err
	}
	defer sh.Run("git", "worktree", "remove", "--force", source)
	for _, name := range []string{"throughline", "throughline-store"} {
		if err := sh.RunWithV(map[string]string{"CGO_ENABLED": "0"}, "go", "build", "-C", source, "-o", filepath.Join(built, name), programs[name]); err != nil {
			return err
		}
	}
	return sh.RunV("go", "run", "./test/upgrade", "-old", built, "-new", "bin")
}
