// Package l7 knows the application protocols: how one is told by its bytes, where its
// messages begin and end, and what they say. System calls and packets are parsed by the
// same code, so that both see the same sessions.
//
// The parsers never need a whole message. They take the bytes from a message's start as
// far as they were captured, and say how far to go on without looking.
package l7
