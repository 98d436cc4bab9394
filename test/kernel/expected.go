package main

import (
	"fmt"
	"strings"

	"github.com/throughline-io/throughline/agent/sys"
	"github.com/throughline-io/throughline/test/kernel/report"
)

// expected is the way to hook system calls that a kernel must take for a variant: the first one that needs no newer Linux.
// A lesser one works, too, and would hide that the kernel refuses what it should take.
func expected(variant, kernel string) string {
	for _, w := range sys.Ways() {
		name, _, _ := strings.Cut(w.Name, ",")
		if name == variant && !older(kernel, w.Linux) {
			return w.Name
		}
	}
	return ""
}

// older reports whether a kernel's release, such as 6.1.0-57-cloud-amd64, is before a version of Linux, such as 6.2.
func older(kernel, version string) bool {
	major, minor := numbers(kernel)
	wantMajor, wantMinor := numbers(version)
	return major < wantMajor || major == wantMajor && minor < wantMinor
}

func numbers(version string) (major, minor int) {
	_, _ = fmt.Sscanf(version, "%d.%d", &major, &minor) // what is no version is older than all
	return major, minor
}

// lesser says which hooks a kernel took instead of those that it must take; "" if it took them.
func lesser(run report.Run) string {
	want := expected(run.Variant, run.Kernel)
	if run.Hooks == want || run.Hooks == "" {
		return ""
	}
	return fmt.Sprintf("hooks in use are %q, and not %q: %s", run.Hooks, want, run.Refused)
}
