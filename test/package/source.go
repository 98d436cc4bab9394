package archive

import (
	"bytes"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// tools: the build is create-plugin's and the SDK's.
func tools(p *Plugin) {
	for file, want := range map[string]string{
		".config/webpack/webpack.config.ts": "@grafana/create-plugin",
		"Magefile.go":                       "grafana-plugin-sdk-go/build",
	} {
		if b, err := fs.ReadFile(p.Source, file); err != nil || !bytes.Contains(b, []byte(want)) {
			p.found("buildtools", file, "missing, or without %s", want)
		}
	}
}

var (
	sdkRequired = regexp.MustCompile(`(?m)^\s*(require )?github\.com/grafana/grafana-plugin-sdk-go v\d`)
	sdkReplaced = regexp.MustCompile(`(?m)^\s*(replace )?github\.com/grafana/grafana-plugin-sdk-go( v\S+)? =>`)
)

// sdk: the backend uses Grafana's SDK and no fork of it.
func sdk(p *Plugin) {
	b, err := fs.ReadFile(p.Source, "go.mod")
	switch {
	case err != nil:
		p.found("sdkusage", "go.mod", "%v", err)
	case !sdkRequired.Match(b):
		p.found("sdkusage", "go.mod", "grafana-plugin-sdk-go is not required")
	case sdkReplaced.Match(b):
		p.found("sdkusage", "go.mod", "grafana-plugin-sdk-go is replaced")
	}
}

// logging: the front end does not write to the console.
func logging(p *Plugin) {
	err := fs.WalkDir(p.Source, "src", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !d.Type().IsRegular() {
			return err
		}
		if ext := path.Ext(name); ext != ".ts" && ext != ".tsx" || strings.Contains(path.Base(name), ".test.") {
			return nil
		}
		b, err := fs.ReadFile(p.Source, name)
		if err == nil && bytes.Contains(b, []byte("console.log(")) {
			p.found("code-rules", name, "console.log")
		}
		return err
	})
	if err != nil {
		p.found("code-rules", "src", "%v", err)
	}
}
