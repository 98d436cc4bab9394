package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/throughline-io/throughline/cmd/throughline-store/libchdb"
)

// The npm package that carries the library, as package.json pins it.
const (
	packageVersion = "26.7.3-stable.1"
	packagePath    = "node_modules/@chdb/lib-linux-x64-gnu/libchdb.so"
	systemPath     = "/usr/lib/throughline/libchdb.so"
)

// findLibrary looks for libchdb.so: the flag, THROUGHLINE_LIBCHDB, node_modules in the
// working directory and above the executable, /usr/lib/throughline.
func findLibrary(flag string) (string, error) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return "", libchdb.Load("")
	}
	for _, named := range []string{flag, os.Getenv("THROUGHLINE_LIBCHDB")} {
		if named == "" {
			continue
		}
		if _, err := os.Stat(named); err != nil {
			return "", fmt.Errorf("%w: %w", libchdb.ErrUnsupported, err)
		}
		return filepath.Abs(named)
	}
	candidates := []string{packagePath}
	if exe, err := os.Executable(); err == nil {
		for dir := filepath.Dir(exe); ; dir = filepath.Dir(dir) {
			candidates = append(candidates, filepath.Join(dir, packagePath))
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	for _, c := range append(candidates, systemPath) {
		if _, err := os.Stat(c); err == nil {
			return filepath.Abs(c)
		}
	}
	return "", fmt.Errorf("%w: libchdb.so was not found; install it with `npm install @chdb/lib-linux-x64-gnu@%s`, or name it by --lib or THROUGHLINE_LIBCHDB",
		libchdb.ErrUnsupported, packageVersion)
}
