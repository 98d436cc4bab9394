package main

import (
	"archive/tar"
	"bytes"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// modes are the files of a package that users rely on.
var modes = map[string]int64{
	"usr/bin/throughline": 0o755, "usr/bin/throughline-store": 0o755,
	"usr/lib/systemd/system/throughline-agent.service": 0o644, "usr/lib/systemd/system/throughline-agent.socket": 0o644, "usr/lib/systemd/system/throughline-server.service": 0o644,
	"etc/throughline/agent.env": 0o600, "etc/throughline/server.env": 0o600, // tokens come here
	"usr/share/bash-completion/completions/throughline": 0o644, "usr/share/doc/throughline/copyright": 0o644, "usr/share/doc/throughline/upgrade.md": 0o644,
	"usr/share/doc/throughline/throughline.cdx.json": 0o644,
}

var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// check looks at what is in a package: the files and whose they are, programs of the architecture that need no library, the
// SBOM of them.
func (c *candidate) check(architecture string) error {
	file := c.file(c.version, architecture)
	control, err := exec.Command("dpkg-deb", "--field", file, "Package", "Version", "Architecture", "Maintainer", "Section", "Description").Output()
	if err != nil {
		return err
	}
	for _, want := range []string{"Package: throughline\n", "Version: " + c.version + "\n", "Architecture: " + architecture + "\n"} {
		if !strings.Contains(string(control), want) {
			return fmt.Errorf("its control says\n%s, want %q", control, want)
		}
	}
	cmd := exec.Command("dpkg-deb", "--fsys-tarfile", file)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := checkFiles(tar.NewReader(out), machines[architecture]); err != nil {
		_, _ = cmd.Process.Kill(), cmd.Wait() // what it would say is that it was killed
		return err
	}
	return cmd.Wait()
}

func checkFiles(t *tar.Reader, machine elf.Machine) error {
	missing := map[string]bool{}
	for name := range modes {
		missing[name] = true
	}
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(h.Name, "./"), "/")
		if h.Uid != 0 || h.Gid != 0 || h.Mode&0o7022 != 0 {
			return fmt.Errorf("%s is of %d:%d, mode %o", name, h.Uid, h.Gid, h.Mode)
		}
		if mode, ok := modes[name]; ok && h.Mode&0o777 != mode {
			return fmt.Errorf("%s has mode %o, want %o", name, h.Mode, mode)
		}
		delete(missing, name)
		switch {
		case strings.HasPrefix(name, "usr/bin/") && h.Typeflag == tar.TypeReg:
			err = checkProgram(t, machine, name == "usr/bin/throughline")
		case strings.HasSuffix(name, ".cdx.json"):
			err = checkBill(t, "pkg:golang/github.com/cilium/ebpf@", "pkg:golang/k8s.io/client-go@")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	for name := range missing {
		return fmt.Errorf("there is no %s", name)
	}
	return nil
}

// checkProgram looks whether a program is of a machine and, where it is to be static, needs neither an interpreter nor a library. The
// store's needs libc: it loads the library of the engine.
func checkProgram(r io.Reader, machine elf.Machine, static bool) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	f, err := elf.NewFile(bytes.NewReader(text))
	if err != nil {
		return err
	}
	if f.Machine != machine {
		return fmt.Errorf("it is for %v, want %v", f.Machine, machine)
	}
	for _, p := range f.Progs {
		if static && p.Type == elf.PT_INTERP {
			return errors.New("it is not static")
		}
	}
	return nil
}

// checkBill looks whether an SBOM is one of CycloneDX's and names what there surely is, each by the beginning of its package URL.
func checkBill(r io.Reader, names ...string) error {
	var bill struct {
		BOMFormat, SpecVersion string
		Components             []struct{ Purl, Version string }
	}
	if err := json.NewDecoder(r).Decode(&bill); err != nil {
		return err
	}
	if bill.BOMFormat != "CycloneDX" {
		return fmt.Errorf("it is no SBOM of CycloneDX's: %q", bill.BOMFormat)
	}
next:
	for _, name := range names {
		for _, c := range bill.Components {
			if c.Version == "" {
				return fmt.Errorf("%s has no version", c.Purl)
			}
			if strings.HasPrefix(c.Purl, name) {
				continue next
			}
		}
		return fmt.Errorf("none of %d components is %s", len(bill.Components), name)
	}
	return nil
}

func checkBillOfApp(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := checkBill(f, "pkg:npm/%40grafana/scenes@", "pkg:npm/react@", "pkg:npm/rxjs@"); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
