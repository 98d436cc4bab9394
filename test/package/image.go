package archive

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// imageTypes are the extensions a picture of a type may have.
var imageTypes = map[string][]string{
	"image/png": {".png"}, "image/jpeg": {".jpg", ".jpeg"}, "image/gif": {".gif"}, "image/svg+xml": {".svg"},
}

// logos: each plugin has a small and a large one.
func logos(p *Plugin) {
	p.plugins(func(file string, m *Metadata) {
		for size, name := range map[string]string{"small": m.Info.Logos.Small, "large": m.Info.Logos.Large} {
			if strings.TrimSpace(name) == "" {
				p.found("logos", file, "no %s logo", size)
				continue
			}
			p.image("logos", file, name)
		}
	})
}

// screenshots: the app has some.
func screenshots(p *Plugin) {
	if len(p.main().Info.Screenshots) == 0 {
		p.found("screenshots", mainFile, "none; the catalog shows them")
	}
	p.plugins(func(file string, m *Metadata) {
		for _, s := range m.Info.Screenshots {
			if strings.TrimSpace(s.Name) == "" {
				p.found("screenshots", file, "screenshot %s has no name", s.Path)
			}
			p.image("screenshots", file, s.Path)
		}
	})
}

// image checks a picture that a plugin.json names.
func (p *Plugin) image(rule, file, name string) {
	if u, err := url.Parse(name); err != nil || u.IsAbs() || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "/") {
		p.found("metadatapaths", file, "%q: want a path relative to plugin.json that begins with neither . nor /", name)
		return
	}
	b := p.read(beside(file, name))
	if b == nil {
		p.found("metadatapaths", file, "there is no %s", name)
		return
	}
	is := http.DetectContentType(b)
	if bytes.Contains(b[:min(len(b), 1024)], []byte("<svg")) {
		is = "image/svg+xml"
	}
	for _, extension := range imageTypes[is] {
		if strings.EqualFold(path.Ext(name), extension) {
			return
		}
	}
	p.found(rule, beside(file, name), "its content is %s", is)
}

// drawings: no SVG can run anything or fetch anything.
func drawings(p *Plugin) {
	for _, file := range p.paths {
		if path.Ext(file) == ".svg" {
			if why := unsafe(p.read(file)); why != "" {
				p.found("unsafesvg", file, "%s", why)
			}
		}
	}
}

// unsafe says what in an SVG could run or fetch something, "" if nothing.
func unsafe(svg []byte) string {
	d := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return ""
		}
		if err != nil {
			return "no XML: " + err.Error()
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch strings.ToLower(element.Name.Local) {
		case "script", "foreignobject", "iframe", "object", "embed", "handler":
			return "element " + element.Name.Local
		}
		for _, a := range element.Attr {
			name, value := strings.ToLower(a.Name.Local), strings.ToLower(strings.TrimSpace(a.Value))
			switch {
			case strings.HasPrefix(name, "on"):
				return "attribute " + a.Name.Local
			case name == "href" && !strings.HasPrefix(value, "#") && !strings.HasPrefix(value, "data:image/"):
				return "a link to " + a.Value
			case strings.Contains(value, "javascript:"):
				return "a script in attribute " + a.Name.Local
			}
		}
	}
}
