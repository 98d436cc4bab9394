package bpf

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The committed objects are what the C says: compiling it again gives the same bytes.
func TestGenerateGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"clang-14", "llvm-strip-14"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("no %s: install clang-14 and llvm-14", tool)
		}
	}
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)^//go:generate go (.*) -cflags "(.*)" (.*)$`).FindAllSubmatch(doc, -1)
	dir := t.TempDir()
	for _, line := range lines {
		args := append(strings.Fields(string(line[1])), "-output-dir", dir, "-cflags", string(line[2]))
		cmd := exec.Command("go", append(args, strings.Fields(string(line[3]))...)...)
		cmd.Env = append(os.Environ(), "GOPACKAGE=bpf")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	made, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(lines) != 2 || len(made) != 4*len(lines) {
		t.Fatalf("made %v, %v; want an object and Go for each of two processors, of two programs", made, err)
	}
	for _, path := range made {
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Base(path))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs from what is committed (%v): run go generate ./bpf", filepath.Base(path), err)
		}
	}
}

// Both processors' objects have the same programs, and the event has no holes: user space
// reads it in place.
func TestObjectsAgree(t *testing.T) {
	t.Parallel()
	objects, err := filepath.Glob("sockio_*_bpfel.go")
	if err != nil || len(objects) != 2 {
		t.Fatalf("%v, %v: want one for each of two processors", objects, err)
	}
	var one []byte
	for i, path := range objects {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, decl, found := bytes.Cut(text, []byte("type SockioEvent struct {"))
		decl, _, _ = bytes.Cut(decl, []byte("}"))
		if !found || bytes.Count(decl, []byte(" _ ")) > 0 && bytes.Contains(decl, []byte("]byte")) {
			t.Errorf("%s: struct event has holes:\n%s", path, decl)
		}
		if i == 0 {
			one = decl
		} else if !bytes.Equal(one, decl) {
			t.Errorf("%s has another struct event:\n%s\nwant\n%s", path, decl, one)
		}
	}
}
