package archive

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

const svg = `<svg xmlns="http://www.w3.org/2000/svg"><rect width="1" height="1"/></svg>`

// sound is a small app with a data source and a panel that breaks no rule.
func sound() (files, source fstest.MapFS) {
	meta := func(kind, id, more string) string {
		return `{"type":"` + kind + `","name":"Acme ` + kind + `","id":"` + id + `",` + more + `
			"info":{"description":"d","keywords":["k"],"author":{"name":"Acme"},"logos":{"small":"img/logo.svg","large":"img/logo.svg"},
			"links":[{"name":"Source","url":"https://example.com/acme"}],"screenshots":[{"name":"One","path":"img/one.svg"}],
			"version":"1.2.3","updated":"2026-01-02"},
			"dependencies":{"grafanaDependency":">=12.3.0-0"}}`
	}
	includes := `"includes":[{"type":"datasource","name":"D","path":"datasource/plugin.json"},{"type":"panel","name":"P","path":"panel/plugin.json"},
		{"type":"dashboard","name":"B","path":"dashboards/b.json","uid":"b"},{"type":"page","name":"B","path":"d/b","role":"Viewer"},
		{"type":"page","name":"A","path":"/a/acme-app/first"}],`
	sourceMap := `{"sources":["webpack://acme-app/./module.ts"],"sourcesContent":["export {}"]}`
	contents := map[string]string{
		"plugin.json": meta("app", "acme-app", includes), "datasource/plugin.json": meta("datasource", "acme-datasource", `"backend":true,"executable":"gpx_acme",`),
		"panel/plugin.json": meta("panel", "acme-panel", ""),
		"README.md":         "# Acme\n\n[docs](https://example.com)", "CHANGELOG.md": "# Changelog\n\n## 1.2.3\n\nFirst.",
		"LICENSE":           "Apache License\n Version 2.0, January 2004\n Copyright 2026 Acme",
		"dashboards/b.json": `{"id":null,"uid":"b"}`, "go_plugin_build_manifest": strings.Repeat("0", 64) + ":pkg/main.go\n",
	}
	for _, dir := range []string{"", "datasource/", "panel/"} {
		contents[dir+"module.js"], contents[dir+"module.js.map"] = `define(["react"],function(){})`, sourceMap
		contents[dir+"img/logo.svg"], contents[dir+"img/one.svg"] = svg, svg
	}
	files = fstest.MapFS{}
	for name, content := range contents {
		files[name] = &fstest.MapFile{Data: []byte(content), Mode: 0o644}
	}
	for _, platform := range Platforms {
		files["datasource/gpx_acme_"+platform] = &fstest.MapFile{Data: []byte(platform), Mode: 0o755}
	}
	source = fstest.MapFS{
		"package.json": {Data: []byte(`{"version":"1.2.3"}`)}, "Magefile.go": {Data: []byte("grafana-plugin-sdk-go/build")},
		".config/webpack/webpack.config.ts": {Data: []byte("@grafana/create-plugin")},
		"go.mod":                            {Data: []byte("require (\n\tgithub.com/grafana/grafana-plugin-sdk-go v0.298.0\n)\n")},
		"src/module.ts":                     {Data: []byte("export {}")}, "pkg/README.md": {},
	}
	return files, source
}

// built stands in for the settings in an executable, which here has its platform as content.
func built(executable []byte) (map[string]string, error) {
	goos, goarch, _ := strings.Cut(strings.TrimSuffix(string(executable), ".exe"), "_")
	return map[string]string{"GOOS": goos, "GOARCH": goarch, "CGO_ENABLED": "0", "-tags": "arrow_json_stdlib"}, nil
}

func TestSoundPluginBreaksNoRule(t *testing.T) {
	t.Parallel()
	files, source := sound()
	check(t, &Plugin{Files: files, Source: source, Release: true, Exact: true, settings: built})
}

// Each rule finds what it is there for.
func TestRules(t *testing.T) {
	t.Parallel()
	replace := func(file, old, new string) func(files, source fstest.MapFS) {
		return func(files, source fstest.MapFS) {
			for _, in := range []fstest.MapFS{files, source} {
				if f := in[file]; f != nil {
					in[file] = &fstest.MapFile{Data: bytes.ReplaceAll(f.Data, []byte(old), []byte(new)), Mode: f.Mode}
				}
			}
		}
	}
	remove := func(file string) func(files, source fstest.MapFS) {
		return func(files, source fstest.MapFS) { delete(files, file); delete(source, file) }
	}
	add := func(file, content string, mode fs.FileMode) func(files, source fstest.MapFS) {
		return func(files, _ fstest.MapFS) { files[file] = &fstest.MapFile{Data: []byte(content), Mode: mode} }
	}
	for _, c := range []struct {
		what, rule string
		do         func(files, source fstest.MapFS)
	}{
		{"no metadata", "metadata", remove("plugin.json")},
		{"metadata is no JSON", "metadata", replace("panel/plugin.json", "}", "")},
		{"no README", "readme", remove("README.md")},
		{"relative link", "brokenlinks", replace("README.md", "https://example.com", "docs/a.md")},
		{"HTML", "htmlreadme", replace("README.md", "docs", "<b>docs</b>")},
		{"README of the template", "templatereadme", replace("README.md", "# Acme", "# Grafana Panel Plugin Template")},
		{"jargon", "jargon", replace("README.md", "# Acme", "# yarn build")},
		{"no changelog", "changelog", remove("CHANGELOG.md")},
		{"changelog of another version", "changelog", replace("CHANGELOG.md", "1.2.3", "1.2.2")},
		{"no licence", "license", remove("LICENSE")},
		{"unknown licence", "license", replace("LICENSE", "Apache", "Secret")},
		{"licence not filled in", "license", replace("LICENSE", "2026 Acme", "[yyyy] [name of copyright owner]")},
		{"debug file", "backenddebug", add("datasource/standalone.txt", "127.0.0.1:1", 0o644)},
		{"misspelt field", "metadatavalid", replace("datasource/plugin.json", `"backend"`, `"backand"`)},
		{"no version", "metadatavalid", replace("plugin.json", "1.2.3", "")},
		{"placeholder", "metadatavalid", replace("plugin.json", "2026-01-02", "%TODAY%")},
		{"no description", "discoverability", replace("panel/plugin.json", `"description":"d"`, `"description":""`)},
		{"no keywords", "discoverability", replace("panel/plugin.json", `["k"]`, `[]`)},
		{"id in capitals", "metadatavalid", replace("plugin.json", "acme-app", "Acme-app")},
		{"id of another type", "typesuffix", replace("panel/plugin.json", "acme-panel", "acme-panel-app")},
		{"one id twice", "nestedmetadata", replace("panel/plugin.json", "acme-panel", "acme-datasource")},
		{"name is the id", "pluginname", replace("panel/plugin.json", "Acme panel", "acme-panel")},
		{"link without TLS", "brokenlinks", replace("plugin.json", "https://example.com", "http://example.com")},
		{"other version than package.json", "packagejson", replace("package.json", "1.2.3", "1.2.4")},
		{"version is none", "version", replace("plugin.json", "1.2.3", "v1")},
		{"one version of Grafana", "restrictivedep", replace("plugin.json", ">=12.3.0-0", "12.3.0")},
		{"nested plugin not declared", "includesnested", replace("plugin.json", `"panel/plugin.json"`, `"pane/plugin.json"`)},
		{"nested plugin of another type", "includesnested", replace("plugin.json", `{"type":"panel"`, `{"type":"datasource"`)},
		{"nested in a data source", "includesnested", replace("plugin.json", `"type":"app"`, `"type":"datasource"`)},
		{"nested plugin not there", "includesnested", remove("panel/plugin.json")},
		{"dashboard not there", "includes", remove("dashboards/b.json")},
		{"dashboard with another uid", "includes", replace("dashboards/b.json", `"b"`, `"c"`)},
		{"dashboard with an id", "includes", replace("dashboards/b.json", `null`, `7`)},
		{"page leads nowhere", "includes", replace("plugin.json", "/a/acme-app/first", "/a/other-app/first")},
		{"logo not there", "metadatapaths", remove("panel/img/logo.svg")},
		{"logo's path", "metadatapaths", replace("panel/plugin.json", `"img/logo.svg"`, `"./img/logo.svg"`)},
		{"no logo", "logos", replace("panel/plugin.json", `"small":"img/logo.svg"`, `"small":""`)},
		{"no screenshots", "screenshots", replace("plugin.json", `{"name":"One","path":"img/one.svg"}`, "")},
		{"screenshot of another type", "screenshots", replace("img/one.svg", svg, "\x89PNG\x0D\x0A\x1A\x0A")},
		{"script in a drawing", "unsafesvg", replace("img/one.svg", "<rect", "<script/><rect")},
		{"handler in a drawing", "unsafesvg", replace("img/one.svg", "<rect", `<rect onload="x()"`)},
		{"backend without executable", "backendbinary", replace("datasource/plugin.json", `"executable":"gpx_acme",`, "")},
		{"executable without backend", "backendbinary", replace("datasource/plugin.json", `"backend":true,`, "")},
		{"a platform is missing", "backendbinary", remove("datasource/gpx_acme_windows_amd64.exe")},
		{"executable of an unknown platform", "backendbinary", add("datasource/gpx_acme_plan9_mips", "x", 0o755)},
		{"executable cannot be run", "binarypermissions", add("datasource/gpx_acme_linux_amd64", "linux_amd64", 0o644)},
		{"executable open to all", "binarypermissions", add("datasource/gpx_acme_linux_amd64", "linux_amd64", 0o777)},
		{"executable of another platform", "gobuildinfo", add("datasource/gpx_acme_linux_amd64", "darwin_arm64", 0o755)},
		{"no manifest", "go-manifest", remove("go_plugin_build_manifest")},
		{"manifest of other files", "go-manifest", func(_, source fstest.MapFS) { source["pkg/main.go"] = &fstest.MapFile{Data: []byte("package main")} }},
		{"no module", "modulejs", remove("panel/module.js")},
		{"module is no AMD", "modulejs", replace("panel/module.js", "define", "export")},
		{"no source map", "jsMap", remove("panel/module.js.map")},
		{"source map of another plugin", "jsMap", replace("panel/module.js.map", "acme-app", "acme-panel")},
		{"source has gone on", "jsMap", replace("src/module.ts", "{}", "{ }")},
		{"tracking", "trackingscripts", replace("module.js", "react", "https://mixpanel.com")},
		{"Angular", "legacyplatform", replace("module.js", "react", "PanelCtrl")},
		{"console.log in a script", "code-rules", replace("module.js", "function(){}", "function(){console.log(1)}")},
		{"console.log in the source", "code-rules", replace("src/module.ts", "export {}", "console.log(1)")},
		{"build without the SDK", "buildtools", replace("Magefile.go", "grafana", "other")},
		{"no SDK", "sdkusage", replace("go.mod", "grafana-plugin-sdk-go", "x")},
		{"fork of the SDK", "sdkusage", replace("go.mod", "require (", "replace github.com/grafana/grafana-plugin-sdk-go => ../fork\nrequire (")},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			files, source := sound()
			c.do(files, source)
			findings, err := Check(&Plugin{Files: files, Source: source, Release: true, Exact: true, settings: built})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range findings {
				if f.Rule == c.rule {
					return
				}
			}
			t.Errorf("rule %s is silent; findings: %v", c.rule, findings)
		})
	}
}

// An archive has one folder, named after the plugin.
func TestLayoutOfZip(t *testing.T) {
	t.Parallel()
	for names, want := range map[string]string{
		"acme-app/plugin.json acme-app/img/logo.svg": "",
		"":                     "archive: empty",
		"plugin.json":          "archive: plugin.json is not in the folder acme-app",
		"acme-app/a dist/b":    "archive: dist/b is not in the folder acme-app",
		"acme-app/../etc/cron": `archive: "acme-app/../etc/cron" is no path to unpack`,
	} {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, name := range strings.Fields(names) {
			if _, err := w.Create(name); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if z == nil {
			t.Fatal(err)
		}
		_, err = layout(z, "acme-app")
		if got := message(err); got != want {
			t.Errorf("%q: %s, want %s", names, got, want)
		}
	}
	if _, _, err := OpenZip("acme-app.zip", "acme-app", "1.0.0"); message(err) != "archivename: acme-app.zip should be acme-app-1.0.0.zip" {
		t.Error(err)
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// The fixture is what it says: JSON where it must be.
func TestFixture(t *testing.T) {
	t.Parallel()
	files, _ := sound()
	for name, f := range files {
		if strings.HasSuffix(name, ".json") && !json.Valid(f.Data) {
			t.Errorf("%s: %s", name, f.Data)
		}
	}
}
