package otlp

import (
	"net/http"
	"time"
)

// Times and sizes of a connection. Exporters give up after 10 s; who keeps its connection may come
// back after a while. What HTTP/2 holds of a stream before it is read is not in the room.
const (
	headerTime = 10 * time.Second
	bodyTime   = 15 * time.Second
	idleTime   = 5 * time.Minute

	maxHeader  = 1 << 16
	maxStreams = 100
	window     = 64 << 10
	frame      = 16 << 10
)

// Server makes a server for all ways in which OTLP comes: HTTP/1.1, HTTP/2 and gRPC, on any listener.
func (r *Receiver) Server() *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler: r, Protocols: protocols, ReadHeaderTimeout: headerTime, ReadTimeout: bodyTime, IdleTimeout: idleTime, MaxHeaderBytes: maxHeader,
		HTTP2: &http.HTTP2Config{MaxConcurrentStreams: maxStreams, MaxReadFrameSize: frame, MaxReceiveBufferPerStream: window, MaxReceiveBufferPerConnection: 2 * window},
	}
}
