package l7

import "slices"

func (d *http2Dialogue) place(id uint32) (int, bool) {
	n := len(d.streams)
	if n > 0 && d.streams[n-1].id < id { // the latest is nearly always asked for
		return n, false
	}
	return slices.BinarySearchFunc(d.streams, id, func(s http2Stream, id uint32) int { return int(s.id) - int(id) })
}

// stream is an open one; nil: it was not seen to begin, or is over.
func (d *http2Dialogue) stream(id uint32) *http2Stream {
	if i, ok := d.place(id); ok {
		return &d.streams[i]
	}
	return nil
}

// opens begins a stream. The first of too many is forgotten.
func (d *http2Dialogue) opens(id uint32) *http2Stream {
	i, ok := d.place(id)
	if !ok {
		if len(d.streams) >= http2MaxOpen {
			d.closes(d.streams[0].id)
			i = max(0, i-1)
		}
		d.streams = slices.Insert(d.streams, i, http2Stream{})
	}
	delete(d.websockets, id) // of one that had its number before
	d.streams[i] = http2Stream{id: id}
	return &d.streams[i]
}

func (d *http2Dialogue) closes(id uint32) {
	if i, ok := d.place(id); ok {
		d.streams = slices.Delete(d.streams, i, i+1)
	}
	delete(d.websockets, id)
}

func (st *http2Stream) messages(request bool) *grpcMessages {
	if request {
		return &st.requests
	}
	return &st.answers
}
