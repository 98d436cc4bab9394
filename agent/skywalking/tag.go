package skywalking

import (
	"bytes"
	"strconv"

	"github.com/throughline-io/throughline/pkg/otlp"
)

// tag writes a tag as an attribute.
func (t *Translator) tag(s *spanObject, b []byte) error {
	key, value, err := pair(b)
	if err != nil || len(key) == 0 {
		return err
	}
	switch string(key) {
	case "url", "http.url":
		t.url(value)
		return nil
	case "status_code", "http.status_code", "http.status.code":
		if n, err := strconv.ParseInt(string(value), 10, 32); err == nil {
			t.Integer(otelAttributes, "http.response.status_code", n)
			return nil
		}
	case "db.type", "cache.type":
		if name := bytes.ToLower(value); string(name) != "sql" { // which says nothing: the component does
			s.systems = true
			t.Attribute(otelAttributes, "db.system.name", name)
			return nil
		}
	}
	t.Attribute(otelAttributes, otlp.SkyWalkingTag(string(key)), value)
	return nil
}

// url writes a URL, or the path alone, which is what some servers have.
func (t *Translator) url(v []byte) {
	if len(v) == 0 || v[0] != '/' {
		t.Attribute(otelAttributes, "url.full", v)
		return
	}
	path, query, asked := bytes.Cut(v, []byte("?"))
	t.Attribute(otelAttributes, "url.path", path)
	if asked {
		t.Attribute(otelAttributes, "url.query", query)
	}
}
