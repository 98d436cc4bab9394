package otlp

import "errors"

// What a span, an event, a link, a resource or a scope may have. A few bytes on the wire can stand
// for many in memory: an empty event for 45, a control character for six. What lies beyond is left
// out and counted as OpenTelemetry's SDKs count what they leave out: in the dropped counts.
const (
	maxAttributes = 1024
	maxEvents     = 1024
	maxLinks      = 1024
	// maxText is the bytes of a span's attributes; the same again of its events, and of its links.
	maxText = 1 << 20
	// maxScopeText is the bytes of a scope's attributes, or of what else a resource says of itself:
	// each row whose rest differs from the one before repeats them.
	maxScopeText = 8 << 10
)

// errLong says that a value would become larger than maxText.
var errLong = errors.New("a value is too long")

// cut counts what the limits left out of a span.
type cut struct{ attributes, events, links uint32 }

// cuts are those of a request.
type cuts struct{ attributes, events, links uint64 }

func (c *cuts) add(of cut) {
	c.attributes += uint64(of.attributes)
	c.events += uint64(of.events)
	c.links += uint64(of.links)
}

// attributeFits reports whether the row may have one more attribute, of so many bytes.
func (d *Decoder) attributeFits(bytes int) bool {
	a, r := &d.batch.Attributes, &d.row
	return len(a.Keys)-r.pairs < maxAttributes && len(a.Values.Data)-r.mark.Bytes()+bytes <= maxText
}

// rowRoom is about what a decoder keeps of a row beside the batch.
const rowRoom = 64

// Size is about how many bytes of memory hold what was read so far.
func (d *Decoder) Size() int {
	return d.batch.Size() + d.resourcesSize + len(d.rests)*rowRoom +
		cap(d.row.events) + cap(d.row.links) + cap(d.row.arena) + cap(d.nested) + cap(d.pairs)
}

// step is how much memory is asked for at a time, at least.
const step = 64 << 10

// Ask makes the decoder ask for the memory that a request's rows take, a step at a time, before it
// takes more. An error of room ends the request with this error.
func (d *Decoder) Ask(room func(bytes int) error) { d.room = room }

// grown asks for what was taken since it was asked last.
func (d *Decoder) grown() error {
	size := d.Size()
	if d.room == nil || size < d.asked {
		return nil
	}
	more := size - d.asked + step
	d.asked += more
	return d.room(more)
}
