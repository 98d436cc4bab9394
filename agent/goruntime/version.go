package goruntime

import (
	"debug/buildinfo"
	"fmt"
	"go/version"
	"io"
	"runtime/debug"
	"slices"
	"strings"
)

// newestKnown is the newest version that is in the table.
const newestKnown = "go1.26"

// Of is the layout of a Go program; ok is false if a program is not in Go. Of a newer version than we
// know, or one built from a source tree, the debug information is asked. The error says why a Go
// program's layout is not known. A program with the race detector runs goroutines in random order
// (randomizeScheduler in runtime/proc.go): of it only the goroutine's id is told.
func Of(exe io.ReaderAt, debugInformation func() (Layout, error)) (l Layout, ok bool, err error) {
	info, err := buildinfo.Read(exe)
	if err != nil {
		return Layout{}, false, nil // not Go
	}
	l, err = ofVersion(info.GoVersion, debugInformation)
	if slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		l = Layout{Goid: l.Goid}
	}
	return l, true, err
}

// ofVersion is the layout of a version of Go as the program names it.
func ofVersion(name string, debugInformation func() (Layout, error)) (Layout, error) {
	v, _, _ := strings.Cut(name, " ") // "go1.26.1 X:nodwarf5": with experiments
	if !version.IsValid(v) || version.Compare(version.Lang(v), newestKnown) > 0 {
		// To guess would be to take another field for the id, and to join what does not belong together.
		l, err := debugInformation()
		if err != nil {
			return Layout{}, fmt.Errorf("built by Go %q, which we do not know, and no debug information tells where goid lies: %w", name, err)
		}
		return l, nil
	}
	for _, known := range layouts {
		if version.Compare(v, known.since) >= 0 {
			return known.Layout, nil
		}
	}
	return Layout{}, fmt.Errorf("built by %s: goroutines are known from go1.17 on", v)
}
