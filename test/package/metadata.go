package archive

import (
	"encoding/json"
	"io/fs"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Forms of plugin.json's fields, as its schema has them.
var (
	idForm      = regexp.MustCompile(`^[0-9a-z]+-([0-9a-z]+-)?(app|panel|datasource)$`)
	dateForm    = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	versionForm = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$`)
	grafanaForm = regexp.MustCompile(`^(<=|>=|<|>|~|\^)\d+\.\d+\.\d+(-\d+)?( (<|<=)\d+\.\d+\.\d+)?$`)
)

// known are the fields of a plugin.json; its schema allows no others.
var known = []string{
	"$schema", "alerting", "annotations", "autoEnabled", "backend", "buildMode", "category", "dependencies", "docsPath", "executable",
	"extensions", "iam", "id", "includes", "info", "languages", "logs", "metrics", "multiValueFilterOperators", "name", "preload",
	"queryOptions", "roles", "routes", "skipDataQuery", "state", "streaming", "suggestions", "tracing", "type",
}

// fields: none is misspelt.
func fields(p *Plugin) {
	p.plugins(func(file string, _ *Metadata) {
		var all map[string]json.RawMessage
		if err := json.Unmarshal(p.read(file), &all); err != nil {
			p.found("metadatavalid", file, "%v", err)
		}
		for field := range all {
			if !slices.Contains(known, field) {
				p.found("metadatavalid", file, "no field of a plugin.json: %q", field)
			}
		}
	})
}

// required: each plugin.json has what the schema and the catalog want.
func required(p *Plugin) {
	p.plugins(func(file string, m *Metadata) {
		for field, value := range map[string]string{
			"type": m.Type, "name": m.Name, "id": m.ID, "info.version": m.Info.Version, "info.updated": m.Info.Updated,
			"info.author.name": m.Info.Author.Name, "dependencies.grafanaDependency": m.Dependencies.GrafanaDependency,
		} {
			switch {
			case strings.TrimSpace(value) == "":
				p.found("metadatavalid", file, "%s is missing", field)
			case strings.Contains(value, "%"):
				p.found("metadatavalid", file, "%s still has its placeholder: %s", field, value)
			}
		}
		if m.Info.Updated != "" && !dateForm.MatchString(m.Info.Updated) {
			p.found("metadatavalid", file, "info.updated %q is no date such as 2026-01-02", m.Info.Updated)
		}
		if m.Info.Description == "" {
			p.found("discoverability", file, "info.description is empty")
		}
		if len(m.Info.Keywords) == 0 {
			p.found("discoverability", file, "info.keywords are empty")
		}
	})
}

// identity: ids end with the type, names are for people, no two plugins have one id.
func identity(p *Plugin) {
	seen := map[string]string{}
	p.plugins(func(file string, m *Metadata) {
		switch {
		case !idForm.MatchString(m.ID):
			p.found("metadatavalid", file, "id %q: want <org>-<name>-<type> in lower case", m.ID)
		case !strings.HasSuffix(m.ID, "-"+m.Type):
			p.found("typesuffix", file, "id %q does not end with the plugin's type, %s", m.ID, m.Type)
		}
		if m.Name == m.ID || m.Name != strings.TrimSpace(m.Name) {
			p.found("pluginname", file, "name %q is not one for people", m.Name)
		}
		if other := seen[m.ID]; other != "" {
			p.found("nestedmetadata", file, "has the id of %s", other)
		}
		seen[m.ID] = file
	})
}

// addresses: links are addresses, and the app has some.
func addresses(p *Plugin) {
	if len(p.main().Info.Links) == 0 {
		p.found("metadatavalid", mainFile, "info.links: submission wants at least one")
	}
	p.plugins(func(file string, m *Metadata) {
		for _, l := range m.Info.Links {
			if u, err := url.Parse(l.URL); err != nil || u.Scheme != "https" || u.Host == "" {
				p.found("brokenlinks", file, "link %q: %q is no https address", l.Name, l.URL)
			}
		}
	})
}

// versions: those of all plugins are package.json's.
func versions(p *Plugin) {
	var pkg struct{ Version string }
	b, err := fs.ReadFile(p.Source, "package.json")
	if err == nil {
		err = json.Unmarshal(b, &pkg)
	}
	if err != nil {
		p.found("packagejson", "package.json", "cannot be read: %v", err)
		return
	}
	p.plugins(func(file string, m *Metadata) {
		if !versionForm.MatchString(m.Info.Version) {
			p.found("version", file, "%q is no semantic version", m.Info.Version)
		}
		if m.Info.Version != pkg.Version {
			p.found("packagejson", file, "version %s, but package.json has %s", m.Info.Version, pkg.Version)
		}
	})
}

// dependencies: a range of Grafana's versions, not a single one.
func dependencies(p *Plugin) {
	p.plugins(func(file string, m *Metadata) {
		if d := m.Dependencies.GrafanaDependency; d != "" && !grafanaForm.MatchString(d) {
			p.found("restrictivedep", file, "grafanaDependency %q: want a range such as >=12.3.0", d)
		}
		if d, outer := m.Dependencies.GrafanaDependency, p.main().Dependencies.GrafanaDependency; d != outer {
			p.found("grafanadependency", file, "grafanaDependency %q, but the app has %q", d, outer)
		}
	})
}
