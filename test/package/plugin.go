package archive

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Plugin is a built plugin with its nested ones.
type Plugin struct {
	Files  fs.FS // what is installed: plugin.json at the top
	Source fs.FS // the repository it was built from

	// Release asks for what only an archive has: executables for all platforms with the
	// permissions they must have, and the manifest of Go files.
	Release bool
	// Exact asks that scripts and manifest are of Source as it is now.
	Exact bool

	paths    []string             // of Files, in order
	metadata map[string]*Metadata // by the path of the plugin.json
	settings func(executable []byte) (map[string]string, error)
	findings []Finding
}

// Metadata is what the rules need of a plugin.json.
type Metadata struct {
	Type       string
	Name       string
	ID         string
	Backend    bool
	Alerting   bool
	Executable string
	Info       struct {
		Description string
		Keywords    []string
		Author      struct{ Name string }
		Logos       struct{ Small, Large string }
		Links       []struct{ Name, URL string }
		Screenshots []struct{ Name, Path string }
		Version     string
		Updated     string
	}
	Includes     []Include
	Dependencies struct{ GrafanaDependency string }
}

// Include is something that comes with a plugin.
type Include struct {
	Type, Name, Path, UID, Role string
}

// Finding is one breach of a rule.
type Finding struct {
	Rule, Path, Message string
}

func (f Finding) String() string { return fmt.Sprintf("%s: %s: %s", f.Rule, f.Path, f.Message) }

// mainFile is the plugin.json of the plugin that the others are nested in.
const mainFile = "plugin.json"

// rules are all that are checked. Each says what is wrong by p.found.
var rules = []func(*Plugin){
	documents, debugFiles,
	fields, required, identity, addresses, versions, dependencies,
	nested, pages,
	logos, screenshots, drawings,
	executables, manifest,
	modules, sourceMaps, scripts,
	tools, sdk, logging,
}

// Check is what is wrong with the plugin.
func Check(p *Plugin) ([]Finding, error) {
	if p.settings == nil {
		p.settings = buildSettings
	}
	p.findings, p.paths, p.metadata = nil, nil, map[string]*Metadata{}
	err := fs.WalkDir(p.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			p.paths = append(p.paths, name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, name := range p.named(mainFile) {
		b, err := fs.ReadFile(p.Files, name)
		if err != nil {
			return nil, err
		}
		m := &Metadata{}
		if err := json.Unmarshal(b, m); err != nil {
			p.found("metadata", name, "not JSON as it should be: %v", err)
			continue
		}
		p.metadata[name] = m
	}
	if p.metadata[mainFile] == nil {
		p.found("metadata", mainFile, "missing, or not to be read")
		return p.findings, nil
	}
	for _, rule := range rules {
		rule(p)
	}
	return p.findings, nil
}

func (p *Plugin) found(rule, path, format string, args ...any) {
	p.findings = append(p.findings, Finding{rule, path, fmt.Sprintf(format, args...)})
}

// main is the outermost plugin's metadata.
func (p *Plugin) main() *Metadata { return p.metadata[mainFile] }

// plugins calls f for each plugin.json, the outermost first.
func (p *Plugin) plugins(f func(file string, m *Metadata)) {
	for _, name := range p.named(mainFile) {
		if m := p.metadata[name]; m != nil {
			f(name, m)
		}
	}
}

// named are the paths of the files with a name, those higher up first.
func (p *Plugin) named(name string) (found []string) {
	for depth := 0; depth < 3; depth++ {
		for _, file := range p.paths {
			if path.Base(file) == name && strings.Count(file, "/") == depth {
				found = append(found, file)
			}
		}
	}
	return found
}

// read is a file's content; nil where it cannot be read.
func (p *Plugin) read(name string) []byte {
	b, err := fs.ReadFile(p.Files, name)
	if err != nil {
		return nil
	}
	return b
}

// beside is a path that a plugin.json names, relative to the outermost one.
func beside(file, name string) string { return path.Join(path.Dir(file), name) }

// buildSettings is how a Go executable was built.
func buildSettings(executable []byte) (map[string]string, error) {
	info, err := buildinfo.Read(bytes.NewReader(executable))
	if err != nil {
		return nil, err
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	return settings, nil
}
