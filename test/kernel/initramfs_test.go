package main

import (
	"bufio"
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// The archive is one that cpio reads; names and contents of any length keep their places.
func TestArchiveIsReadByCpio(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("cpio"); err != nil {
		t.Fatal("install Debian's package cpio")
	}
	var b bytes.Buffer
	a := &archive{to: bufio.NewWriter(&b)}
	want := []string{"d", "d/a", "d/bc", "d/def"}
	if err := a.entry("d", directory, 0, nil); err != nil {
		t.Fatal(err)
	}
	for i, name := range want[1:] {
		if err := a.entry(name, executable, i, strings.NewReader("xyz")); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.entry("TRAILER!!!", 0, 0, nil); err != nil {
		t.Fatal(err)
	}
	if err := a.to.Flush(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("cpio", "-it", "--quiet")
	cmd.Stdin = &b
	out, err := cmd.Output()
	if got := strings.Fields(string(out)); err != nil || strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("cpio reads %q, %v; want %q", got, err, want)
	}
}
