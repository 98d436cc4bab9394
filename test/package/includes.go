package archive

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
)

// nested: only an app has nested plugins, and it declares each with its type and path.
func nested(p *Plugin) {
	app := p.main()
	p.plugins(func(file string, m *Metadata) {
		if file == mainFile {
			return
		}
		if app.Type != "app" {
			p.found("includesnested", file, "nested in a plugin that is no app but a %s", app.Type)
		}
		i := slices.IndexFunc(app.Includes, func(i Include) bool { return i.Path == file })
		switch {
		case i < 0:
			p.found("includesnested", file, "not in the app's includes")
		case app.Includes[i].Type != m.Type:
			p.found("includesnested", file, "is a %s, but a %q in the app's includes", m.Type, app.Includes[i].Type)
		}
	})
	for file := range p.metadata {
		if strings.Count(file, "/") > 1 {
			p.found("includesnested", file, "nested deeper than one folder")
		}
	}
}

// pages: what is included is there, and pages lead to it.
func pages(p *Plugin) {
	app := p.main()
	uids := map[string]bool{}
	for _, i := range app.Includes {
		switch i.Type {
		case "dashboard":
			var d struct {
				UID string
				ID  *int
			}
			b := p.read(i.Path)
			if b == nil {
				p.found("includes", mainFile, "%s %q: there is no %s", i.Type, i.Name, i.Path)
				continue
			}
			if err := json.Unmarshal(b, &d); err != nil {
				p.found("includes", i.Path, "no JSON: %v", err)
				continue
			}
			if i.UID != "" && d.UID != i.UID {
				p.found("includes", i.Path, "uid %q, but %q in plugin.json", d.UID, i.UID)
			}
			if d.ID != nil {
				p.found("includes", i.Path, "has id %d, which belongs to one Grafana: want null", *d.ID)
			}
			uids[d.UID] = true
		case "datasource", "panel":
			if p.metadata[i.Path] == nil {
				p.found("includesnested", mainFile, "%s %q: there is no %s", i.Type, i.Name, i.Path)
			}
		case "page":
		default:
			p.found("metadatavalid", mainFile, "include %q has type %q", i.Name, i.Type)
		}
		if !slices.Contains([]string{"", "Viewer", "Editor", "Admin", "None"}, i.Role) {
			p.found("metadatavalid", mainFile, "include %q has role %q", i.Name, i.Role)
		}
	}
	for _, i := range app.Includes {
		if i.Type != "page" {
			continue
		}
		to := strings.Split(strings.Trim(path.Clean("/"+i.Path), "/"), "/")
		switch {
		case len(to) >= 2 && to[0] == "d" && uids[to[1]]:
		case len(to) >= 2 && to[0] == "a" && to[1] == app.ID:
		case len(to) >= 2 && to[0] == "plugins" && to[1] == app.ID:
		default:
			p.found("includes", mainFile, "page %q leads to %s, which is no page or dashboard of this app", i.Name, i.Path)
		}
	}
}
