package tlslib

import (
	"bytes"
	"debug/elf"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

func find(t *testing.T, path string) (Library, []Function, error) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return Find(f)
}

func count(functions []Function, role Role) (n int) {
	for _, f := range functions {
		if f.Role == role {
			n++
		}
	}
	return n
}

const goProgram = `package main

import "crypto/tls"

func main() {
	var c tls.Conn
	c.Read(nil)
	c.Write(nil)
}
`

// A Go program has them whether it was stripped or not, at the same places of the same code, and wherever it is loaded.
func TestGoPrograms(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	source := filepath.Join(dir, "main.go")
	if err := os.WriteFile(source, []byte(goProgram), 0o600); err != nil {
		t.Fatal(err)
	}
	var found [2][]Function
	for i, flags := range []string{"", "-s -w"} {
		exe := filepath.Join(dir, "program"+flags)
		cmd := exec.Command("go", "build", "-o", exe, "-ldflags="+flags, source)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		library, functions, err := find(t, exe)
		if err != nil || library != Go || count(functions, GoRead) != 1 || count(functions, GoWrite)+count(functions, GoSends) == 0 || len(functions) < 4 {
			t.Fatalf("%q: %s %+v, %v", flags, library, functions, err)
		}
		if Dear(functions) != (runtime.GOARCH != "amd64") {
			t.Errorf("%q: what calls cost: %+v", flags, functions)
		}
		slices.SortFunc(functions, func(a, b Function) int { return int(a.Offset) - int(b.Offset) })
		found[i] = functions
	}
	if !slices.Equal(found[0], found[1]) {
		t.Errorf("stripped:\n%+v\nnot:\n%+v", found[1], found[0])
	}
}

// On arm64 a function of Go begins by a look at the stack's limit, and returns by RET.
func TestReturnsOfARM64(t *testing.T) {
	t.Parallel()
	limit, ret, other := []byte{0x90, 0x0b, 0x40, 0xf9}, []byte{0xc0, 0x03, 0x5f, 0xd6}, []byte{0x1f, 0x20, 0x03, 0xd5}
	got, err := returns(elf.EM_AARCH64, slices.Concat(limit, other, ret, other, ret))
	if err != nil || !slices.Equal(got, []uint64{8, 16}) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := returns(elf.EM_AARCH64, slices.Concat(other, ret)); !errors.Is(err, errNotGo) {
		t.Errorf("another function: %v", err)
	}
}

// Node.js has OpenSSL within itself; a shared library has its own; a program that has none says so.
func TestOpenSSL(t *testing.T) {
	t.Parallel()
	libraries, _ := filepath.Glob("/usr/lib/*/libssl.so.*")
	node, err := exec.LookPath("node")
	if len(libraries) == 0 || err != nil {
		t.Fatal("no libssl or no node: install libssl3 and nodejs")
	}
	for _, path := range append(libraries, node) {
		library, functions, err := find(t, path)
		if err != nil || library != OpenSSL || count(functions, Read)+count(functions, ReadEx) == 0 || count(functions, Write)+count(functions, WriteEx)+count(functions, WriteEx2) == 0 || count(functions, Free) != 1 {
			t.Errorf("%s: %s %+v, %v", path, library, functions, err)
		}
	}
	if _, _, err := find(t, "/bin/sh"); !errors.Is(err, ErrNone) {
		t.Errorf("/bin/sh: %v", err)
	}
}

// Whatever a file is, what is not right is not found.
func FuzzFind(f *testing.F) {
	if libraries, _ := filepath.Glob("/usr/lib/*/libssl.so.*"); len(libraries) > 0 {
		if data, err := os.ReadFile(libraries[0]); err == nil {
			f.Add(data, uint32(64), uint64(0))
		}
	}
	f.Add([]byte("\x7fELF\x02\x01\x01"), uint32(4), uint64(9))
	f.Fuzz(func(t *testing.T, data []byte, at uint32, value uint64) {
		for i := range 8 {
			if int(at)+i < len(data) {
				data[int(at)+i] = byte(value >> (8 * i))
			}
		}
		_, functions, err := Find(bytes.NewReader(data))
		if err == nil && len(functions) == 0 {
			t.Error("nothing was found, and no error")
		}
	})
}
