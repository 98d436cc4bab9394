package archive

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// modules: each plugin has a module.js, which is AMD.
func modules(p *Plugin) {
	p.plugins(func(file string, _ *Metadata) {
		name := beside(file, "module.js")
		switch b := p.read(name); {
		case len(b) == 0:
			p.found("modulejs", name, "missing or empty")
		case !bytes.Contains(b, []byte("define(")):
			p.found("modulejs", name, "is no AMD module: Grafana cannot load it")
		}
	})
}

// sourceMaps: each module.js has one, of this app, of this source.
func sourceMaps(p *Plugin) {
	namespace := "webpack://" + p.main().ID + "/"
	for _, module := range p.named("module.js") {
		name := module + ".map"
		b := p.read(name)
		if b == nil {
			p.found("jsMap", name, "missing")
			continue
		}
		var m struct {
			Sources        []string
			SourcesContent []string
		}
		if err := json.Unmarshal(b, &m); err != nil {
			p.found("jsMap", name, "no source map: %v", err)
			continue
		}
		if len(m.SourcesContent) != len(m.Sources) {
			p.found("jsMap", name, "%d sources, but the content of %d", len(m.Sources), len(m.SourcesContent))
			continue
		}
		for i, source := range m.Sources {
			file, ours := strings.CutPrefix(source, namespace)
			if !ours {
				p.found("jsMap", name, "source %s is not in the app's namespace %s", source, namespace)
				break
			}
			file, ours = strings.CutPrefix(file, "./")
			if !p.Exact || !ours || strings.Contains(file, "node_modules") {
				continue
			}
			if is, err := fs.ReadFile(p.Source, path.Join("src", file)); err != nil || string(is) != m.SourcesContent[i] {
				p.found("jsMap", name, "%s is not as in src: built from another state of the source", file)
			}
		}
	}
}

// trackers and legacy are what no script may contain.
var (
	trackers = []string{"https://www.google-analytics.com", "https://api-js.mixpanel.com", "https://mixpanel.com"}
	legacy   = []*regexp.Regexp{
		regexp.MustCompile(`PanelCtrl|QueryCtrl|app/plugins/sdk|angular\.isNumber\(|editor\.html|ctrl\.annotation|getLegacyAngularInjector|System\.register\(`),
		regexp.MustCompile(`['"](app/core/utils/promiseToDigest|app/plugins/|app/core/core_module)`),
		regexp.MustCompile(`from\s+['"]grafana/app/`),
	}
)

// scripts: nothing that tracks, is of the old platform, or talks to the console.
func scripts(p *Plugin) {
	for _, file := range p.paths {
		if path.Ext(file) != ".js" {
			continue
		}
		b := p.read(file)
		for _, t := range trackers {
			if bytes.Contains(b, []byte(t)) {
				p.found("trackingscripts", file, "contains %s", t)
			}
		}
		for _, l := range legacy {
			if at := l.Find(b); at != nil {
				p.found("legacyplatform", file, "contains %s", at)
			}
		}
		if bytes.Contains(b, []byte("console.log(")) {
			p.found("code-rules", file, "contains console.log")
		}
	}
}
