package skywalking

import (
	"bytes"
	"strconv"
)

// conventions are SkyWalking's tags by OpenTelemetry's names of today; the others keep theirs.
var conventions = map[string]string{
	"http.method": "http.request.method",
	"db.instance": "db.namespace", "db.statement": "db.query.text",
	"cache.cmd": "db.operation.name",
	"mq.topic":  "messaging.destination.name", "mq.queue": "messaging.destination.name",
}

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
	as, known := conventions[string(key)]
	if !known {
		as = string(key)
	}
	t.Attribute(otelAttributes, as, value)
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
