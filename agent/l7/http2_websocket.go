package l7

import "github.com/throughline-io/throughline/pkg/span"

// WebSocket over HTTP/2 (RFC 8441): a stream that is asked for by CONNECT with a protocol, and answered well, carries what a
// connection of HTTP/1.1 does behind an answer 101. Its frames are cut anywhere by those of HTTP/2.

// http2Websocket is what a stream goes on in.
type http2Websocket struct {
	websocketDialogue
	asked, answered websocketStream
}

// websocketStream is where a side is in its frames.
type websocketStream struct {
	kept []byte // of a header, or of a frame that ends the connection: not complete
	left uint64 // of a payload that is passed
}

const maxWebsocketHead = 14 // bytes of a header

// asksWebsocket reports whether a request's header asks for it.
func (h *http2Head) asksWebsocket() bool {
	return string(h.method) == "CONNECT" && string(h.protocol) == "websocket"
}

// answersWebsocket turns a stream whose request f has been answered well to what it asked for.
func (d *http2Dialogue) answersWebsocket(st *http2Stream, h *http2Head, f *Fields) {
	if !st.connects || f.Code < 200 || f.Code >= 300 {
		return
	}
	if d.websockets == nil {
		d.websockets = map[uint32]*http2Websocket{}
	}
	d.websockets[st.id] = &http2Websocket{websocketDialogue: *newWebsocket(f, h.subprotocol)}
}

// TellOf says what a stream has come to that lasts beyond its answer; closed: its connection is over.
func (d *http2Dialogue) TellOf(key uint64, f *Fields, closed bool) {
	if w := d.websockets[uint32(key)]; w != nil && f.Protocol == WebSocket.Name {
		w.Tell(f, closed)
	}
}

func (w *http2Websocket) stream(request bool) *websocketStream {
	if request {
		return &w.asked
	}
	return &w.answered
}

// Missed says that bytes of a side were not seen.
func (w *http2Websocket) Missed(request bool) {
	w.websocketDialogue.Missed(request)
	*w.stream(request) = websocketStream{}
}

// read reads more of what a side says; missing bytes behind it were not captured.
func (w *http2Websocket) read(data []byte, missing int, request bool) {
	s, in := w.side(request), w.stream(request)
	for len(data) > 0 && !s.closed {
		if in.left > 0 {
			n := min(in.left, uint64(len(data)))
			in.left, data = in.left-n, data[n:]
			continue
		}
		if s.lost && !alignedWebsocket(data, missing, request) {
			return
		}
		s.lost = false
		have, before := data, len(in.kept)
		if before > 0 {
			have = append(in.kept, data[:min(len(data), maxWebsocketHead+maxWebsocketControl)]...)
		}
		f, state := readWebsocketFrame(have, request)
		whole := uint64(f.head)
		if f.opcode == websocketClose {
			whole += f.size // its payload is read
		}
		switch {
		case state == Bad:
			w.Missed(request)
			return
		case state == More, uint64(len(have)) < whole:
			in.kept, data = append(in.kept[:0], have...), nil
			continue
		}
		w.counts(&f, request)
		if f.opcode == websocketClose {
			s.closes(&f, have[f.head:whole])
		} else {
			in.left = f.size
		}
		in.kept, data = in.kept[:0], data[whole-uint64(before):]
	}
	switch passed := uint64(missing); {
	case missing == 0, s.closed:
	case passed <= in.left && len(in.kept) == 0:
		in.left -= passed
	default:
		w.Missed(request)
	}
}

// resets says what a stream has come to that is reset: where a side has said that it ends, that is no failure.
func (w *http2Websocket) resets(f *Fields) {
	ended := w.first != closedByNobody
	if ended {
		f.Status, f.StatusMessage = span.StatusOK, ""
	}
	w.Tell(f, !ended)
}
