package hostd

import (
	"path"
	"slices"
	"strings"
)

// navLink is an entry of the menu, as the page's boot data has it.
type navLink struct {
	ID       string    `json:"id,omitempty"`
	Text     string    `json:"text"`
	URL      string    `json:"url"`
	Children []navLink `json:"children,omitempty"`
}

// navTree is the menu as Grafana makes it of the apps that are on: a page's path is put behind
// the sub path as it is written, a dashboard's is made of its uid. An app's name leads to its
// default page. Whether a dashboard is there is not asked.
func (h *Host) navTree() []navLink {
	tree := []navLink{}
	for id, p := range h.plugins {
		if p.manifest.Type != "app" || !h.enabled(p) {
			continue
		}
		app := navLink{ID: "plugin-page-" + id, Text: p.manifest.Name, URL: h.opts.SubPath + "/a/" + id}
		for _, include := range p.manifest.Includes {
			if !include.AddToNav {
				continue
			}
			switch {
			case include.Type == "page":
				url := h.opts.SubPath + strings.ReplaceAll(include.Path, "%PLUGIN_ID%", id)
				if include.DefaultNav {
					app.URL = url
				}
				app.Children = append(app.Children, navLink{Text: include.Name, URL: url})
			case include.Type == "dashboard" && include.UID != "":
				app.Children = append(app.Children, navLink{Text: include.Name, URL: path.Join(h.opts.SubPath, "/d", include.UID)})
			}
		}
		if len(app.Children) == 0 {
			continue
		}
		app.Children = slices.DeleteFunc(app.Children, func(l navLink) bool { return l.URL == app.URL })
		tree = append(tree, app)
	}
	slices.SortFunc(tree, func(a, b navLink) int { return strings.Compare(a.Text, b.Text) })
	return tree
}
