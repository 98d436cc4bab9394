//go:build mage

package main

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/magefile/mage/sh"

	sdk "github.com/grafana/grafana-plugin-sdk-go/build"
)

// packageDir is where the archive is made.
const packageDir = "dist-zip"

// Package makes the app's archive, dist-zip/throughline-app-VERSION.zip, with backends for
// all platforms, and checks it by the rules of Grafana's plugin validator.
func Package() error {
	id, err := textOf("plugin.json", "id")
	if err != nil {
		return err
	}
	version, err := textOf("package.json", "version")
	if err != nil {
		return err
	}
	// From nothing: what an earlier build left behind must not be shipped.
	if err := errors.Join(os.RemoveAll("dist"), os.RemoveAll(packageDir)); err != nil {
		return err
	}
	if err := Plugin(); err != nil {
		return err
	}
	root := filepath.Join(packageDir, id)
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	if err := os.CopyFS(root, withoutBackends{os.DirFS("dist")}); err != nil {
		return err
	}
	if err := backends(root); err != nil {
		return err
	}
	file := filepath.Join(packageDir, id+"-"+version+".zip")
	if err := pack(file, packageDir, id); err != nil {
		return errors.Join(err, os.Remove(file))
	}
	if err := sh.RunV("go", "test", "-count=1", "./test/package", "-release"); err != nil {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %.1f MB\n", file, float64(info.Size())/1e6)
	return os.RemoveAll(root)
}

// backends builds the backend for each platform with Grafana's tools, which also write the
// manifest of Go files.
func backends(root string) error {
	err := sdk.SetBeforeBuildCallback(func(c sdk.Config) (sdk.Config, error) {
		c.OutputBinaryPath = root
		return c, nil
	})
	if err != nil {
		return err
	}
	var b sdk.Build
	for _, build := range []func() error{b.Linux, b.LinuxARM64, b.Windows, b.Darwin, b.DarwinARM64} {
		if err := build(); err != nil {
			return err
		}
	}
	// The tools give it the permissions of a program.
	return os.Chmod(filepath.Join(root, "go_plugin_build_manifest"), 0o644)
}

// withoutBackends hides executables: those of dist are for this machine only.
type withoutBackends struct{ fs.FS }

func (w withoutBackends) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(w.FS, name)
	var kept []fs.DirEntry
	for _, e := range all {
		if !strings.HasPrefix(e.Name(), "gpx_") {
			kept = append(kept, e)
		}
	}
	return kept, err
}

// pack zips a folder of dir. Executables may be run by all, whatever the umask was here.
func pack(file, dir, folder string) error {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer out.Close() // again, where something fails
	z := zip.NewWriter(out)
	now := time.Now()
	err = fs.WalkDir(os.DirFS(dir), folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: now}
		header.SetMode(0o644)
		if strings.HasPrefix(d.Name(), "gpx_") {
			header.SetMode(0o755)
		}
		to, err := z.CreateHeader(header)
		if err != nil {
			return err
		}
		from, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		defer from.Close()
		_, err = io.Copy(to, from)
		return err
	})
	return errors.Join(err, z.Close(), out.Close())
}

// textOf is a field of a JSON file's outermost object.
func textOf(file, field string) (string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	var all map[string]any
	if err := json.Unmarshal(b, &all); err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	text, ok := all[field].(string)
	if !ok || text == "" {
		return "", fmt.Errorf("%s has no %s", file, field)
	}
	return text, nil
}
