package span

import (
	"encoding/json"
	"fmt"
)

// Rest is what OTLP sent of a span, its scope and its resource beside what the span's fields
// hold: enough to write the span as it was sent. Most of it is the same for all spans of a
// scope, so that a column of its texts costs next to nothing.
type Rest struct {
	Flags             uint32 `json:"flags,omitempty"`
	DroppedAttributes uint32 `json:"attributes,omitempty"`
	DroppedEvents     uint32 `json:"events,omitempty"`
	DroppedLinks      uint32 `json:"links,omitempty"`
	// Kind and Status are numbers that do not follow from the fields, such as OK of an HTTP
	// span whose code says it already.
	Kind   *int32 `json:"kind,omitempty"`
	Status *int32 `json:"status,omitempty"`
	// Message says whether a status message was sent, where that does not follow either.
	Message  *bool        `json:"message,omitempty"`
	End      *uint64      `json:"end,omitempty"` // Unix ns, of a span that ends before it starts
	Scope    RestScope    `json:"scope,omitzero"`
	Resource RestResource `json:"resource,omitzero"`
}

// RestScope is what else was sent of the instrumentation scope.
type RestScope struct {
	SchemaURL  string         `json:"schema_url,omitempty"`
	Dropped    uint32         `json:"dropped,omitempty"` // attributes
	Attributes attributeArray `json:"attributes,omitempty"`
}

// RestResource is what else was sent of the resource.
type RestResource struct {
	SchemaURL string      `json:"schema_url,omitempty"`
	Dropped   uint32      `json:"dropped,omitempty"` // attributes
	Entities  []EntityRef `json:"entities,omitempty"`
}

// EntityRef names the attributes of a resource that identify and describe an entity.
type EntityRef struct {
	SchemaURL       string   `json:"schema_url,omitempty"`
	Type            string   `json:"type,omitempty"`
	IDKeys          []string `json:"id_keys,omitempty"`
	DescriptionKeys []string `json:"description_keys,omitempty"`
}

// ReadRest reads a span's column Rest; nothing of an empty text.
func ReadRest(text string) (r Rest, err error) {
	if text == "" {
		return r, nil
	}
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return Rest{}, fmt.Errorf("rest of OTLP: %w", err)
	}
	return r, nil
}
