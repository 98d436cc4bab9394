package sys

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/throughline-io/throughline/agent/tlslib"
)

// Whoever looks at what is seen of TLS is told which libraries have their programs pay dearly for it: of Debian 12 GnuTLS, whose
// receiving function begins by taking room on the stack, and returns by more than one way.
func TestDearLibrariesAreTold(t *testing.T) {
	t.Parallel()
	var libraries []string
	for _, name := range []string{"libgnutls", "libssl"} {
		found, _ := filepath.Glob("/usr/lib/*/" + name + ".so.*")
		if len(found) == 0 {
			t.Fatalf("no %s: install libgnutls30 and libssl3", name)
		}
		libraries = append(libraries, found[0])
	}
	b := newBed(t)
	s := b.capture(Auto, inTLS)
	for _, path := range libraries {
		copied := filepath.Join(t.TempDir(), filepath.Base(path)) // not the one that others have probes on
		data, err := os.ReadFile(path)
		if err != nil || os.WriteFile(copied, data, 0o755) != nil {
			t.Fatal(err)
		}
		f, err := os.Open(copied)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		_, functions, err := tlslib.Find(f)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		p := newTLSProbes(s.capture.tls.programs, new(atomic.Uint64), func(msg string, args ...any) { t.Error(msg, args) })
		defer p.Close()
		if f, err := p.probe(mapped{copied, path}); err != nil || f.refused != nil {
			t.Fatalf("%s: %v, %v", path, err, f.refused)
		}
		is := tlslib.Dear(functions)
		if told := p.Attached(); len(told) != 1 || !strings.Contains(told[0], path) || strings.Contains(told[0], "dear") != is || p.dear.Load() != map[bool]uint64{true: 1}[is] {
			t.Errorf("%q, and %d counted, of %+v", told, p.dear.Load(), functions)
		}
	}
}

// Where the kernel does not tell which goroutine makes a system call, a program in Go is said not to be seen.
func TestGoWithoutGoroutinesIsNotSeen(t *testing.T) {
	t.Parallel()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	said := ""
	p := newTLSProbes(&tlsPrograms{}, new(atomic.Uint64), func(_ string, args ...any) { said = fmt.Sprint(args...) })
	defer p.Close()
	if f, err := p.probe(mapped{path, path}); err != nil || !errors.Is(f.refused, errNoGoroutines) || !strings.Contains(said, "Linux 5.15") || len(p.Attached()) > 0 {
		t.Errorf("%v, %+v, said %q, attached %v", err, f, said, p.Attached())
	}
}
