package otlp

import "github.com/throughline-io/throughline/pkg/span"

// walkResource reads a Resource: its attributes, and which of them are an entity's.
func (d *Decoder) walkResource(b []byte) (*resource, error) {
	var attributes []span.Attribute
	var dropped uint32
	bytes := 0
	var entities []span.EntityRef
	for at := 0; at < len(b); {
		tag, p, n, next := field(b, at)
		if next < 0 {
			return nil, errProto
		}
		at = next
		switch tag {
		case 2<<3 | varint: // dropped_attributes_count
			dropped = uint32(n)
		case 1<<3 | length: // attributes
			key, v, err := d.keyValue(p)
			if err != nil {
				return nil, err
			}
			if err := d.flatten(&v); err != nil {
				return nil, err
			}
			text := d.attributeText(&v)
			if bytes += len(key) + len(text); v.kind == valueLong || len(attributes) >= maxAttributes || bytes > maxText {
				dropped++
				continue
			}
			attributes = append(attributes, span.Attribute{Key: string(key), Value: string(text), Type: attributeTypes[v.kind]})
		case 3<<3 | length: // entity_refs
			ref, err := d.walkEntityRef(p)
			if err != nil {
				return nil, err
			}
			entities = append(entities, ref)
		}
	}
	return newResource(attributes, dropped, entities), nil
}

// walkEntityRef reads which of the resource's attributes are an entity's.
func (d *Decoder) walkEntityRef(b []byte) (ref span.EntityRef, err error) {
	for at := 0; at < len(b); {
		tag, p, _, next := field(b, at)
		if next < 0 {
			return ref, errProto
		}
		at = next
		if tag&7 != length || tag>>3 > 4 {
			continue
		}
		p = d.text(p)
		switch tag >> 3 {
		case 1:
			ref.SchemaURL = string(p)
		case 2:
			ref.Type = string(p)
		case 3:
			ref.IDKeys = append(ref.IDKeys, string(p))
		case 4:
			ref.DescriptionKeys = append(ref.DescriptionKeys, string(p))
		}
	}
	return ref, nil
}
