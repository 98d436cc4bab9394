// Command debian tries the Debian packages that `go tool mage debian` made. Of each it looks at what is in it; the one for this
// machine it installs into a copy of this system (an overlay, in namespaces of its own), starts both programs by their units'
// commands, installs the next version over it, removes and purges it, and looks what is left.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

func main() {
	c := &candidate{}
	flag.StringVar(&c.dir, "dir", "dist-deb", "folder of the packages")
	flag.StringVar(&c.version, "version", "", "of the packages")
	flag.StringVar(&c.next, "next", "", "version of those that are installed over them")
	sbom := flag.String("sbom", "", "SBOM of the Grafana app")
	inside := flag.String("inside", "", "folder for the copy of this system; only this program gives it to itself")
	flag.Parse()
	err := error(nil)
	if *inside != "" {
		err = c.live(*inside)
	} else {
		err = c.try(*sbom)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "debian:", err)
		os.Exit(1)
	}
}

// candidate is the packages of one version.
type candidate struct{ dir, version, next string }

func (c *candidate) file(version, architecture string) string {
	return filepath.Join(c.dir, "throughline_"+version+"_"+architecture+".deb")
}

// try looks into all packages, and has this program go on in namespaces.
func (c *candidate) try(sbom string) error {
	if err := checkBillOfApp(sbom); err != nil {
		return err
	}
	for _, architecture := range []string{"amd64", "arm64"} {
		if err := c.check(architecture); err != nil {
			return fmt.Errorf("%s: %w", c.file(c.version, architecture), err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "throughline-deb-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, append(os.Args[1:], "-inside", dir)...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	runtime.LockOSThread() // Pdeathsig is of the thread
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC, Pdeathsig: syscall.SIGKILL}
	return cmd.Run()
}

// live takes the package of this machine from its installation to its end. It is the first process of its namespaces.
func (c *candidate) live(dir string) error {
	s, err := newSystem(dir)
	if err != nil {
		return fmt.Errorf("copy of this system: %w", err)
	}
	was, err := s.changes()
	if err != nil {
		return err
	}
	for _, step := range []struct {
		name string
		run  func() error
	}{
		{"installed", func() error { return s.install(c.file(c.version, runtime.GOARCH)) }},
		{"units are whole", s.verifyUnits},
		{"started by its units' commands", s.start},
		{"the next version keeps settings that were changed", func() error { return s.upgrade(c.file(c.next, runtime.GOARCH), c.next) }},
		{"removed: settings and spans stay", s.remove},
		{"purged: nothing stays", func() error { return s.purge(was) }},
	} {
		began := time.Now()
		if err := step.run(); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		fmt.Printf("%s (%.1f s)\n", step.name, time.Since(began).Seconds())
	}
	return nil
}
