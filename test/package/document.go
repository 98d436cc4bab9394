package archive

import (
	"bytes"
	"path"
	"regexp"
	"strings"
)

var (
	link     = regexp.MustCompile(`\[.+?\]\((.+?)\)`)
	html     = regexp.MustCompile(`</[a-z]+>`)
	template = regexp.MustCompile(`^# Grafana (Panel|Data Source|Data Source Backend) Plugin Template`)
	generic  = regexp.MustCompile(`\[yyyy\]|\[name of copyright owner\]|\{name of copyright owner\}`)
)

// licenses are beginnings that the validator takes, in the form in which it is looked for.
var licenses = []string{
	"apache license version 2.0", "gnu affero general public license version 3", "gnu general public license version 3",
	"gnu lesser general public license version 3", "mit license", "redistribution and use in source and binary forms",
}

// documents: README, CHANGELOG and LICENSE are there and fit for the catalog.
func documents(p *Plugin) {
	readme := p.read("README.md")
	if len(bytes.TrimSpace(readme)) == 0 {
		p.found("readme", "README.md", "missing or empty")
	}
	for _, m := range link.FindAllSubmatch(readme, -1) {
		to := string(m[1])
		if !strings.HasPrefix(to, "#") && !strings.HasPrefix(to, "mailto:") && !strings.HasPrefix(to, "https://") && !strings.HasPrefix(to, "http://") {
			p.found("brokenlinks", "README.md", "link to %s: relative ones lead nowhere in the catalog", to)
		}
	}
	if html.Match(readme) {
		p.found("htmlreadme", "README.md", "HTML is not shown in the catalog")
	}
	if template.Match(readme) {
		p.found("templatereadme", "README.md", "is the template's")
	}
	for _, word := range []string{"yarn", "nodejs"} {
		if bytes.Contains(readme, []byte(word)) {
			p.found("jargon", "README.md", "%q is for developers, who have CONTRIBUTING.md", word)
		}
	}
	if changes := p.read("CHANGELOG.md"); len(bytes.TrimSpace(changes)) == 0 {
		p.found("changelog", "CHANGELOG.md", "missing or empty")
	} else if v := p.main().Info.Version; !bytes.Contains(changes, []byte("## "+v)) {
		p.found("changelog", "CHANGELOG.md", "says nothing of version %s (no heading \"## %s\")", v, v)
	}
	license := strings.ToLower(strings.Join(strings.Fields(string(p.read("LICENSE"))), " "))
	known := false
	for _, l := range licenses {
		known = known || strings.Contains(license[:min(len(license), 400)], l)
	}
	if !known {
		p.found("license", "LICENSE", "missing, or none of BSD, MIT, Apache 2.0, LGPL 3, GPL 3, AGPL 3")
	}
	if generic.MatchString(license) {
		p.found("license", "LICENSE", "the copyright's year and owner are still to be filled in")
	}
}

// debugFiles: files that only a backend run by hand leaves behind, and would be taken for one.
func debugFiles(p *Plugin) {
	for _, file := range p.paths {
		if base := path.Base(file); base == "standalone.txt" || base == "pid.txt" {
			p.found("backenddebug", file, "belongs to a backend that is debugged; Grafana would not start the plugin")
		}
	}
}
