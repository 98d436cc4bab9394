package archive

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Platforms are those that an archive has a backend for, as executables are named.
var Platforms = []string{"linux_amd64", "linux_arm64", "windows_amd64.exe", "darwin_amd64", "darwin_arm64"}

// wantMode are the permissions that the validator asks of an executable.
const wantMode = fs.FileMode(0o755)

// executables: declared where there is a backend, there for the platforms, to be run, and
// built for what their names say.
func executables(p *Plugin) {
	p.plugins(func(file string, m *Metadata) {
		switch {
		case m.Alerting && !m.Backend:
			p.found("backendbinary", file, "alerting without backend")
		case m.Executable != "" && !m.Backend:
			p.found("backendbinary", file, "executable without backend")
		case m.Executable == "" && m.Backend:
			p.found("backendbinary", file, "backend without executable")
		}
		if m.Executable == "" {
			return
		}
		base := beside(file, m.Executable)
		var have []string
		for _, name := range p.paths {
			platform, ok := strings.CutPrefix(name, base+"_")
			if !ok {
				continue
			}
			if !slices.Contains(Platforms, platform) {
				p.found("backendbinary", name, "no platform that Grafana looks for")
				continue
			}
			have = append(have, platform)
			p.executable(name, platform)
		}
		if len(have) == 0 {
			p.found("binarypermissions", file, "executable %s is there for no platform", m.Executable)
		}
		if p.Release {
			for _, platform := range Platforms {
				if !slices.Contains(have, platform) {
					p.found("backendbinary", file, "no executable for %s", platform)
				}
			}
		}
	})
}

// executable checks one of them.
func (p *Plugin) executable(name, platform string) {
	info, err := fs.Stat(p.Files, name)
	if err != nil {
		p.found("binarypermissions", name, "%v", err)
		return
	}
	if mode := info.Mode().Perm(); p.Release && mode != wantMode {
		p.found("binarypermissions", name, "permissions %o, want %o", mode, wantMode)
	} else if mode&0o100 == 0 && path.Ext(name) != ".exe" {
		p.found("binarypermissions", name, "permissions %o: it cannot be run", mode)
	}
	settings, err := p.settings(p.read(name))
	if err != nil {
		p.found("gobuildinfo", name, "not built by Go: %v", err)
		return
	}
	goos, goarch, _ := strings.Cut(strings.TrimSuffix(platform, ".exe"), "_")
	for key, want := range map[string]string{"GOOS": goos, "GOARCH": goarch, "CGO_ENABLED": "0", "-tags": "arrow_json_stdlib"} {
		if settings[key] != want {
			p.found("gobuildinfo", name, "built with %s=%q, want %q", key, settings[key], want)
		}
	}
}

// manifestFile lists the Go files that the backend was built from.
const manifestFile = "go_plugin_build_manifest"

var manifestLine = regexp.MustCompile(`^([0-9a-f]{64}):([^:]+\.go)$`)

// manifest: names all Go files of the plugin as they are in the source.
func manifest(p *Plugin) {
	b := p.read(manifestFile)
	if b == nil {
		if p.Release {
			p.found("go-manifest", manifestFile, "missing")
		}
		return
	}
	listed := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(b))
	for lines.Scan() {
		m := manifestLine.FindStringSubmatch(lines.Text())
		if m == nil {
			p.found("go-manifest", manifestFile, "line %q: want sha256:path", lines.Text())
			return
		}
		listed[m[2]] = m[1]
	}
	if !p.Exact {
		return
	}
	err := fs.WalkDir(p.Source, "pkg", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".go" {
			return err
		}
		b, err := fs.ReadFile(p.Source, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(b)
		if listed[name] != hex.EncodeToString(sum[:]) {
			p.found("go-manifest", manifestFile, "does not have %s as it is in the source", name)
		}
		return nil
	})
	if err != nil {
		p.found("go-manifest", "pkg", "%v", err)
	}
}
